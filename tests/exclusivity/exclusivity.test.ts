import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RoviError } from '@rovi/contract';
import { REPOSITORY } from '@rovi/testbed';
import { beforeAll, expect, test } from 'vitest';
import { InstalledRobot, SESSION } from '../installed-robot.js';
import { actorsOn } from './actors.js';
import { Chance } from './chance.js';
import { fiveStacks, NODES, STACKS } from './five-stacks.js';
import { shownState, trueState, type StackFacts } from './truth.js';
import { ExclusivityWatcher, type WatchSummary } from './watcher.js';

/** `ROVI_SEED=… ROVI_STEPS=…` repeats a run's choices, or makes a longer one. The robot's own timing stays its own. */
const SEED = Number(process.env['ROVI_SEED'] ?? Date.now() % 1_000_000);
const STEPS = Number(process.env['ROVI_STEPS'] ?? 300);
/** How often the robot has to change hands meanwhile. Actors on a busy machine hinder each other more: they go on until it has. */
const TURNS = Math.ceil(STEPS / 15);
/** They do not go on forever: milliseconds. */
const LONGEST_MS = 600_000 + 200 * STEPS;
/** Milliseconds from one step of an actor to its next, whatever has become of the first. An admin takes four times that. */
const PACE_MS = { least: 20, most: 1200 };

/** What may come of a command when others act at the same time. `internal` and the like are not among it. */
const MAY_HAPPEN = new Set([
  'stack-busy',
  'operation-in-progress',
  'operation-cancelled',
  'start-failed',
  'start-cancelled',
  'processes-missing',
  'lock-lost',
  'gateway-down',
  'stop-failed',
  'switch-rolled-back',
  'switch-failed',
  'bus-unavailable',
  'bus-timeout',
  'polkit-unavailable',
  'gateway-unreachable',
]);

interface Done {
  readonly at: number;
  readonly actor: string;
  readonly text: string;
  outcome: string;
}

const installed = new InstalledRobot('exclusivity', {
  // Three of the stacks settle as they do by default: an operation then ends a second after all is there.
  catalog: fiveStacks({ lockWait: 1, stop: 2, start: 2, settles: { teleop: null, nav: null, camera: null } }),
});
const record: Done[] = [];
let watcher: ExclusivityWatcher;
let summary: WatchSummary;

beforeAll(async () => {
  watcher = await ExclusivityWatcher.start(installed.robot, NODES);
});

/** What the actor's steps came to when they came to what was meant. */
const doneBy = (actor: string): Done[] =>
  record.filter((step) => step.actor === actor && step.outcome === 'done');

/** Seven actors take steps until there are enough, and enough has come of them; what one began goes on while it does the next. */
async function act(): Promise<void> {
  const began = performance.now();
  const names = Object.keys(actorsOn(installed));
  const open: Promise<void>[] = [];
  const full = (): boolean =>
    record.length >= STEPS && watcher.turns >= TURNS && names.every((name) => doneBy(name).length > 0);
  const goesOn = (): boolean =>
    !full() && watcher.overlaps.length === 0 && performance.now() - began < LONGEST_MS;
  const life = async (name: string, index: number): Promise<void> => {
    const draw = Object.values(actorsOn(installed))[index];
    const chance = new Chance(SEED * 31 + index);
    while (draw !== undefined && goesOn()) {
      const step = draw(chance);
      const done: Done = {
        at: Math.round(performance.now() - began),
        actor: name,
        text: step.text,
        outcome: 'open',
      };
      record.push(done);
      const ended = step.act().then(
        () => void (done.outcome = 'done'),
        (error: unknown) => {
          done.outcome = error instanceof RoviError ? error.code : String(error);
        },
      );
      open.push(ended);
      await delay(chance.between(PACE_MS.least, PACE_MS.most) * (name === 'admin' ? 4 : 1));
    }
  };
  await Promise.all(names.map(life));
  await Promise.all(open);
  // Refused for its start limit it would stay down: an admin looks once more.
  await installed.robot.shell(
    'systemctl is-active -q rovi-gateway || { systemctl reset-failed rovi-gateway; systemctl start rovi-gateway; }',
  );
}

/** Keeps the steps beside the journal, and says how to take them again. */
function explain(): string {
  const folder = join(REPOSITORY, 'test-output');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `exclusivity-seed-${SEED}.txt`);
  const lines = record.map(({ at, actor, text, outcome }) => `${at} ms  ${actor}  ${text}  → ${outcome}`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return `seed ${SEED}; the steps are in ${file}; again: ROVI_SEED=${SEED} npx vitest run tests/exclusivity`;
}

test(`${STEPS} steps of seven actors at once, seed ${SEED}: never two stacks alive together`, async () => {
  await act();
  expect(watcher.overlaps, explain()).toEqual([]);
  // It did change hands all the time: else there was nothing to see.
  expect(watcher.turns, explain()).toBeGreaterThanOrEqual(TURNS);
}, 1_800_000);

test('nobody was told of a defect, and every way of acting did act', () => {
  const told = record.filter(({ actor }) => actor.endsWith('client')).map(({ outcome }) => outcome);
  const surprising = told.filter((outcome) => outcome !== 'done' && !MAY_HAPPEN.has(outcome));
  expect(surprising, explain()).toEqual([]);
  expect(record.filter(({ outcome }) => outcome === 'open')).toEqual([]);
  for (const actor of Object.keys(actorsOn(installed))) {
    expect(doneBy(actor).length, `${actor}, ${explain()}`).toBeGreaterThan(0);
  }
});

/** Waits until what the conductor shows is what systemd and the kernel say, and answers with it. */
function shownAsTrue(): Promise<StackFacts[]> {
  return installed.robot.waitFor(
    'shown and true state to be one',
    async () => {
      const [seen, truth] = [await shownState(installed), await trueState(installed)];
      const moving = truth.some(({ active_state }) => active_state.endsWith('ing'));
      return !moving && JSON.stringify(seen) === JSON.stringify(truth) ? seen : null;
    },
    60_000,
  );
}

test('when all is quiet, the conductor shows what systemd and /proc say', async () => {
  const { robot, api } = installed;
  await robot.waitFor('no operation to run', async () => (await api.state()).operation === null, 30_000);
  const shown = await shownAsTrue();
  expect(shown.filter(({ processes }) => processes.length > 0).length).toBeLessThanOrEqual(1);
});

test('every stack that is well can be had, and stopped, and nothing is left', async () => {
  const { robot, api } = installed;
  await api.stopAll();
  const { setStack } = await import('@rovi/testbed');
  for (const stack of STACKS) await setStack(robot, stack, { nodes: NODES[stack].map((name) => ({ name })) });
  await robot.shell(`systemctl reset-failed 'rovi-*'; true`);
  // The two seconds to come up in are for the actors: a stack that is well may take what it needs on a busy machine.
  await robot.shell(
    `set -e; sed -i 's/^\\( *\\)start: 2$/\\1start: 30/' /etc/rovi/rovi.yaml
     grep -q 'start: 30' /etc/rovi/rovi.yaml; systemctl restart rovi-gateway`,
  );
  await robot.waitFor('the state to be known', async () => (await api.state()).known);
  expect(await api.start('nav')).toMatchObject({ outcome: 'succeeded' });
  // Each in turn: chance alone need not have given every one of them the robot for the watcher to see.
  for (const stack of ['camera', 'teleop', 'mapping', 'localization']) {
    expect(await api.switchTo(stack)).toMatchObject({ outcome: 'succeeded' });
  }
  await shownAsTrue();
  await api.stopAll();
  await shownAsTrue();
  expect((await trueState(installed)).flatMap(({ processes }) => processes)).toEqual([]);
  expect(await installed.lockIsFree()).toBe(true);
  expect(await installed.exists(SESSION)).toBe(false);
});

test('the watcher looked often enough to see, and there was something to see', async () => {
  summary = await watcher.end();
  expect(watcher.overlaps).toEqual([]);
  expect(summary.median_ms).toBeLessThan(30);
  // Every stack had the robot.
  for (const stack of STACKS) expect(summary.seen[stack], stack).toBeGreaterThan(0);
});

// What systemd says of what was killed, refused or too late is the story; the gateway itself warns of a lost bus only.
installed.expectNoWarningsBut(
  /^rovi-(teleop|mapping|localization|nav|camera)\.service\[[34]\] systemd: /,
  /^rovi-gateway\.service\[4\] systemd: rovi-gateway\.service: (Main process exited, code=killed, status=9\/KILL|Failed with result 'signal'\.)$/,
  // A start that comes while it stops is tried several times, each of which counts against its start limit (systemd 252).
  /^rovi-gateway\.service\[4\] systemd: rovi-gateway\.service: (Start request repeated too quickly\.|Failed with result 'start-limit-hit'\.)$/,
  /^rovi-gateway\.service\[4\] systemd: rovi-gateway\.service: Found left-over process \d+ \(.*\) in control group while starting unit\. Ignoring\.$/,
  /^rovi-gateway\.service\[4\] systemd: This usually indicates unclean termination of a previous run, or service implementation deficiencies\.$/,
  // A kill can meet it while it is starting.
  /^rovi-gateway\.service\[3\] systemd: Failed to start rovi-gateway\.service/,
  /^rovi-gateway\.service\[4\] rovi-gateway: .*"msg":"connection to systemd lost"/,
);
