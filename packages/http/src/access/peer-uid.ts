import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { SharedReading } from './shared-reading.js';

/**
 * Whose process is at the other end of a loopback connection. Linux lists the sockets of this network namespace with
 * the uid of who made them in /proc/net/tcp and tcp6; the row of the peer's socket has its own address first and ours
 * second. A row counts only where it is established and has an inode: of a socket that its process has closed Linux
 * no longer knows the owner, and says 0, which is root.
 *
 * The table is no picture of one moment. So a row must be found twice, the same: a socket that is being closed can be
 * caught with its old state and the owner 0. And our own end must still be connected after that: else the client may
 * have reset the connection, and its port be somebody else's by now.
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

/** Who made a socket, and its own number. */
export interface Owner {
  readonly uid: number;
  readonly inode: string;
}

/** One reading of a table. Anybody can make it tens of thousands of rows long, so it is gone through once for all who ask. */
export class SocketTable {
  readonly #text: string;
  /** The rows of established sockets by both addresses, for each port of ours that was asked about. */
  readonly #rows = new Map<string, ReadonlyMap<string, Owner>>();

  constructor(text: string) {
    this.#text = text;
  }

  /** The owner in the row of the socket from `peer` to `own`; null where no such socket is established. */
  ownerOf(peer: Endpoint, own: Endpoint): Owner | null {
    const [from, to] = [portForm(peer), portForm(own)];
    const rows = this.#rows.get(to) ?? this.#rowsTo(to);
    this.#rows.set(to, rows);
    for (const local of tableForms(peer.address)) {
      for (const remote of tableForms(own.address)) {
        const owner = rows.get(`${local}:${from} ${remote}:${to}`);
        if (owner !== undefined) return owner;
      }
    }
    return null;
  }

  #rowsTo(port: string): ReadonlyMap<string, Owner> {
    const text = this.#text;
    const rows = new Map<string, Owner>();
    const mark = `:${port} ${ESTABLISHED} `;
    for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + mark.length)) {
      const end = text.indexOf('\n', at);
      const row = text.slice(text.lastIndexOf('\n', at) + 1, end === -1 ? undefined : end);
      const [, local = '', remote = '', , , , , uid, , inode = '0'] = row.trim().split(/\s+/);
      if (inode !== '0') rows.set(`${local} ${remote}`, { uid: Number(uid), inode });
    }
    return rows;
  }
}

function portForm({ port }: Endpoint): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

const tables = new SharedReading(async () => {
  const read = async (name: string): Promise<SocketTable> =>
    new SocketTable(await readFile(`/proc/net/${name}`, 'latin1').catch(() => ''));
  return [await read('tcp'), await read('tcp6')];
});

/** The uid of the process at the other end; null where the peer is not on this machine, or has gone. Never rejects. */
export async function peerUid(socket: Socket): Promise<number | null> {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return null;
  if (localAddress === undefined || localPort === undefined) return null;
  if (tableForms(remoteAddress).length === 0) return null;
  const peer = { address: remoteAddress, port: remotePort };
  const own = { address: localAddress, port: localPort };
  const look = async (): Promise<Owner | null> => {
    const found = await tables.fresh();
    return found.reduce<Owner | null>((owner, table) => owner ?? table.ownerOf(peer, own), null);
  };
  const owner = await look();
  if (owner === null) return null;
  const again = await look();
  return again?.uid === owner.uid && again.inode === owner.inode && isConnected(socket) ? owner.uid : null;
}

/**
 * Whether the connection still is what it was when it was accepted. Node may have heard nothing of its end yet, and
 * knows the peer's address by heart: only the kernel can say, and Node has no public way to ask it again.
 */
function isConnected(socket: Socket): boolean {
  const { _handle: handle } = socket as { _handle?: { getpeername?: (into: object) => number } | null };
  return !socket.destroyed && handle?.getpeername?.({}) === 0;
}
