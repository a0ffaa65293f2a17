/** Where the system bus listens when nothing else is said. */
export const DEFAULT_SYSTEM_BUS = 'unix:path=/run/dbus/system_bus_socket';

/**
 * The first Unix socket of a D-Bus address list, in the spelling that makes dbus-next use Node's own sockets: for
 * `unix:path=` it would load the native `usocket` where that happens to be built, whose end is reported differently.
 * Throws where the list has no `unix:path=` entry.
 */
export function socketAddress(address: string): string {
  for (const entry of address.split(';')) {
    const [family, parameters = ''] = splitOnce(entry, ':');
    if (family !== 'unix') continue;
    for (const parameter of parameters.split(',')) {
      const [key, value = ''] = splitOnce(parameter, '=');
      if (key === 'path' && value !== '') return `unix:socket=${decodeURIComponent(value)}`;
    }
  }
  throw new Error(`the bus address "${address}" names no unix:path= socket`);
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
