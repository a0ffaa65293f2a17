import { describe, expect, it } from 'vitest';
import { httpSchema, isLoopback } from './listen.js';

const tls = { certificate: '/etc/rovi/tls/cert.pem', key: '/etc/rovi/tls/key.pem' };
const faults = (value: unknown): string[] =>
  (httpSchema.safeParse(value).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );

describe('where the API is served', () => {
  it('is the loopback port 8080 unless the catalog says otherwise', () => {
    expect(httpSchema.parse({})).toEqual({
      listen: [{ address: '127.0.0.1', port: 8080, plaintext: false }],
      accounts: true,
      names: [],
    });
    expect(httpSchema.parse({ listen: [] }).listen).toEqual([]);
  });

  it.each([
    { listen: [{ address: '0.0.0.0', tls }] },
    { listen: [{ address: '0.0.0.0', plaintext: true }] },
    { listen: [{ address: '::1' }, { address: '127.0.0.1', port: 8443, tls }] },
    { names: ['omega1.lan', 'robot'] },
  ])('takes %j', (value) => {
    expect(faults(value)).toEqual([]);
  });

  it.each([
    [{ listen: [{ address: '0.0.0.0' }] }, /plaintext: true/],
    [{ listen: [{ address: '::' }] }, /plaintext: true/],
    [{ listen: [{ address: '192.168.1.4', plaintext: true, tls }] }, /false beside `tls`/],
    [{ listen: [{ address: 'localhost' }] }, /IP address/],
    [{ listen: [{ address: '127.0.0.1', port: 80 }] }, /from 1024/],
    [{ listen: [{ address: '127.0.0.1' }, { address: '127.0.0.1', port: 8080 }] }, /once/],
    [{ names: ['Robot'] }, /lower case/],
    [{ names: ['a..b'] }, /host name/],
    [{ names: ['evil.example/x'] }, /host name/],
  ])('refuses %j', (value, why) => {
    expect(faults(value).join('\n')).toMatch(why);
  });

  it.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '0:0:0:0:0:0:0:1'])(
    '%s is loopback',
    (one) => {
      expect(isLoopback(one)).toBe(true);
    },
  );

  it.each(['128.0.0.1', '0.0.0.0', '::', '::2', '10.127.0.0', '', '1::1'])('%s is not', (one) => {
    expect(isLoopback(one)).toBe(false);
  });
});
