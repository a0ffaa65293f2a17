import process from 'node:process';
import { UnixSocketTransport, WebTransport, type Transport } from '@rovi/client';
import { canAsk } from '../ask.js';
import { readAuthorities, readToken } from './credentials.js';
import { HostTransport } from './host-transport.js';
import { homePath, type Host } from './inventory.js';
import { SshTransport } from './ssh-transport.js';

/**
 * The way to a host's gateway. Over ssh it stands when this resolves; else nothing is connected before the first call.
 * Rejects with `host-credentials`, `host-untrusted` or `host-unreachable`.
 *
 * @param options.mayAsk whether ssh may ask whoever is at the terminal; default: where there is one.
 */
export async function connectTo(host: Host, options: { readonly mayAsk?: boolean } = {}): Promise<Transport> {
  const { address, entry } = host;
  if (address.kind === 'unix') return new HostTransport(host, new UnixSocketTransport(address.path));
  if (address.kind === 'ssh') {
    const mayAsk = options.mayAsk ?? (canAsk() && process.stderr.isTTY);
    const transport = new SshTransport(address, entry.socket, mayAsk);
    await transport.connect();
    return new HostTransport(host, transport);
  }
  const token = entry.token_file === undefined ? undefined : await readToken(homePath(entry.token_file));
  const ca = address.secure
    ? await readAuthorities(entry.ca_file === undefined ? null : homePath(entry.ca_file))
    : undefined;
  return new HostTransport(
    host,
    new WebTransport({
      host: address.host,
      port: address.port,
      secure: address.secure,
      ...(token === undefined ? {} : { token }),
      ...(ca === undefined ? {} : { ca }),
    }),
  );
}
