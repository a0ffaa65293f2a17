import { chmod, chown, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import type { TokenInfo } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { RoviClient } from '@rovi/client';
import { until } from '../api/rig.js';
import { MEMBER, NOBODY, codeOf, tcpRig } from './tcp-rig.js';

const state = { path: '/api/state' };

describe('a token', () => {
  it('is nowhere but where it was printed, in a file of root that the gateway can read', async () => {
    await using robot = await tcpRig();
    const token = await robot.token('operator', 'tablet');
    expect(token).toMatch(/^rovi_[a-z0-9]{8}_[\w-]{43}$/);
    const text = await readFile(robot.file, 'utf8');
    expect(text).not.toContain(token.slice(14));
    const { uid, gid, mode } = await stat(robot.file);
    expect([uid, gid, mode & 0o777]).toEqual([0, 1, 0o640]);
    expect(await robot.rovictl('list')).toMatch(/tablet +operator/);
    expect(await robot.rovictl('list', '--json')).not.toContain('sha256');
  });

  it('speaks for whom it was made for: in the record, verified, whatever the client says', async () => {
    await using robot = await tcpRig();
    const token = await robot.token('operator', 'tablet');
    const started = await robot.askFromAfar(
      {
        method: 'POST',
        path: '/api/stacks/nav/start',
        headers: { 'X-Rovi-Actor': 'root', 'X-Rovi-Face': 'web' },
      },
      token,
    );
    expect(started.status).toBe(200);
    const actor = { name: 'tablet', face: 'web', verified: true };
    expect(robot.conductor.operations()[0]).toMatchObject({ actor });
    const entries = await robot.client.audit(10);
    expect(entries.map(({ decision }) => decision)).toEqual(['accepted', 'ended']);
    expect(entries[0]).toMatchObject({
      actor,
      command: 'start',
      target: 'nav',
      origin: {
        transport: 'tcp',
        via: 'token',
        role: 'operator',
        peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
      },
    });
  });

  it('that is revoked ends at once, also the streams that it opened, and no others', async () => {
    await using robot = await tcpRig();
    const [gone, stays] = [await robot.token('viewer', 'gone'), await robot.token('viewer', 'stays')];
    const streams = [gone, stays].map((token) => follow(robot.port, token));
    await until('both streams', () => streams.every(({ text }) => text().includes('event: snapshot')));
    await robot.rovictl('revoke', 'gone');
    await until('the end of one', () => streams[0]?.text().includes('event: dropped') === true);
    expect(streams[0]?.text()).toContain('token-rejected');
    expect(codeOf(await robot.askFromAfar(state, gone))).toBe('token-rejected');
    expect((await robot.askFromAfar(state, stays)).status).toBe(200);
    await robot.client.start('nav');
    await until('news for the other', () => streams[1]?.text().includes('event: stack') === true);
    expect(streams[1]?.text()).not.toContain('dropped');
    for (const { end } of streams) end();
  });

  it('that expires ends as one that is revoked', async () => {
    await using robot = await tcpRig();
    const token = await robot.token('viewer', 'guest');
    const stream = follow(robot.port, token);
    await until('the stream', () => stream.text().includes('event: snapshot'));
    expect((await robot.askFromAfar(state, token)).status).toBe(200);
    const soon = new Date(Date.now() + 1_000).toISOString();
    const file = await readFile(robot.file, 'utf8');
    // As rovictl does it: whole, or not there. The gateway may look at any moment.
    await writeFile(`${robot.file}.new`, file.replace('"expires_at": null', `"expires_at": "${soon}"`));
    const { uid, gid, mode } = await stat(robot.file);
    await chown(`${robot.file}.new`, uid, gid);
    await chmod(`${robot.file}.new`, mode);
    await rename(`${robot.file}.new`, robot.file);
    await until('its end', () => stream.text().includes('event: dropped'));
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(soon));
    expect(codeOf(await robot.askFromAfar(state, token))).toBe('token-rejected');
    stream.end();
  });

  it('is refused whole where somebody but root could have written the file, and good again when that is mended', async () => {
    await using robot = await tcpRig();
    const token = await robot.token('viewer');
    expect((await robot.askFromAfar(state, token)).status).toBe(200);
    await chmod(robot.file, 0o660);
    await until('the distrust', () => robot.log.faults().length > 0);
    const refused = await robot.askFromAfar(state, token);
    expect([refused.status, codeOf(refused)]).toEqual([500, 'tokens-unreadable']);
    // Who needs no token is let in all the same.
    expect((await robot.ask(state)).status).toBe(200);
    await chmod(robot.file, 0o640);
    await untilAsync('the trust', async () => (await robot.askFromAfar(state, token)).status === 200);
    await writeFile(robot.file, '{"version":1,"tokens":[{}]}');
    await untilAsync('the distrust', async () => (await robot.askFromAfar(state, token)).status === 500);
  });

  it('has no second one of its name, and is not made where the file is none of ours', async () => {
    await using robot = await tcpRig();
    await robot.token('viewer', 'twice');
    await expect(robot.token('admin', 'twice')).rejects.toThrow(/already/);
    await expect(robot.token('admin', 'a b')).rejects.toThrow(/cannot be a name/);
    await expect(robot.rovictl('revoke', 'none')).rejects.toThrow(/no token "none"/);
    await writeFile(robot.file, 'precious');
    await expect(robot.token('admin', 'other')).rejects.toThrow(/not JSON/);
    expect(await readFile(robot.file, 'utf8')).toBe('precious');
  });

  it('is lost by none of twelve admins at once', async () => {
    await using robot = await tcpRig();
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, index) => robot.token('viewer', `t${String(index)}`)),
    );
    const { text } = await robot.ask({ path: '/api/tokens' });
    const { tokens } = JSON.parse(text) as { tokens: TokenInfo[] };
    expect(tokens).toHaveLength(12);
    for (const token of made) expect((await robot.askFromAfar(state, token)).status).toBe(200);
  });

  it('is made although an admin was killed while making another: that lock counts no more after a while', async () => {
    await using robot = await tcpRig();
    await mkdir(`${robot.file}.lock`);
    const token = await robot.token('viewer');
    expect((await robot.askFromAfar(state, token)).status).toBe(200);
  });

  it('guessed at too often makes the guesser wait, and nobody else', async () => {
    await using robot = await tcpRig();
    const good = await robot.token('operator');
    const guess = (n: number) => `rovi_${String(n).padStart(8, '0')}_${'x'.repeat(43)}`;
    for (let n = 0; n < 25; n += 1) {
      const answer = await robot.askFromAfar(state, guess(n));
      expect(codeOf(answer), String(n)).toBe(n < 20 ? 'token-rejected' : 'too-many-requests');
      if (answer.status === 429) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect((await robot.askFromAfar(state, good)).status).toBe(200);
  });

  it('that asks too often has to wait, but its stop goes through', async () => {
    await using robot = await tcpRig({}, { requests: { points: 5, duration: 60 } });
    const [token, other] = [await robot.token('operator'), await robot.token('viewer')];
    const statuses: number[] = [];
    for (let n = 0; n < 8; n += 1) statuses.push((await robot.askFromAfar(state, token)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
    expect((await robot.askFromAfar(state, other)).status).toBe(200);
    for (const path of ['/api/stop-all', '/api/stacks/nav/stop', '/api/services/stop/nav'])
      expect((await robot.askFromAfar({ method: 'POST', path }, token)).status).toBe(200);
    const start = await robot.askFromAfar({ method: 'POST', path: '/api/stacks/nav/start' }, token);
    expect([start.status, codeOf(start)]).toEqual([429, 'too-many-requests']);
  });
});

describe('the audit', () => {
  it('has once what was refused, be it for who asks, for how it is asked, or for the state of the robot', async () => {
    await using robot = await tcpRig();
    const [viewer, operator] = [await robot.token('viewer'), await robot.token('operator')];
    const start = (stack: string, more: object = {}) => ({
      method: 'POST',
      path: `/api/stacks/${stack}/start`,
      ...more,
    });
    await robot.client.start('teleop');
    const body = { headers: { 'Content-Type': 'application/json' }, body: '{"force":true}' };
    await robot.askFromAfar(start('nav', { headers: { 'X-Rovi-Face': 'web' } }), viewer);
    await robot.askFromAfar(start('nav', body), operator);
    await robot.askFromAfar(start('nav'), operator);
    await robot.askFromAfar({ method: 'POST', path: '/api/services/stop/gateway' }, operator);
    robot.model.behaviours.set('rovi-teleop.service', { start: 'fails', stopMs: 10 });
    await robot.askFromAfar({ method: 'POST', path: '/api/stacks/teleop/restart' }, operator);
    const entries = (await robot.client.audit(20)).slice(2);
    expect(entries[0]?.actor).toEqual({ name: 'a-viewer', face: 'web', verified: true });
    expect(entries.map(({ decision, actor, target, code }) => [decision, actor.name, target, code])).toEqual([
      ['refused', 'a-viewer', 'nav', 'role-insufficient'],
      ['refused', 'a-operator', 'nav', 'bad-request'],
      ['refused', 'a-operator', 'nav', 'stack-busy'],
      ['refused', 'a-operator', 'gateway', 'bad-request'],
      ['accepted', 'a-operator', 'teleop', null],
      ['ended', 'a-operator', 'teleop', 'start-failed'],
    ]);
  });
});

describe('an account of the robot', () => {
  it('is an admin as root, an operator in the group, and otherwise nobody', async () => {
    await using robot = await tcpRig();
    expect(JSON.parse((await robot.ask({ path: '/api/session' })).text)).toMatchObject({
      role: 'admin',
      via: 'account',
      name: 'root',
      verified: true,
    });
    const member = await robot.askAs(MEMBER, '/api/session');
    expect(JSON.parse(member.body)).toMatchObject({ role: 'operator', via: 'account', name: 'daemon' });
    expect((await robot.askAs(MEMBER, '/api/stacks/nav/start', 'POST')).status).toBe(200);
    expect(robot.conductor.operations()[0]?.actor).toEqual({ name: 'daemon', face: 'http', verified: true });
    const nobody = await robot.askAs(NOBODY, '/api/state');
    expect([nobody.status, codeOf({ text: nobody.body })]).toEqual([401, 'token-required']);
    expect((await robot.askAs(NOBODY, '/api/stop-all', 'POST')).status).toBe(401);
    const [refused] = await robot.client.audit(1);
    expect(refused).toMatchObject({ decision: 'refused', command: 'stop-all', code: 'token-required' });
  });

  it('needs a token like everybody where the catalog says so', async () => {
    await using robot = await tcpRig({ accounts: false });
    expect(codeOf(await robot.ask(state))).toBe('token-required');
    expect((await robot.askAs(MEMBER, '/api/state')).status).toBe(401);
    expect((await robot.ask(state, await robot.token('viewer'))).status).toBe(200);
  });

  it('on the unix socket is an operator, whoever it is', async () => {
    await using robot = await tcpRig();
    expect(await robot.client.session()).toMatchObject({ role: 'operator', via: 'socket', verified: false });
    const client = new RoviClient({ socketPath: robot.socketPath });
    await expect(client.audit(1)).resolves.toEqual([]);
  });
});

/** Reads the event stream with a token until `end`. */
function follow(port: number, token: string): { text: () => string; end: () => void } {
  const abort = new AbortController();
  let text = '';
  void (async () => {
    const { body } = await fetch(`http://127.0.0.1:${String(port)}/api/events`, {
      headers: { Authorization: `Bearer ${token}`, 'X-Forwarded-For': '10.9.8.7' },
      signal: abort.signal,
    });
    const decoder = new TextDecoder();
    for await (const chunk of body ?? []) text += decoder.decode(chunk as Uint8Array, { stream: true });
  })().catch(() => undefined);
  return { text: () => text, end: () => abort.abort() };
}

async function untilAsync(what: string, condition: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
