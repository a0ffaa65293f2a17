import { describe, expect, it } from 'vitest';
import { hostEntrySchema, hostNameSchema, hostsFileSchema, parseHostAddress } from './hosts.js';

describe('an address of a host', () => {
  it.each([
    ['unix:///run/rovi/conductor.sock', { kind: 'unix', path: '/run/rovi/conductor.sock' }],
    ['https://robot.lan', { kind: 'http', secure: true, host: 'robot.lan', port: 443 }],
    ['https://10.0.0.7:8443/', { kind: 'http', secure: true, host: '10.0.0.7', port: 8443 }],
    ['https://[fe80::1]:8443', { kind: 'http', secure: true, host: 'fe80::1', port: 8443 }],
    ['http://127.0.0.1:8080', { kind: 'http', secure: false, host: '127.0.0.1', port: 8080 }],
    ['http://localhost:8080', { kind: 'http', secure: false, host: 'localhost', port: 8080 }],
    ['ssh://robot1', { kind: 'ssh', user: null, host: 'robot1', port: null }],
    ['ssh://ada@robot1:2222', { kind: 'ssh', user: 'ada', host: 'robot1', port: 2222 }],
    ['ssh://ada@[::1]', { kind: 'ssh', user: 'ada', host: '::1', port: null }],
  ])('%s', (text, expected) => {
    expect(parseHostAddress(text)).toEqual(expected);
  });

  it.each([
    ['http://robot.lan:8080', /loopback/],
    ['http://127.0.0.1.evil.example', /loopback/],
    ['ssh://-oProxyCommand=x', /option to ssh/],
    ['ssh://-oProxyCommand=x@robot', /option to ssh/],
    ['ssh://ada@-oProxyCommand=x', /option to ssh/],
    ['ssh://a b@robot', /expected unix/],
    ['ssh://robot/path', /expected unix/],
    ['ssh://ada:secret@robot', /expected unix/],
    ['https://ada:secret@robot', /expected unix/],
    ['https://robot/api', /expected unix/],
    ['https://robot:0', /port/],
    ['ssh://robot:0', /port/],
    ['https://robot:70000', /port/],
    ['unix://relative', /expected unix/],
    ['unix:///run/a\nb', /expected unix/],
    ['ftp://robot', /expected unix/],
    ['robot', /expected unix/],
    ['', /expected unix/],
  ])('%j is none', (text, why) => {
    expect(parseHostAddress(text)).toMatch(why);
  });
});

it.each(['local', 'LOCAL', 'all', '-robot', '', 'a/b', 'a b', 'x'.repeat(64)])('%j is no name', (name) => {
  expect(hostNameSchema.safeParse(name).success).toBe(false);
});

it.each([
  [{ address: 'ssh://r', token_file: '/t' }],
  [{ address: 'ssh://r', ca_file: '/t' }],
  [{ address: 'https://r', socket: '/run/x.sock' }],
  [{ address: 'http://127.0.0.1:1', ca_file: '/t' }],
  [{ address: 'ssh://r', socket: '/run/%h.sock' }],
  [{ address: 'https://r', insecure: true }],
  [{ address: 'https://r', labels: ['-x'] }],
])('refuses %j', (entry) => {
  expect(hostEntrySchema.safeParse(entry).success).toBe(false);
});

it('takes an inventory whose last host was removed', () => {
  expect(hostsFileSchema.parse({ version: 1, hosts: null }).hosts).toEqual({});
});
