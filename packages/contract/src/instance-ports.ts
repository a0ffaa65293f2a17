/** What of a port of the catalog decides which number an instance has. */
interface NumberedPort {
  readonly port: number;
  readonly step: number;
}

interface DeclaredPort extends NumberedPort {
  readonly protocol: string;
  readonly address: string;
}

/** The port of an instance. */
export function instancePort({ port, step }: NumberedPort, instance: number): number {
  return port + (instance - 1) * step;
}

/**
 * Ports that an instance cannot have, for there is none of that number or another instance has it: the place in `ports`,
 * and what was expected.
 */
export function portFaults({
  ports,
  instances,
}: {
  readonly ports: readonly DeclaredPort[];
  readonly instances: { readonly max: number };
}): [index: number, message: string][] {
  const faults: [number, string][] = [];
  const holders = new Map<string, string>();
  for (const [index, port] of ports.entries()) {
    const last = instancePort(port, instances.max);
    if (last > 65_535) {
      faults.push([
        index,
        `expected a port for each of ${instances.max} instances, up to 65535, got ${last}`,
      ]);
      continue;
    }
    // More are refused already, but not yet when this is asked.
    for (let id = 1; id <= Math.min(instances.max, 65_535); id += 1) {
      const number = instancePort(port, id);
      const key = `${port.address} ${number}/${port.protocol}`;
      const holder = holders.get(key);
      if (holder === undefined) holders.set(key, `instance ${id}`);
      else {
        faults.push([index, `expected a port of its own for each instance, got ${number} for ${holder} too`]);
        break;
      }
    }
  }
  return faults;
}
