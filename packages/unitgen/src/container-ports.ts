import { instancePort } from '@rovi/contract';
import type { ServiceEntry, ServicePort } from '@rovi/contract';

/** The variable that tells a program its port: by the port's name, else by its place in the list, from 1. */
export function portVariable({ name }: Pick<ServicePort, 'name'>, index: number): string {
  return `ROVI_PORT_${name === undefined ? String(index + 1) : name.toUpperCase()}`;
}

/** The ports of the robot that an instance listens at: `ROVI_PORT`, the first, and one {@link portVariable} each. */
export function portVariables(
  { ports }: Pick<ServiceEntry, 'ports'>,
  instance: number,
): [name: string, value: string][] {
  const each = ports.map((port, index): [string, string] => [
    portVariable(port, index),
    String(instancePort(port, instance)),
  ]);
  const [first] = each;
  return first === undefined ? [] : [['ROVI_PORT', first[1]], ...each];
}

/** The ports of a container, as words of a command line that systemd reads. */
export interface ContainerPorts {
  /** For `--publish`: address, port of the robot, port in the container, protocol. */
  readonly published: readonly string[];
  /** Variables for the program in the container, with the port that it is to listen at. */
  readonly variables: readonly (readonly [string, string])[];
}

/**
 * With a network of its `own` each instance listens at the same port inside, and only what is published differs; on the
 * robot's, the `host`, nothing is published. A template's ports of the robot are variables of its instances' units.
 */
export function containerPorts(
  service: Pick<ServiceEntry, 'ports' | 'instances'>,
  network: 'host' | 'none' | 'own',
): ContainerPorts {
  const ports = service.ports.map((port, index) => {
    const variable = portVariable(port, index);
    const outside = service.instances.max > 1 ? `\${${variable}}` : String(port.port);
    const inside = network === 'host' ? outside : String(port.container ?? port.port);
    const address = port.address.includes(':') ? `[${port.address}]` : port.address;
    return { variable, inside, published: `${address}:${outside}:${inside}/${port.protocol}` };
  });
  return {
    published: network === 'own' ? ports.map(({ published }) => published) : [],
    variables: [
      ...ports.slice(0, 1).map(({ inside }) => ['ROVI_PORT', inside] as const),
      ...ports.map(({ variable, inside }) => [variable, inside] as const),
    ],
  };
}
