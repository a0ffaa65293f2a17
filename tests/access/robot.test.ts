import { expect, test } from 'vitest';
import { InstalledRobot, OPERATOR, STRANGER } from '../installed-robot.js';

const installed = new InstalledRobot('access');

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Asks the robot's own port as one of its accounts. */
async function ask(user: string | undefined, path: string, init: object = {}): Promise<Answer> {
  const program = `fetch('http://localhost:8080${path}', ${JSON.stringify(init)}).then(async (answer) =>
    console.log(JSON.stringify({ status: answer.status, body: await answer.json() })))`;
  const { stdout } = await installed.robot.exec(['node', '-e', program], user === undefined ? {} : { user });
  return JSON.parse(stdout) as Answer;
}

const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}`, Via: '1.1 a-proxy' } });

test('the gateway serves its page and API at the loopback port, and says so', async () => {
  const { faces } = await installed.api.state();
  expect(faces.find(({ name }) => name === 'http')).toMatchObject({
    state: 'on',
    text: 'serves http://127.0.0.1:8080',
  });
  const { stdout } = await installed.rovictl(['doctor']);
  expect(stdout).toMatch(/✓ +http face +on: serves http:\/\/127\.0\.0\.1:8080/i);
});

test('accounts of the robot have over TCP what polkit gives them, and others nothing', async () => {
  expect((await ask(undefined, '/api/session')).body).toMatchObject({ role: 'admin', name: 'root' });
  expect((await ask(OPERATOR, '/api/session')).body).toMatchObject({ role: 'operator', name: OPERATOR });
  expect((await ask('rovi', '/api/session')).body).toMatchObject({ role: 'operator', name: 'rovi' });
  expect(await ask(STRANGER, '/api/state')).toMatchObject({ status: 401, body: { code: 'token-required' } });
  const started = await ask(OPERATOR, '/api/stacks/nav/start', { method: 'POST' });
  expect(started.body).toMatchObject({
    outcome: 'succeeded',
    actor: { name: OPERATOR, face: 'http', verified: true },
  });
  const stopped = await ask(STRANGER, '/api/stop-all', { method: 'POST' });
  expect(stopped.status).toBe(401);
  expect((await installed.api.active()).active).toBe('nav');
});

test('root makes and revokes tokens; the gateway, which cannot, knows them at once', async () => {
  const made = await installed.rovictl(['token', 'create', '--role', 'viewer', '--name', 'tablet']);
  expect(made.code).toBe(0);
  const token = made.stdout.trim();
  expect((await installed.robot.exec(['stat', '-c', '%U %G %a', '/etc/rovi/tokens.json'])).stdout).toBe(
    'root rovi 640\n',
  );
  expect((await ask(STRANGER, '/api/session', bearer(token))).body).toMatchObject({
    role: 'viewer',
    name: 'tablet',
  });
  const refused = await ask(STRANGER, '/api/stop-all', { method: 'POST', ...bearer(token) });
  expect(refused).toMatchObject({ status: 403, body: { code: 'role-insufficient' } });
  for (const user of [OPERATOR, 'rovi']) {
    const denied = await installed.rovictl(['token', 'create', '--role', 'admin', '--name', 'x'], { user });
    expect([denied.code, denied.stderr]).toEqual([4, expect.stringContaining('only root')]);
  }
  const seen = await installed.rovictl(['token', 'list'], { user: STRANGER });
  expect(seen.stderr).toContain('permission denied');
  expect((await installed.rovictl(['token', 'revoke', 'tablet'])).code).toBe(0);
  await installed.robot.waitFor('the token to be refused', async () => {
    const { status } = await ask(STRANGER, '/api/session', bearer(token));
    return status === 401 ? status : null;
  });
});

test('the audit has what was done and refused here, also of a gateway that was killed, and nobody can take it out', async () => {
  await installed.rovictl(['stack', 'stop', 'nav', '--reason', 'done with it'], { user: OPERATOR });
  // It is in the journal, which may be behind the answer.
  const stdout = await installed.robot.waitFor('the end of the stop in the audit', async () => {
    const audit = await installed.rovictl(['audit'], { user: OPERATOR });
    return /✓ +stop nav/.test(audit.stdout) ? audit.stdout : null;
  });
  expect(stdout).toMatch(
    /▸ +start nav +olga +http tcp 127\.0\.0\.1:\d+ \(account, operator\) +accepted as op-/,
  );
  expect(stdout).toMatch(/⊘ +stop-all +unknown\? +http tcp .* \[token-required\]/);
  expect(stdout).toMatch(/⊘ +stop-all +tablet +http tcp .*\(token, viewer\).* \[role-insufficient\]/);
  expect(stdout).toMatch(/▸ +stop nav +olga\? +cli unix +accepted as op-\S+: done with it/);
  expect(stdout).toMatch(/✓ +stop nav +olga\? +cli unix +nav stopped/);
  const before = stdout.split('\n').length;
  await installed.systemctl(['kill', '--signal=SIGKILL', '--kill-whom=main', 'rovi-gateway.service']);
  await installed.waitForUnit('rovi-gateway.service', 'failed');
  await installed.systemctl(['start', 'rovi-gateway.service']);
  const again = await installed.rovictl(['audit']);
  expect(again.stdout.split('\n').length).toBe(before);
  const asked = await installed.rovictl(['audit', '--json', '-n', '1']);
  expect(JSON.parse(asked.stdout)).toHaveLength(1);
});

installed.expectNoWarningsBut(/Main process exited, code=killed/, /Failed with result 'signal'/);
