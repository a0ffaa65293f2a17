import type { ProbeTarget } from '@rovi/conductor';

/** The number of a port that the catalog gives by number or by the name of one of the service's own. Throws where there is none. */
export function portOf(port: number | string, target: ProbeTarget): number {
  if (typeof port === 'number') return port;
  const own = Object.hasOwn(target.ports, port) ? target.ports[port] : undefined;
  if (own === undefined) throw new Error(`${target.service} has no port named "${port}"`);
  return own;
}

/** `host:port` as people write it. */
export function whereOf(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
