import { describe, expect, it } from 'vitest';
import { SocketTable, tableForms } from './peer-uid.js';
import type { Endpoint } from './peer-uid.js';

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const row = (local: string, remote: string, state: string, uid: number, inode: number): string =>
  `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000  ${String(uid)}        0 ${String(inode)} 1 0000000000000000 20 0 0 10 -1`;

const uidIn = (table: string, from: Endpoint, to: Endpoint): number | null =>
  new SocketTable(table).ownerOf(from, to)?.uid ?? null;

const peer = { address: '127.0.0.1', port: 40312 };
const own = { address: '127.0.0.1', port: 8080 };
const [CLIENT, SERVER] = ['0100007F:9D78', '0100007F:1F90'];

describe('whose process has the other end', () => {
  it('is in the row that has its address first', () => {
    const table = [HEAD, row(SERVER, CLIENT, '01', 0, 11), row(CLIENT, SERVER, '01', 1000, 12)].join('\n');
    expect(uidIn(table, peer, own)).toBe(1000);
  });

  it('is not said where the process has closed its socket: Linux then says 0, which is root', () => {
    for (const state of ['04', '05', '06', '07', '08'])
      expect(uidIn([HEAD, row(CLIENT, SERVER, state, 0, 0)].join('\n'), peer, own)).toBeNull();
    expect(uidIn([HEAD, row(CLIENT, SERVER, '01', 0, 0)].join('\n'), peer, own)).toBeNull();
    expect(uidIn([HEAD, row(CLIENT, SERVER, '06', 1000, 12)].join('\n'), peer, own)).toBeNull();
  });

  it('is not that of another connection, or of a table that is none', () => {
    const others = [
      HEAD,
      row('0100007F:9D79', SERVER, '01', 1000, 12),
      row(CLIENT, '0100007F:1F91', '01', 1000, 12),
    ];
    expect(uidIn(others.join('\n'), peer, own)).toBeNull();
    for (const text of ['', 'garbage', `${HEAD}\n\n`, `${HEAD}\n0: x`])
      expect(uidIn(text, peer, own)).toBeNull();
  });

  it('is found for IPv6, and for IPv4 in IPv6', () => {
    const v6 = '00000000000000000000000001000000';
    expect(tableForms('::1')).toEqual([v6]);
    expect(tableForms('::ffff:127.0.0.1')).toEqual(['0100007F', '0000000000000000FFFF00000100007F']);
    const table = [HEAD, row(`${v6}:9D78`, `${v6}:1F90`, '01', 1001, 12)].join('\n');
    expect(uidIn(table, { address: '::1', port: 40312 }, { address: '::1', port: 8080 })).toBe(1001);
  });

  it('is nobody’s on this machine where the address is not loopback', () => {
    for (const address of ['10.0.0.7', '::2', 'fe80::1', '']) expect(tableForms(address)).toEqual([]);
  });
});
