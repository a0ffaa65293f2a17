import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { OPERATOR } from '../installed-robot.js';
import { ManyRobots, others, type Other } from './many-robots.js';

/** Several robots in one command, over every kind of address at once. */
const robots = new ManyRobots('many');
// Many commands one after the other, each of which takes seconds on a machine that is shared.
vi.setConfig({ testTimeout: 300_000 });
const ROLLING = `/home/${OPERATOR}/.local/state/rovi/rolling`;

/** What `--json` says of several hosts, as far as these stories look. */
interface Told {
  rolling?: { id: string; state: string };
  hosts: {
    host: string;
    robot: string | null;
    outcome: string;
    operation?: { kind: string; outcome: string; reason: string } | null;
    problem: { code: string } | null;
  }[];
}
const json = (text: string): Told => JSON.parse(text) as Told;
const outcomes = (text: string): Record<string, string> =>
  Object.fromEntries(json(text).hosts.map(({ host, outcome }) => [host, outcome]));
const states = async (unit: string): Promise<Record<string, string>> =>
  Object.fromEntries(
    await Promise.all(
      robots.all.map(async ([name, robot]) => [name, await robot.property(unit, 'ActiveState')] as const),
    ),
  );
const rollings = async (): Promise<string[]> =>
  (await robots.script(`ls ${ROLLING} 2>/dev/null || true`)).split('\n').filter((line) => line !== '');
/** Which robots have another run of the unit than before. */
const changed = (before: Record<string, string>, after: Record<string, string>): string[] =>
  Object.keys(before).filter((name) => before[name] !== after[name]);

let here = '';
beforeAll(async () => {
  await robots.here.rovictl(['stack', 'start', 'nav']);
  here = await robots.here.property('rovi-nav', 'InvocationID');
});
afterEach(async () => {
  // This robot was never meant: it drives on; and no ssh is left behind.
  expect(await robots.here.property('rovi-nav', 'InvocationID')).toBe(here);
  const left = 'ls -d /tmp/rovi-ssh-* 2>/dev/null; pgrep -af "[s]sh .*rovi-ssh-" || true';
  // rovictl ends its ssh and does not wait for its death.
  const gone = async (): Promise<boolean> => (await robots.here.robot.shell(left)).stdout === '';
  await robots.here.robot.waitFor('no ssh to be left', gone);
});

test('status of all kinds of address in one table, and each in the order that is written', async () => {
  const { code, stdout } = await robots.rovictl(['--host', 'yard,local,@indoor', 'status']);
  expect(code).toBe(0);
  const rows = stdout.split('\n').map((line) => line.trim().split(/ {2,}/));
  expect(rows[0]).toEqual(['HOST', 'ROBOT', 'ACTIVE', 'SERVICES NOT WELL', 'E-STOP', 'AGE', 'VERDICT']);
  expect(rows.slice(1, 5).map((row) => row[1])).toEqual(['yard', 'local', 'dock', 'hall']);
  expect(rows[2]).toEqual(['●', 'local', 'rovi', 'nav', 'none', 'off', 'now', 'running, 4 of 4 processes']);
  const told = json((await robots.rovictl(['--host', 'all', 'status', '--json'])).stdout);
  expect(told.hosts.map(({ host }) => host)).toEqual(['dock', 'hall', 'yard']);
  expect(told.hosts[0]).toMatchObject({ robot: 'rovi', outcome: 'succeeded', snapshot: { active: null } });
});

test('what can be several is for the verbs that know how; what matches nothing ends the command', async () => {
  const before = await states('rovi-web');
  const wrong = [
    [['--host', 'yard,hall', 'active'], /works on one host/],
    [['--host', '@indoor', 'reload'], /works on one host/],
    [['--host', 'all', 'doctor'], /host-local-only/],
    [['service', 'scale', '--host', 'all', 'web', '1'], /works on one host/],
    [['service', 'health', '--host', 'all', 'web'], /works on one host/],
    [['--host', 'all', 'logs', '--stderr'], /name one/],
    [['--host', 'yard,nobody', 'stop-all'], /no host "nobody"/],
    [['--host', 'indoor', 'stop-all'], /The labels: @indoor, @outdoor/],
    [['--host', '@yard', 'stop-all'], /The labels are: @indoor, @outdoor/],
    [['--host', 'yard,', 'stop-all'], /without a name/],
    [['service', 'start', 'yard,nobody', 'web', '--yes'], /no host "nobody"/],
    [['--host', 'yard', 'service', 'start', 'yard,hall', 'web', '--yes'], /two hosts are named/],
    [['--host', 'all', '--socket', '/run/rovi/conductor.sock', 'stop-all'], /names a file of this machine/],
  ] as const;
  const answers = await Promise.all(wrong.map(([words]) => robots.rovictl(words)));
  for (const [index, { code, stdout, stderr }] of answers.entries()) {
    const [words, why] = wrong[index] ?? [];
    expect({ words, code, stdout }).toEqual({ words, code: 2, stdout: '' });
    expect(stderr).toMatch(why ?? /never/);
  }
  expect(await states('rovi-web')).toEqual(before);
});

test('the logs of several are one journal in the order of time, each line with whose it is', async () => {
  expect((await robots.rovictl(['service', 'start', 'yard,hall', 'web', '--yes'])).code).toBe(0);
  try {
    const read = (...words: string[]) =>
      robots.rovictl(['service', 'logs', 'yard,hall', 'web', '--invocation', 'latest', ...words]);
    const started = async (): Promise<string[]> =>
      [...(await read('-n', '1000')).stdout.matchAll(/^(yard|hall) +│ .*Started rovi-web/gm)]
        .map(([, host = '']) => host)
        .sort();
    await expect.poll(started).toEqual(['hall', 'yard']);
    const told = (await read('--json')).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { host: string; at: string; unit: string });
    expect(new Set(told.map(({ host }) => host))).toEqual(new Set(['yard', 'hall']));
    expect(told.map(({ at }) => at)).toEqual(told.map(({ at }) => at).sort());
    // Of the active stack, where one is active; who has none is told of, and the others are shown.
    const active = await robots.rovictl(['--host', 'local,yard', 'logs', '-n', '2']);
    expect(active.code).toBe(8);
    expect(active.stdout).toMatch(/^local │ /);
    expect(active.stderr).toMatch(/yard.*no stack is active/);
    const follow = robots.start(['--host', 'yard,hall', 'logs', 'web', '-f', '-n', '1']);
    try {
      await follow.until(/^yard │ [^]*^hall │ |^hall │ [^]*^yard │ /m);
      await robots.there.hall.rovictl(['service', 'stop', 'web', '--yes']);
      await follow.until(/^hall │ .*Stopped/m);
    } finally {
      follow.child.kill('SIGINT');
    }
    expect((await follow.ended).code).toBe(0);
  } finally {
    await robots.rovictl(['service', 'stop', 'yard,hall', 'bus', '--yes']);
  }
});

test('two names for one robot are noticed, by address or by who answers; a stop is sent all the same', async () => {
  await robots.rovictl(['host', 'add', 'yard2', 'ssh://olga@yard:22']);
  await robots.rovictl(['host', 'add', 'dock2', 'ssh://dock']);
  try {
    for (const [expression, why] of [
      ['yard,yard2', /yard and yard2 lead to the same address/],
      ['dock,hall,dock2', /dock and dock2 are the same robot/],
    ] as const) {
      const { code, stderr } = await robots.rovictl(['service', 'start', expression, 'web', '--yes']);
      expect(code).toBe(2);
      expect(stderr).toMatch(why);
    }
    expect(Object.values(await states('rovi-web'))).toEqual(['inactive', 'inactive', 'inactive', 'inactive']);
    expect((await robots.rovictl(['--host', 'yard,yard2', 'stop-all'])).code).toBe(0);
  } finally {
    await robots.rovictl(['host', 'remove', 'yard2']);
    await robots.rovictl(['host', 'remove', 'dock2']);
  }
});

test('without a terminal and without --yes nothing is done on any robot, and what would be is shown', async () => {
  const { code, stdout, stderr } = await robots.rovictl(['service', 'start', 'all', 'web']);
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(stderr).toContain('start web on 3 robots: starts 6 units on 3 robots');
  expect(stderr).toContain('[confirmation-required]');
  for (const name of others) expect(stderr).toMatch(new RegExp(`○ +${name} +rovi +starts +web +STOPPED`));
  expect(Object.values(await states('rovi-web'))).toEqual(['inactive', 'inactive', 'inactive', 'inactive']);
});

test('start, restart and stop of a service on all: a line each as it ends, a table, and the block of each', async () => {
  const started = await robots.rovictl([
    'service',
    'start',
    'all',
    'web',
    '--yes',
    '--reason',
    'all of them',
  ]);
  expect(started.code).toBe(0);
  for (const name of others) {
    expect(started.stderr).toMatch(new RegExp(`^✓ ${name} +web is ready \\(`, 'm'));
    expect(started.stdout).toMatch(new RegExp(`^✓ +${name} +rovi +web is ready \\(`, 'm'));
    expect(started.stdout).toMatch(
      new RegExp(`Host: +${name}\nStatus: +Running\nUptime: .*\nHealth Check: +Passed`),
    );
  }
  const before = await robots.runs('rovi-web');
  const restarted = await robots.rovictl(['service', 'restart', '@indoor', 'web', '--yes', '--json']);
  expect(restarted.code).toBe(0);
  expect(json(restarted.stdout).hosts).toMatchObject([
    { host: 'dock', robot: 'rovi', outcome: 'succeeded', operation: { kind: 'restart' }, problem: null },
    { host: 'hall', robot: 'rovi', outcome: 'succeeded', operation: { kind: 'restart' }, problem: null },
  ]);
  expect(changed(before, await robots.runs('rovi-web'))).toEqual(['dock', 'hall']);
  const stopped = await robots.rovictl(['service', 'stop', 'all', 'bus', '--yes']);
  expect(stopped.code).toBe(0);
  expect(stopped.stderr).toContain('beside the target it hits web on dock, hall, yard');
  expect(Object.values(await states('rovi-bus'))).toEqual(['inactive', 'inactive', 'inactive', 'inactive']);
});

test('at a terminal: one question for all, a line for each while it runs, and the table in their place', async () => {
  const words = ['service', 'start', '@indoor', 'web'];
  const no = robots.startOnTerminal(words);
  await no.until(/start web on 2 robots\? \[y\/N\]/);
  no.child.stdin?.write('n\n');
  const answered = await no.ended;
  expect(answered.code).toBe(3);
  expect(answered.stdout).toContain('nothing was done');
  expect(await states('rovi-web')).toMatchObject({ dock: 'inactive', hall: 'inactive' });
  for (const name of ['dock', 'hall'] as const) await robots.hold(name, 'rovi-bus.service');
  const yes = robots.startOnTerminal(words);
  // eslint-disable-next-line no-control-regex
  const plain = (): string => yes.stdout.replace(/\u001b\[[0-9;]*m/g, '');
  await yes.until(/start web on 2 robots\? \[y\/N\]/);
  yes.child.stdin?.write('y\n');
  // Both stand there at once; then what was drawn is taken away, and the table comes.
  await expect.poll(plain).toMatch(/◐ dock {2}(?:start|watch) .*\r\n◐ hall {2}(?:start|watch) /);
  for (const name of ['dock', 'hall'] as const) await robots.letGo(name);
  expect((await yes.ended).code).toBe(0);
  // eslint-disable-next-line no-control-regex
  expect(plain()).toMatch(/\u001b\[2A\r\u001b\[J {3}HOST {2}ROBOT {2}RESULT\r\n✓ {2}dock/);
  await robots.rovictl(['service', 'stop', '@indoor', 'bus', '--yes']);
});

test('one that refuses does not keep the others from being done, and the exit code says so', async () => {
  await robots.there.hall.rovictl(['stack', 'start', 'teleop']);
  const { code, stdout, stderr } = await robots.rovictl([
    '--host',
    'all',
    'stack',
    'start',
    'mapping',
    '--yes',
  ]);
  expect(code).toBe(8);
  expect(stderr).toMatch(/hall +rovi +nothing: refused while teleop .* holds the robot/);
  expect(stdout).toMatch(/✗ +hall +rovi +stack-busy/);
  expect(stdout).toMatch(/hall: teleop holds the robot[^]*mend: Use switch/);
  expect(await states('rovi-mapping')).toMatchObject({ dock: 'active', hall: 'inactive', yard: 'active' });
  const all = await robots.rovictl(['--host', 'dock,yard', 'stack', 'start', 'teleop', '--yes']);
  expect(all.code).toBe(3);
  expect((await robots.rovictl(['--host', 'all', 'stop-all'])).code).toBe(0);
});

/** Brings web up everywhere, well. */
async function webOnAll(): Promise<Record<string, string>> {
  for (const name of others) {
    await robots.spoil(name, false);
    await robots.letGo(name);
  }
  const { code, stdout } = await robots.rovictl(['service', 'start', 'all', 'web', '--yes']);
  expect({ code, stdout }).toMatchObject({ code: 0 });
  return robots.runs('rovi-web');
}

test('a rolling restart ends at the bad host, and goes on with it once it is mended', async () => {
  const before = await webOnAll();
  await robots.spoil('hall', true);
  const words = ['service', 'restart', 'yard,hall,dock', 'web', '--rolling'];
  expect((await robots.rovictl(words)).code).toBe(3);
  expect(await rollings()).toEqual([]);
  const { code, stdout, stderr } = await robots.rovictl([...words, '--yes', '--reason', 'new pages']);
  expect(code).toBe(8);
  expect(stdout).toMatch(/✓ +yard .*\n✗ +hall +rovi +not-ready\n– +dock +rovi +not touched/);
  expect(stdout).toMatch(/hall: web was restarted, and is not well: .*HTTP 404/);
  expect(stderr).toContain('the rolling restart ended at hall; not touched: dock');
  const id = /go on with it: `rovictl service restart --rolling --resume (roll-\S+)`/.exec(stderr)?.[1] ?? '';
  const after = await robots.runs('rovi-web');
  expect(changed(before, after)).toEqual(['hall', 'yard']);
  expect(await rollings()).toEqual([`${id}.json`]);
  expect(await robots.script(`stat -c %a ${ROLLING} ${ROLLING}/${id}.json`)).toBe('700\n600\n');
  const list = await robots.rovictl(['service', 'restart', '--rolling', '--list']);
  expect(list.stdout).toMatch(new RegExp(`${id} .* service web +yard +hall, dock +new pages`));

  // Nothing has been mended: it ends at the same host once more.
  const again = await robots.rovictl(['service', 'restart', '--rolling', '--resume', id, '--yes', '--json']);
  expect(again.code).toBe(8);
  expect(outcomes(again.stdout)).toEqual({ yard: 'succeeded', hall: 'failed', dock: 'untouched' });
  const once = await robots.runs('rovi-web');
  expect(changed(after, once)).toEqual(['hall']);

  await robots.spoil('hall', false);
  const resumed = await robots.rovictl(['service', 'restart', '--rolling', '--resume', '--yes', '--json']);
  expect(resumed.code).toBe(0);
  expect(json(resumed.stdout).rolling).toEqual({ id, state: 'ended' });
  expect(outcomes(resumed.stdout)).toEqual({ yard: 'succeeded', hall: 'succeeded', dock: 'succeeded' });
  expect(json(resumed.stdout).hosts[2]?.operation?.reason).toBe(`rolling restart ${id}: new pages`);
  expect(changed(once, await robots.runs('rovi-web'))).toEqual(['dock', 'hall']);
  expect(await rollings()).toEqual([]);
  const none = await robots.rovictl(['service', 'restart', '--rolling', '--resume']);
  expect(none.code).toBe(2);
});

test('killed in the middle, it asks the host in hand what came of it, and restarts none twice', async () => {
  const before = await webOnAll();
  await robots.hold('hall', 'rovi-web.service');
  const rolling = robots.start(['service', 'restart', 'yard,hall,dock', 'web', '--rolling', '--yes']);
  await robots.here.robot.waitFor(
    'the restart on hall',
    async () => (await robots.there.hall.property('rovi-web', 'ActiveState')) === 'activating',
  );
  rolling.child.kill('SIGKILL');
  await rolling.ended;
  // Nobody is left to take its folder away.
  await robots.here.robot.shell('rm -rf /tmp/rovi-ssh-*');
  const [file = ''] = await rollings();
  const id = file.replace('.json', '');
  const middle = await robots.runs('rovi-web');
  expect(changed(before, middle)).toEqual(['hall', 'yard']);

  // What stands under a name may be another robot by now.
  await robots.script(`sed -i.kept 's#ssh://yard#ssh://elsewhere#' ~/.config/rovi/hosts.yaml`);
  const moved = await robots.rovictl(['service', 'restart', '--rolling', '--resume', '--yes']);
  await robots.script('mv ~/.config/rovi/hosts.yaml.kept ~/.config/rovi/hosts.yaml');
  expect(moved.code).toBe(3);
  expect(moved.stderr).toMatch(new RegExp(`yard is not where it was when ${id} began`));

  const other = robots.start(['service', 'restart', '--rolling', '--resume', id, '--yes']);
  await other.until(/on 2 hosts: hall, dock/, 'stderr');
  const twice = await robots.rovictl(['service', 'restart', '--rolling', '--resume', id, '--yes']);
  expect(twice.code).toBe(3);
  expect(twice.stderr).toMatch(/is being carried out by another rovictl/);
  await robots.letGo('hall');
  const { code, stdout } = await other.ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/✓ +yard .* restarted before, at [^]*✓ +hall .*\n✓ +dock/);
  expect(changed(middle, await robots.runs('rovi-web'))).toEqual(['dock']);
  expect(await rollings()).toEqual([]);
});

test('Ctrl-C ends the watching: what was begun goes on, the rest is not touched', async () => {
  const before = await webOnAll();
  await robots.hold('yard', 'rovi-web.service');
  const rolling = robots.start(['service', 'restart', 'yard,dock', 'web', '--rolling', '--yes']);
  await robots.here.robot.waitFor(
    'the restart on yard',
    async () => (await robots.there.yard.property('rovi-web', 'ActiveState')) === 'activating',
  );
  rolling.child.kill('SIGINT');
  const { code, stdout, stderr } = await rolling.ended;
  expect(code).toBe(130);
  expect(stdout).toMatch(/\? +yard +rovi +no longer watched: what was begun there goes on\n– +dock/);
  expect(stderr).toContain('the rolling restart ended at yard; not touched: dock');
  await robots.letGo('yard');
  await robots.there.yard.waitForUnit('rovi-web', 'active');
  expect(changed(before, await robots.runs('rovi-web'))).toEqual(['yard']);
  await robots.script(`rm ${ROLLING}/*`);
});

test('where a service has several instances, one of them after the other on each host', async () => {
  await robots.rovictl(['service', 'start', 'hall,yard', 'pool', '--yes']);
  const units = ['rovi-pool@1', 'rovi-pool@2'];
  const before = await Promise.all(units.map((unit) => robots.runs(unit)));
  const words = ['service', 'restart', 'hall,yard', 'pool', '--rolling', '--yes', '--json'];
  const { code, stdout } = await robots.rovictl(words);
  expect(code).toBe(0);
  expect(json(stdout).hosts.map(({ operation }) => operation?.kind)).toEqual([
    'rolling-restart',
    'rolling-restart',
  ]);
  const after = await Promise.all(units.map((unit) => robots.runs(unit)));
  for (const index of [0, 1])
    expect(changed(before[index] ?? {}, after[index] ?? {})).toEqual(['hall', 'yard']);
});

test('a stack rolls as well', async () => {
  await robots.rovictl(['--host', 'all', 'stack', 'start', 'teleop', '--yes']);
  const before = await robots.runs('rovi-teleop');
  const { code, stderr } = await robots.rovictl([
    '--host',
    'all',
    'stack',
    'restart',
    'teleop',
    '--rolling',
    '--yes',
  ]);
  expect(code).toBe(0);
  const ends = [...stderr.matchAll(/^✓ (\w+) +teleop/gm)].map((found) => found[1]);
  expect(ends).toEqual(['dock', 'hall', 'yard']);
  expect(changed(before, await robots.runs('rovi-teleop'))).toEqual(['dock', 'hall', 'yard']);
  await robots.rovictl(['--host', 'all', 'stop-all']);
});

test('two at once: each robot ends up with one run, and each command tells what came of it', async () => {
  await webOnAll();
  const words = ['service', 'restart', 'all', 'web', '--yes', '--json'];
  const [one, other] = await Promise.all([robots.rovictl(words), robots.rovictl(words)]);
  for (const { code, stdout } of [one, other]) {
    const told = json(stdout).hosts;
    const done = told.filter(({ outcome }) => outcome === 'succeeded').length;
    const refused = told.filter(({ problem }) => problem !== null).map(({ problem }) => problem?.code ?? '');
    for (const why of refused) expect(['service-busy', 'situation-changed']).toContain(why);
    expect(code).toBe(done === 3 ? 0 : done > 0 ? 8 : 3);
  }
  expect(await states('rovi-web')).toMatchObject({ dock: 'active', hall: 'active', yard: 'active' });
});

async function teleopOnAll(): Promise<void> {
  const { code } = await robots.rovictl(['--host', 'all', 'stack', 'start', 'teleop', '--yes']);
  expect(code).toBe(0);
}

test('a host that is down: nothing is done anywhere, but for a stop, or with --skip-unreachable', async () => {
  const before = await webOnAll();
  await teleopOnAll();
  await robots.cable('yard', 'down');
  try {
    const refused = await robots.rovictl(['service', 'restart', 'all', 'web', '--yes']);
    expect(refused.code).toBe(5);
    expect(refused.stderr).toMatch(/nothing was done anywhere: yard cannot be asked[^]*--skip-unreachable/);
    expect(refused.stdout).toMatch(
      /– +dock +rovi +nothing was sent to it\n– +hall .*\n✗ +yard +– +host-unreachable/,
    );
    const rolling = [
      'service',
      'restart',
      'all',
      'web',
      '--yes',
      '--rolling',
      '--skip-unreachable',
      '--json',
    ];
    // By itself: what else runs here would hold it up, and not the dead one.
    const stopped = await robots.rovictl(['--host', 'all', 'stop-all']);
    const [skipped, tested] = await Promise.all([
      robots.rovictl(rolling),
      robots.rovictl(['host', 'test', 'all', 'local']),
    ]);
    expect(stopped.code).toBe(8);
    expect(stopped.stdout).toMatch(/✓ +dock .*teleop stopped.*\n✓ +hall .*teleop stopped.*\n✗ +yard/);
    expect(stopped.stdout).toMatch(
      /Use the e-stop if the robot moves\.[^]*`ssh yard sudo rovictl stop-all` stops it there/,
    );
    expect(await states('rovi-teleop')).toMatchObject({ dock: 'inactive', hall: 'inactive', yard: 'active' });
    // Whoever waits for the dead one saw the others stop at once.
    expect(stopped.stderr.indexOf('✓ dock')).toBeLessThan(stopped.stderr.indexOf('✗ yard'));
    expect(skipped.code).toBe(8);
    expect(outcomes(skipped.stdout)).toEqual({ dock: 'succeeded', hall: 'succeeded', yard: 'failed' });
    expect(changed(before, await robots.runs('rovi-web'))).toEqual(['dock', 'hall']);
    expect(tested.code).toBe(8);
  } finally {
    await robots.cable('yard', 'up');
  }
  const middle = await robots.runs('rovi-web');
  expect((await robots.rovictl(['service', 'restart', '--rolling', '--resume', '--yes'])).code).toBe(0);
  expect(changed(middle, await robots.runs('rovi-web'))).toEqual(['yard']);
});

test('a host that is slow, and one that is cut off in the middle: the others are not held up', async () => {
  const slow: Other = 'dock';
  await robots.hold('yard', 'rovi-mapping.service');
  await robots.rovictl(['--host', 'all', 'stop-all']);
  const starting = robots.start(['--host', 'yard,hall', 'stack', 'start', 'mapping', '--yes']);
  await robots.here.robot.waitFor(
    'the start on yard',
    async () => (await robots.there.yard.property('rovi-mapping', 'ActiveState')) === 'activating',
  );
  await starting.until(/^✓ hall +mapping running/m, 'stderr');
  await robots.cable('yard', 'down');
  await robots.there[slow].systemctl(['kill', '--signal=STOP', '--kill-whom=main', 'rovi-gateway']);
  try {
    const stopping = robots.start(['--host', `${slow},hall`, 'estop']);
    await stopping.until(/^✓ hall +■ E-STOP/m, 'stderr');
    expect(stopping.stderr).not.toMatch(new RegExp(`^. ${slow}`, 'm'));
    const stopped = await stopping.ended;
    expect(stopped.code).toBe(8);
    expect(stopped.stdout).toMatch(
      /\? +dock +– +gateway-unreachable: whether it was carried out is not known\n✓ +hall/,
    );
    const { code, stdout } = await starting.ended;
    expect(code).toBe(8);
    expect(stdout).toMatch(/\? +yard +rovi +\S+: whether it was carried out is not known\n✓ +hall/);
    expect(stdout).toContain('`rovictl --host yard operations`');
  } finally {
    await robots.there[slow].systemctl(['kill', '--signal=CONT', '--kill-whom=main', 'rovi-gateway']);
    await robots.letGo('yard');
    await robots.cable('yard', 'up');
  }
  expect((await robots.rovictl(['--host', 'hall', 'estop', 'reset', '--yes'])).code).toBe(0);
});

test('this machine in a list has its gateway only: nothing is read or done past that', async () => {
  await robots.here.systemctl(['kill', '--signal=KILL', '--kill-whom=main', 'rovi-gateway']);
  await robots.here.waitForUnit('rovi-gateway.service', 'failed');
  for (const verb of [['status'], ['stop-all'], ['stack', 'stop', 'nav']]) {
    const { code, stdout, stderr } = await robots.rovictl(['--host', 'local,hall', ...verb]);
    expect({ verb, code }).toEqual({ verb, code: 8 });
    expect(stdout).toMatch(/✗ +local .*gateway-unreachable\n. +hall/);
    expect(`${stdout}${stderr}`).not.toMatch(/with systemctl|read from systemd/);
  }
  // Alone it has every way that there is.
  expect((await robots.rovictl(['--host', 'local', 'status'])).stdout).toContain(
    'read from systemd directly',
  );
  await robots.here.systemctl(['start', 'rovi-gateway']);
});
