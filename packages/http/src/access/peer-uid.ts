import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

/**
 * Whose process is at the other end of a loopback connection. Linux lists the sockets of this network namespace with
 * the uid of who made them in /proc/net/tcp and tcp6; the row of the peer's socket has its own address first and ours
 * second. A row counts only where it is established and has an inode: of a socket that its process has closed Linux
 * no longer knows the owner, and says 0, which is root.
 */

const ESTABLISHED = '01';

/** An address as the kernel prints it: each 32-bit word in the machine's byte order, here little-endian. */
function words(bytes: readonly number[]): string {
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0').toUpperCase());
  const groups: string[] = [];
  for (let at = 0; at < hex.length; at += 4)
    groups.push(
      hex
        .slice(at, at + 4)
        .reverse()
        .join(''),
    );
  return groups.join('');
}

/** The forms a loopback address has in the two tables; none where it is not loopback. */
export function tableForms(address: string): string[] {
  const [, v4] = /^(?:::ffff:)?(127\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (v4 !== undefined) {
    const bytes = v4.split('.').map(Number);
    return [words(bytes), words([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...bytes])];
  }
  return address === '::1' ? [words([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])] : [];
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** The uid in the row of the socket from `peer` to `own`; null where no such socket is established. */
export function uidIn(table: string, peer: Endpoint, own: Endpoint): number | null {
  const end = ({ address, port }: Endpoint): string[] =>
    tableForms(address).map((form) => `${form}:${port.toString(16).toUpperCase().padStart(4, '0')}`);
  const [locals, remotes] = [end(peer), end(own)];
  for (const line of table.split('\n')) {
    const [, local = '', remote = '', state, , , , uid, , inode] = line.trim().split(/\s+/);
    if (!locals.includes(local) || !remotes.includes(remote)) continue;
    return state === ESTABLISHED && inode !== undefined && inode !== '0' ? Number(uid) : null;
  }
  return null;
}

/** The uid of the process at the other end; null where the peer is not on this machine, or has gone. Never rejects. */
export async function peerUid(socket: Socket): Promise<number | null> {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return null;
  if (localAddress === undefined || localPort === undefined) return null;
  if (tableForms(remoteAddress).length === 0) return null;
  const peer = { address: remoteAddress, port: remotePort };
  const own = { address: localAddress, port: localPort };
  for (const name of ['tcp', 'tcp6']) {
    const table = await readFile(`/proc/net/${name}`, 'utf8').catch(() => '');
    const uid = uidIn(table, peer, own);
    if (uid !== null) return uid;
  }
  return null;
}
