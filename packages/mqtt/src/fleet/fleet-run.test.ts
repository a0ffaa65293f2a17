import { RoviError, fleetRunBodySchema } from '@rovi/contract';
import type { FleetReply, FleetRun, FleetTargetState, Operation } from '@rovi/contract';
import { VirtualClock } from '@rovi/conductor/robot-model';
import { describe, expect, it } from 'vitest';
import type { FleetField } from './fleet-errand.js';
import type { Letter } from './fleet-mail.js';
import { FleetRunner } from './fleet-run.js';
import { FleetRuns } from './fleet-runs.js';

function operationOf(outcome: Operation['outcome'], id = 'op-1'): Operation {
  return {
    id,
    kind: 'start',
    stack: 'nav',
    service: null,
    from: null,
    actor: { name: 'ann', face: 'mqtt', verified: true },
    reason: '',
    outcome,
    changed: true,
    message: '',
    problem:
      outcome === 'failed' ? { code: 'start-failed', message: 'it fell', mend: '', context: {} } : null,
    warnings: [],
    steps: [{ text: 'start', started_at: '2026-01-02T03:04:05.000Z', duration_ms: 1 }],
    started_at: '2026-01-02T03:04:05.000Z',
    ended_at: null,
    duration_ms: null,
  };
}

type Said<Reply = FleetReply> = Reply extends FleetReply ? Omit<Reply, 'v' | 'robot' | 'id'> : never;

const OFFER: Said = { kind: 'offer', offer: 'an-offer-of-a-robot', offer_ms: 10_000, impact: null };
const accepted = (operation: Operation | null = operationOf('running')): Said => ({
  kind: 'accepted',
  operation,
});
const ended = (outcome: Operation['outcome'] = 'succeeded'): Said => ({
  kind: 'ended',
  operation: operationOf(outcome),
});
const refused = (code: 'stack-busy' | 'command-expired' | 'robot-silent' | 'not-found'): Said => ({
  kind: 'refused',
  problem: { code, message: 'no', mend: '', context: {} },
});

/** Robots and a broker as far as a run sees them, on virtual time. */
class Field implements FleetField {
  readonly clock = new VirtualClock();
  readonly sent: (Letter & { readonly id: string })[] = [];
  readonly online = new Map<string, string>();
  broker = true;
  /** Milliseconds by which timers come before their time. */
  earlyMs = 0;
  #ids = 0;

  constructor(...robots: string[]) {
    for (const robot of robots) this.online.set(robot, 'run-1');
  }

  now(): number {
    return this.clock.monotonic();
  }

  after(ms: number, run: () => void): () => void {
    let cancelled = false;
    this.clock.at(ms - this.earlyMs, () => {
      if (!cancelled) run();
    });
    return () => (cancelled = true);
  }

  standing(robot: string) {
    return this.online.has(robot) && this.broker
      ? ({ presence: 'online', reason: '', until: Infinity } as const)
      : ({ presence: 'offline', reason: 'its connection was lost', until: Infinity } as const);
  }

  bootId(robot: string): string | null {
    return this.online.get(robot) ?? null;
  }

  send(letter: Letter): { id: string; close: () => void } {
    if (!this.broker) throw new RoviError('fleet-broker-away', 'no broker');
    this.#ids += 1;
    const sent = { ...letter, id: letter.id ?? `id-${String(this.#ids)}` };
    this.sent.push(sent);
    return { id: sent.id, close: () => undefined };
  }

  /** Robots that were asked this, in order. */
  asked(kind: Letter['asked']['kind']): string[] {
    return this.sent.filter(({ asked }) => asked.kind === kind).map(({ robot }) => robot);
  }

  last(robot: string, kind: Letter['asked']['kind']): Letter & { readonly id: string } {
    const letter = this.sent.findLast((one) => one.robot === robot && one.asked.kind === kind);
    if (letter === undefined) throw new Error(`${robot} was not sent ${kind}`);
    return letter;
  }

  says(robot: string, kind: Letter['asked']['kind'], said: Said): void {
    const { id, replied } = this.last(robot, kind);
    replied({ v: 1, robot, id, ...said });
  }

  /** To its end, without a fault. */
  obeys(robot: string): void {
    this.says(robot, 'ask', OFFER);
    this.says(robot, 'do', accepted());
    this.says(robot, 'do', ended());
  }
}

function runOn(field: Field, robots: readonly string[], more: object = {}) {
  const body = fleetRunBodySchema.parse({
    command: { kind: 'start', stack: 'nav' },
    targets: robots.map((robot) => ({ robot })),
    ...more,
  });
  let told: FleetRun | null = null;
  let times = 0;
  const runner: FleetRunner = new FleetRunner({
    field,
    body,
    behalf: { name: 'ann', role: 'operator', verified: true },
    time: () => new Date(field.clock.now()).toISOString(),
    changed: () => {
      told = runner.run;
      times += 1;
    },
  });
  runner.start();
  return {
    runner,
    states: (): FleetTargetState[] => {
      // What is told is never behind what is so.
      expect(told).toEqual(runner.run);
      return runner.run.targets.map(({ state }) => state);
    },
    target: (index = 0) => runner.run.targets[index],
    /** How often it was told. */
    times: () => times,
    ended: () => runner.run.ended_at !== null,
  };
}

describe('a command to one robot', () => {
  it('is asked, offered, done, accepted and ended', () => {
    const field = new Field('a');
    const run = runOn(field, ['a']);
    expect(run.states()).toEqual(['asking']);
    field.says('a', 'ask', OFFER);
    expect(run.states()).toEqual(['sent']);
    expect(field.last('a', 'do').asked).toEqual({ kind: 'do', offer: 'an-offer-of-a-robot', confirm: null });
    field.says('a', 'do', accepted());
    expect(run.states()).toEqual(['running']);
    expect(run.ended()).toBe(false);
    field.says('a', 'do', ended());
    expect(run.target()).toMatchObject({
      state: 'succeeded',
      problem: null,
      operation: { id: 'op-1', steps: [] },
    });
    expect(run.ended()).toBe(true);
  });

  it('is over at once where there is no operation, and fails with the problem of one', () => {
    const field = new Field('a', 'b');
    const run = runOn(field, ['a', 'b'], { command: { kind: 'estop' } });
    for (const robot of ['a', 'b']) field.says(robot, 'ask', OFFER);
    field.says('a', 'do', accepted(null));
    field.says('b', 'do', ended('failed'));
    expect(run.states()).toEqual(['succeeded', 'failed']);
    expect(run.target(1)).toMatchObject({ problem: { code: 'start-failed' } });
  });

  it.each([
    ['ask', 'stack-busy', 'refused'],
    ['do', 'stack-busy', 'refused'],
    ['do', 'command-expired', 'expired'],
    ['do', 'robot-silent', 'unknown'],
    // It was begun, and the robot keeps its record no longer.
    ['do', 'not-found', 'unknown'],
  ] as const)('that is refused at %s with %s is %s', (kind, code, state) => {
    const field = new Field('a');
    const run = runOn(field, ['a']);
    if (kind === 'do') field.says('a', 'ask', OFFER);
    field.says('a', kind, refused(code));
    expect(run.target()).toMatchObject({ state, problem: { code } });
    expect(run.ended()).toBe(true);
  });

  it('that is not answered in ten seconds was not done, and never will be', async () => {
    const field = new Field('a');
    const run = runOn(field, ['a']);
    await field.clock.advance(9_999);
    expect(run.states()).toEqual(['asking']);
    await field.clock.advance(1);
    expect(run.target()).toMatchObject({ state: 'expired', problem: { code: 'robot-silent' } });
    field.says('a', 'ask', OFFER);
    expect(run.states()).toEqual(['expired']);
    expect(field.asked('do')).toEqual([]);
  });

  it('that the broker hands on to nobody is not done', async () => {
    const field = new Field('a', 'b');
    const run = runOn(field, ['a', 'b']);
    field.last('a', 'ask').undelivered(new RoviError('fleet-broker-away', 'not authorized'));
    field.says('b', 'ask', OFFER);
    field.last('b', 'do').undelivered(new RoviError('fleet-broker-away', 'not authorized'));
    expect(run.states()).toEqual(['expired', 'expired']);
    await field.clock.advance(60_000);
    expect(run.states()).toEqual(['expired', 'expired']);
  });

  it('to a robot that is away is sent nothing', () => {
    const field = new Field();
    const run = runOn(field, ['a']);
    expect(run.target()).toMatchObject({ state: 'expired', problem: { code: 'robot-offline' } });
    expect(field.sent).toEqual([]);
  });

  it('waits for a robot that is away as long as it was told to, and no longer', async () => {
    const field = new Field();
    const run = runOn(field, ['a', 'b'], { wait_s: 60 });
    expect(run.states()).toEqual(['waiting', 'waiting']);
    await field.clock.advance(59_000);
    field.online.set('a', 'run-1');
    run.runner.wake();
    expect(run.states()).toEqual(['asking', 'waiting']);
    await field.clock.advance(1_100);
    expect(run.states()).toEqual(['asking', 'expired']);
    field.online.set('b', 'run-1');
    run.runner.wake();
    expect(field.asked('ask')).toEqual(['a']);
    field.obeys('a');
    expect(run.ended()).toBe(true);
  });

  it('waits again where the robot went away while it was asked', async () => {
    const field = new Field('a');
    const run = runOn(field, ['a'], { wait_s: 60 });
    field.online.delete('a');
    await field.clock.advance(10_000);
    expect(run.states()).toEqual(['waiting']);
    field.online.set('a', 'run-2');
    run.runner.wake();
    field.obeys('a');
    expect(run.states()).toEqual(['succeeded']);
    expect(field.asked('do')).toEqual(['a']);
  });
});

describe('a robot that says nothing to `do`', () => {
  /** A run whose `do` has gone unanswered for 15 s. */
  async function unanswered(field: Field) {
    const run = runOn(field, ['a']);
    field.says('a', 'ask', OFFER);
    await field.clock.advance(14_999);
    expect(run.states()).toEqual(['sent']);
    return run;
  }

  it('may have done it: nobody knows, and the same `do` asks what became of it when it can do no more harm', async () => {
    const field = new Field('a');
    const run = await unanswered(field);
    const first = field.last('a', 'do');
    expect(field.asked('do')).toHaveLength(1);
    await field.clock.advance(1);
    expect(run.target()).toMatchObject({ state: 'unknown', problem: { code: 'robot-silent' } });
    expect(run.ended()).toBe(true);
    const second = field.last('a', 'do');
    expect(field.asked('do')).toHaveLength(2);
    expect([second.id, second.asked]).toEqual([first.id, first.asked]);
    field.says('a', 'do', refused('command-expired'));
    expect(run.target()).toMatchObject({ state: 'expired', problem: { code: 'command-expired' } });
  });

  it('is asked what became of it also where the timer comes a moment before its time', async () => {
    const field = new Field('a');
    field.earlyMs = 0.9;
    await unanswered(field);
    await field.clock.advance(1);
    expect(field.asked('do')).toHaveLength(2);
  });

  it('is believed when it says late that it did', async () => {
    const field = new Field('a');
    const run = await unanswered(field);
    await field.clock.advance(1_000);
    expect(run.states()).toEqual(['unknown']);
    field.says('a', 'do', accepted());
    expect([run.states(), run.ended()]).toEqual([['running'], false]);
    field.says('a', 'do', ended());
    expect([run.states(), run.ended()]).toEqual([['succeeded'], true]);
  });

  it('is not sent it again where it is away, another run, or long past; and never with another offer', async () => {
    const field = new Field('a');
    const run = await unanswered(field);
    field.online.delete('a');
    await field.clock.advance(10_000);
    expect(run.states()).toEqual(['unknown']);
    field.online.set('a', 'run-2');
    run.runner.wake();
    expect(field.asked('do')).toHaveLength(1);
    field.online.set('a', 'run-1');
    for (let times = 0; times < 10; times += 1) run.runner.wake();
    expect(field.asked('do')).toHaveLength(4);
    expect(new Set(field.sent.flatMap(({ asked }) => (asked.kind === 'do' ? [asked.offer] : []))).size).toBe(
      1,
    );
    await field.clock.advance(300_000);
    run.runner.wake();
    expect(field.asked('do')).toHaveLength(4);
    expect(field.asked('ask')).toHaveLength(1);
  });
});

describe('a robot that is lost in the middle of it', () => {
  function running(field: Field) {
    const run = runOn(field, ['a']);
    field.says('a', 'ask', OFFER);
    field.says('a', 'do', accepted());
    return run;
  }

  it('goes on as far as anybody knows, and is asked for its operation when it is back', () => {
    const field = new Field('a');
    const run = running(field);
    field.broker = false;
    run.runner.wake();
    expect(run.target()).toMatchObject({ state: 'running', problem: { code: 'robot-offline' } });
    field.broker = true;
    run.runner.wake();
    expect(run.target()).toMatchObject({ state: 'running', problem: null });
    expect(field.last('a', 'operation').asked).toEqual({ kind: 'operation', operation: 'op-1' });
    field.says('a', 'operation', ended());
    expect(run.states()).toEqual(['succeeded']);
    run.runner.wake();
    expect(field.asked('operation')).toHaveLength(1);
  });

  it('is not known of where another run of its gateway comes back, or it has forgotten', () => {
    const field = new Field('a');
    const run = running(field);
    field.online.delete('a');
    run.runner.wake();
    field.online.set('a', 'run-2');
    run.runner.wake();
    expect(run.target()).toMatchObject({ state: 'unknown', problem: { code: 'robot-silent' } });
    expect(field.asked('operation')).toEqual([]);

    const other = new Field('a');
    const second = running(other);
    other.broker = false;
    second.runner.wake();
    other.broker = true;
    second.runner.wake();
    other.says('a', 'operation', refused('not-found'));
    expect(second.target()).toMatchObject({ state: 'unknown', problem: { code: 'not-found' } });
  });

  it('is given up after ten minutes, and believed when it comes back even later', async () => {
    const field = new Field('a');
    const run = running(field);
    const bootId = field.bootId('a') ?? '';
    field.online.delete('a');
    run.runner.wake();
    await field.clock.advance(599_000);
    expect(run.states()).toEqual(['running']);
    await field.clock.advance(61_000);
    expect([run.states(), run.ended()]).toEqual([['unknown'], true]);
    field.online.set('a', bootId);
    run.runner.wake();
    field.says('a', 'operation', ended('failed'));
    expect(run.target()).toMatchObject({ state: 'failed', problem: { code: 'start-failed' } });
  });

  it('whose end was lost on the way is asked for it after a minute', async () => {
    const field = new Field('a');
    const run = running(field);
    await field.clock.advance(60_000);
    field.says('a', 'operation', accepted());
    expect(run.states()).toEqual(['running']);
    await field.clock.advance(60_000);
    expect(field.asked('operation')).toHaveLength(2);
    field.says('a', 'operation', ended());
    expect(run.states()).toEqual(['succeeded']);
  });
});

describe('answers that come twice, late, or of something else', () => {
  it('change nothing', () => {
    const field = new Field('a');
    const run = runOn(field, ['a']);
    field.says('a', 'ask', OFFER);
    field.says('a', 'ask', { ...OFFER, offer: 'another-offer-of-it' });
    field.says('a', 'ask', refused('stack-busy'));
    expect(field.asked('do')).toHaveLength(1);
    field.says('a', 'do', accepted());
    field.says('a', 'do', accepted());
    field.says('a', 'do', refused('stack-busy'));
    field.says('a', 'do', { kind: 'ended', operation: operationOf('succeeded', 'another') });
    field.says('a', 'do', { kind: 'ended', operation: operationOf('running') });
    field.says('a', 'do', OFFER);
    expect(run.states()).toEqual(['running']);
    field.says('a', 'do', ended());
    field.says('a', 'do', ended('failed'));
    field.says('a', 'do', accepted());
    expect(run.states()).toEqual(['succeeded']);
  });
});

describe('many robots', () => {
  it('are commanded so many at a time, in their order', () => {
    const field = new Field('a', 'b', 'c');
    const run = runOn(field, ['a', 'b', 'c'], { at_once: 1 });
    expect(run.states()).toEqual(['asking', 'waiting', 'waiting']);
    field.obeys('a');
    expect(run.states()).toEqual(['succeeded', 'asking', 'waiting']);
    field.obeys('b');
    field.obeys('c');
    expect(run.states()).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(field.asked('do')).toEqual(['a', 'b', 'c']);
  });

  it('are all left alone after the first that fails, where that is wanted; what runs goes on', () => {
    const field = new Field('a', 'b', 'c', 'd');
    const run = runOn(field, ['a', 'b', 'c', 'd'], { at_once: 3, stop_at_failure: true });
    field.says('a', 'ask', OFFER);
    field.says('a', 'do', accepted());
    field.says('b', 'ask', OFFER);
    expect(run.states()).toEqual(['running', 'sent', 'asking', 'waiting']);
    field.says('b', 'do', refused('stack-busy'));
    expect(run.states()).toEqual(['running', 'refused', 'left-out', 'left-out']);
    field.says('c', 'ask', OFFER);
    field.says('a', 'do', ended());
    expect(run.states()).toEqual(['succeeded', 'refused', 'left-out', 'left-out']);
    expect([run.ended(), field.asked('do')]).toEqual([true, ['a', 'b']]);
  });

  it('do not wait for one that is away', () => {
    const field = new Field('b');
    const run = runOn(field, ['a', 'b'], { at_once: 1, wait_s: 10 });
    expect(run.states()).toEqual(['waiting', 'asking']);
  });

  it('of whom one is away end a run that stops at a failure, and nothing is sent to any after it', () => {
    const field = new Field('b');
    const run = runOn(field, ['a', 'b'], { at_once: 1, stop_at_failure: true });
    expect(run.states()).toEqual(['expired', 'left-out']);
    expect(field.sent).toEqual([]);
  });
});

describe('a run that is kept', () => {
  it('is not told again for what robots say meanwhile', () => {
    const field = new Field('a', 'b');
    const run = runOn(field, ['a', 'b']);
    field.obeys('a');
    const underWay = run.times();
    for (let heartbeat = 0; heartbeat < 3; heartbeat += 1) run.runner.wake();
    expect(run.times()).toBe(underWay);
    field.obeys('b');
    expect(run.times()).toBeGreaterThan(underWay);
    const over = run.times();
    for (let heartbeat = 0; heartbeat < 3; heartbeat += 1) run.runner.wake();
    expect(run.times()).toBe(over);
    expect(run.ended()).toBe(true);
  });
});

describe('the runs of a console', () => {
  it('have room for a stop of everything while twenty others wait', () => {
    const field = new Field('b');
    const behalf = { name: 'ann', role: 'operator', verified: true } as const;
    const runs = new FleetRuns({ field, time: () => '2026-01-02T03:04:05.000Z', told: () => undefined });
    const body = (kind: 'nav' | 'stop-all', wait_s: number) =>
      fleetRunBodySchema.parse({
        command: kind === 'nav' ? { kind: 'start', stack: kind } : { kind },
        targets: [{ robot: kind === 'nav' ? 'a' : 'b' }],
        wait_s,
      });
    for (let run = 0; run < 20; run += 1) runs.start(body('nav', 3_600), behalf);
    expect(() => runs.start(body('nav', 0), behalf)).toThrow('20 runs are under way');
    for (let run = 0; run < 20; run += 1) runs.start(body('stop-all', 0), behalf);
    expect(field.asked('ask')).toHaveLength(20);
    expect(() => runs.start(body('stop-all', 0), behalf)).toThrow('40 runs are under way');
    runs.stop();
  });
});
