import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fleetKeySchema } from '@rovi/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rovictl, start, startOnTerminal } from '../cli/rovictl.js';
import type { Ended } from '../cli/rovictl.js';
import { Broker } from '../mqtt/broker.js';
import type { HandRobot } from './hand-robot.js';
import { operationOf } from './hand-robot.js';
import { memberRig } from './member-rig.js';
import { crowd, office } from './office.js';

/** Carts 8 and 16 are not well, 25 and 26 are gone. */
const HANDS = 24;

let broker: Broker;
let desk: Awaited<ReturnType<typeof office>>;
let hands: HandRobot[];
const members: Awaited<ReturnType<typeof memberRig>>[] = [];

beforeAll(async () => {
  broker = await Broker.start();
  desk = await office(broker.url);
  const operators = [{ name: 'office', key: await desk.key(), role: 'operator' as const }];
  for (const robot of ['alpha', 'bravo'])
    members.push(await memberRig({ broker: broker.url, robot, operators }));
  hands = await crowd(broker.url, { from: 1, to: HANDS + 2 });
  // All of them are known before two of them go.
  await desk.online(HANDS + 2 + members.length);
  for (const robot of hands.splice(HANDS)) await robot.cut();
  await desk.online(HANDS + members.length);
}, 120_000);
afterAll(async () => {
  for (const robot of hands) await robot.cut();
  for (const member of members) await member[Symbol.asyncDispose]();
  await desk[Symbol.asyncDispose]();
  await broker[Symbol.asyncDispose]();
});

const run = (...args: string[]): Promise<Ended> => rovictl(['fleet', ...args], { socket: desk.socketPath });
const active = () => members.map((member) => member.active());

describe('rovictl fleet status', () => {
  it('says how many there are, then each on a line, the worst first; what is away is told as what was', async () => {
    const { code, stdout } = await run('status');
    expect(code).toBe(8);
    const [summary, head, ...rows] = stdout.trimEnd().split('\n');
    expect(summary).toBe('28 robots: 23 well, 3 not well, 2 away');
    expect(head).toMatch(/ROBOT +STATE +ACTIVE +STACK +LAST SEEN +VERSION +NOT WELL/);
    expect(rows).toHaveLength(28);
    expect(rows[0]).toMatch(
      /^✗ +cart-16 +error +teleop +RUNNING +(?:just now|.+ ago) +1\.2\.3 +video failed$/,
    );
    expect(rows.slice(1, 3).join('\n')).toMatch(/^▲ +cart-08 +warn .*\n▲ +cart-24 +warn/);
    expect(rows[3]).toMatch(
      /^○ +cart-25 +offline +– +– .*was running teleop, (?:just now|.+ ago); the connection was lost$/,
    );
    expect(rows[5]).toMatch(/^● +alpha +well +none/);
  });

  it('of named ones only those, as JSON what the API has, and refuses a name nobody has heard of', async () => {
    const few = await run('status', 'cart-01', 'cart-02');
    expect([few.code, few.stdout.split('\n')[0]]).toEqual([0, '2 robots: 2 well, 0 not well, 0 away']);
    const json = JSON.parse((await run('status', '--json', 'cart-25', 'cart-01')).stdout) as {
      robots: { robot: string; presence: string }[];
    };
    expect(json.robots.map(({ robot, presence }) => [robot, presence])).toEqual([
      ['cart-01', 'online'],
      ['cart-25', 'offline'],
    ]);
    const unknown = await run('status', 'cart-01', 'nobody');
    expect([unknown.code, unknown.stdout]).toEqual([2, '']);
    expect(unknown.stderr).toContain('nobody');
  });

  it('one robot as it says itself; where it does not answer its last report, marked as that', async () => {
    const alpha = await run('status', 'alpha');
    expect(alpha.code).toBe(0);
    expect(alpha.stdout).toMatch(/^● alpha well: this is its own answer of now/);
    expect(alpha.stdout).toMatch(/robot +alpha\n/);
    expect(alpha.stdout).toMatch(/○ +teleop +STOPPED/);
    const gone = await run('status', 'cart-25');
    expect(gone.code).toBe(5);
    expect(gone.stderr).toContain('[robot-offline]');
    expect(gone.stdout).toMatch(/^○ cart-25 offline: was running teleop; the connection was lost\n/);
    expect(gone.stdout).toMatch(/its last report, (?:just now|.+ ago), version 1\.2\.3:\n/);
    const both = JSON.parse((await run('status', 'cart-25', '--json')).stdout) as Record<string, unknown>;
    expect(both).toMatchObject({
      snapshot: null,
      problem: { code: 'robot-offline' },
      report: { active: 'teleop' },
    });
  });
});

describe('rovictl fleet run', () => {
  it('shows what it would hit, and without a terminal does nothing for want of a yes', async () => {
    const asked = await run('run', 'stack', 'start', 'nav', '--on', 'alpha,bravo,cart-01,cart-25');
    expect([asked.code, asked.stdout]).toEqual([3, '']);
    expect(asked.stderr).toMatch(/start nav on 3 robots:\n {2}2 robots: starts nav\n {4}alpha, bravo\n/);
    expect(asked.stderr).toMatch(/1 robot: left out \[robot-offline\].*\n {4}cart-25\n/);
    expect(asked.stderr).toContain('[confirmation-required]');
    expect(active()).toEqual([null, null]);
  });

  it('commands those that would do it; where some did not, all is told and the exit code is 8', async () => {
    const bad = hands[0];
    if (bad === undefined) throw new Error('there is no robot');
    const before = bad.manner;
    bad.manner = async (requested, robot) => {
      if (requested.request.kind !== 'do') return before(requested, robot);
      await robot.say(requested, { kind: 'accepted', operation: operationOf('running') });
      await robot.say(requested, { kind: 'ended', operation: operationOf('failed') });
    };
    const ended = await run(
      ...[
        'run',
        'stack',
        'start',
        'nav',
        '--on',
        'alpha,bravo,cart-01,cart-25',
        '--yes',
        '--reason',
        'a tour',
      ],
    );
    bad.manner = before;
    expect(ended.code).toBe(8);
    expect(ended.stdout).toMatch(
      /^✗ start nav on 4 robots: 2 done, 1 failed, 1 refused: nothing was done \(took /,
    );
    expect(ended.stdout).toMatch(/✗ +cart-01 +failed +start-failed +it fell/);
    expect(ended.stdout).toMatch(/✗ +cart-25 +refused: nothing was done +robot-offline/);
    expect(ended.stdout).toMatch(/✓ +alpha +done/);
    expect(ended.stderr).toMatch(/✗ cart-01 failed: it fell\n/);
    expect(active()).toEqual(['nav', 'nav']);
    expect(members[0]?.audit.at(-1)).toMatchObject({ reason: 'a tour' });

    const runs = await run('runs');
    expect(runs.stdout).toMatch(/start nav +tester|start nav +root/);
    const id = /^✗ +(\S+)/m.exec(runs.stdout)?.[1] ?? '';
    expect((await run('runs', id)).stdout).toMatch(/✗ +cart-01 +failed +start-failed/);
    expect((await run('runs', 'never')).code).toBe(2);
  });

  it('an answer that never comes is told as not known, and as no success', async () => {
    const mute = hands[1];
    if (mute === undefined) throw new Error('there is no robot');
    const before = mute.manner;
    mute.manner = (requested, robot) =>
      requested.request.kind === 'do' ? robot.cut() : before(requested, robot);
    const ended = await run('run', 'stack', 'start', 'nav', '--on', mute.name, '--yes', '--json');
    mute.manner = before;
    await mute.up();
    await desk.online(HANDS + members.length);
    expect(ended.code).not.toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      targets: [{ robot: mute.name, state: 'unknown' }],
      said_no: [],
    });
  });

  it('asks on a terminal, and a no does nothing', async () => {
    const words = ['fleet', 'run', 'stack', 'stop', 'nav', '--active', 'nav', '--on', 'alpha'];
    expect((await rovictl(words, { socket: desk.socketPath })).code).toBe(2);
    const asked = startOnTerminal(['fleet', 'run', 'stack', 'stop', 'nav', '--on', 'alpha,bravo'], {
      socket: desk.socketPath,
    });
    await asked.until(/command 2 robots\? \[y\/N\]/);
    expect(asked.stdout).toMatch(/2 robots: .*stops nav/);
    asked.child.stdin?.write('n\n');
    expect((await asked.ended).code).toBe(3);
    expect(active()).toEqual(['nav', 'nav']);
    const yes = startOnTerminal(['fleet', 'run', 'stack', 'stop', 'nav', '--on', 'alpha,bravo'], {
      socket: desk.socketPath,
    });
    await yes.until(/command 2 robots\? \[y\/N\]/);
    yes.child.stdin?.write('y\n');
    expect((await yes.ended).code).toBe(0);
    expect(active()).toEqual([null, null]);
  });

  it('stop-all asks nothing, and says of who is away that it was not stopped', async () => {
    await run('run', 'stack', 'start', 'teleop', '--on', 'alpha,bravo', '--yes');
    expect(active()).toEqual(['teleop', 'teleop']);
    const ended = await run('run', 'stop-all', '--all');
    expect(ended.stdout).toMatch(/^✗ stop everything on 28 robots: 26 done, 2 not in time: never done/);
    expect(ended.stdout).toContain('robot-offline');
    expect(ended.code).toBe(8);
    expect(active()).toEqual([null, null]);
  });

  it('means nobody by saying nothing, and refuses what is no command', async () => {
    expect((await run('run', 'stack', 'start', 'nav', '--yes')).code).toBe(2);
    expect((await run('run', 'stack', 'dance', 'nav', '--all', '--yes')).code).toBe(2);
    expect((await run('run', 'stop-all', '--state', 'stale')).code).toBe(5);
    expect((await run('run', 'stop-all', '--all', '--rolling', '--at-once', '4')).code).toBe(2);
  });
});

describe('rovictl fleet watch', () => {
  it('a line for each change of a robot, and for each step of a run', async () => {
    const watch = start(['fleet', 'watch'], { socket: desk.socketPath });
    try {
      await watch.until(/28 robots: /);
      await watch.until(/▲ cart-08 warn/);
      await hands[2]?.report({ level: 'error', text: 'the battery is empty' });
      await watch.until(/✗ cart-03 error, active none: the battery is empty\n/);
      await hands[2]?.report({});
      await watch.until(/● cart-03 well/);
      await run('run', 'stop-all', '--on', 'alpha');
      await watch.until(/run \S+: stop everything by \S+: 1 done – ended\n/);
    } finally {
      watch.child.kill('SIGINT');
    }
    expect((await watch.ended).code).toBe(0);
  });

  it('a table on a terminal, the worst on top', async () => {
    const watch = startOnTerminal(['fleet', 'watch'], { socket: desk.socketPath, rows: 12 });
    try {
      await watch.until(/cart-16/);
      await watch.until(/Ctrl-C ends/);
      expect(watch.stdout).toContain('\u001b[?1049h');
    } finally {
      watch.child.stdin?.write('\u0003');
    }
    expect((await watch.ended).stdout).toContain('\u001b[?1049l');
  });
});

describe('rovictl fleet key', () => {
  it('makes a key once, and prints what robots need in their catalog', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rovi-key-'));
    try {
      const file = join(folder, 'fleet.key');
      const catalog = join(folder, 'rovi.yaml');
      await writeFile(
        catalog,
        `version: 1\nuser: daemon\nworkspace: /opt/ws\nenv_file: /etc/rovi/.env.robot\nmqtt:\n  broker: mqtt://b\n  fleet: { observe: true, key_file: ${file} }\nstacks: {}\n`,
      );
      const key = (...args: string[]): Promise<Ended> =>
        rovictl(['--catalog', catalog, 'fleet', 'key', ...args]);
      expect((await key()).code).toBe(2);
      const made = await key('--create', '--name', 'office');
      expect(made).toMatchObject({ code: 0 });
      expect(made.stdout).toMatch(
        /^mqtt:\n {2}fleet:\n {4}operators:\n {6}- name: "office"\n {8}key: ed25519:\S+\n {8}role: operator\n$/,
      );
      const { mode, uid, gid } = await stat(file);
      expect([mode & 0o777, uid, gid]).toEqual([0o640, 0, 1]);
      const text = await readFile(file, 'utf8');
      const again = await key('--create');
      expect(again.code).toBe(2);
      expect(again.stderr).toContain('is there already, and is not replaced');
      expect(await readFile(file, 'utf8')).toBe(text);
      const told = JSON.parse((await key('--json')).stdout) as { key: string };
      expect(fleetKeySchema.parse(told.key)).toBe(/key: (\S+)/.exec(made.stdout)?.[1]);
      expect((await key(catalog)).stderr).toContain('holds no private Ed25519 key');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('without the broker', () => {
  it('everything is told as what was, in the first line, with exit code 5, and nothing is sent', async () => {
    await broker.down();
    await desk.connected(false);
    const status = await run('status');
    expect(status.code).toBe(5);
    expect(status.stdout).toMatch(
      /^✗ no connection to the fleet's broker .*; what is shown is what was\n28 robots: 0 well, 0 not well, 28 away\n/,
    );
    const none = await run('run', 'stop-all', '--all');
    expect(none.code).toBe(5);
    expect((await run('run', 'stop-all', '--on', 'alpha')).code).toBe(5);
  });
});
