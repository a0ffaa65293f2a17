import { RoviError } from '@rovi/contract';
import type { FleetImpact } from '@rovi/contract';
import { sampleNo, sampleRun, sampleYes } from '@rovi/client/sample-fleet';
import { describe, expect, it } from 'vitest';
import { FleetCommander, targetsOf, typedFirst } from './fleet-commander.js';

const SWITCH = { kind: 'switch', stack: 'nav' } as const;

/** A commander over a gateway that answers so, and what it was sent. */
function rig(answers: FleetImpact[] | RoviError, refusal?: RoviError) {
  const sent: unknown[] = [];
  const commander = new FleetCommander({
    ask: () => (answers instanceof RoviError ? Promise.reject(answers) : Promise.resolve(answers)),
    run: (draft) => {
      sent.push(draft);
      return refusal === undefined
        ? Promise.resolve(sampleRun([{}], { id: 'run-9' }))
        : Promise.reject(refusal);
    },
  });
  return { commander, sent, state: () => commander.store.getState() };
}

describe('a command to robots', () => {
  it('is sent with the token of what was shown, and to those alone that would do it', async () => {
    const { commander, sent, state } = rig([
      sampleYes('a'),
      sampleNo('b', 'in-maintenance', 'no'),
      sampleYes('c'),
    ]);
    await commander.wish(SWITCH, ['a', 'b', 'c']);
    expect(state().question?.radius?.problems.map(({ robots }) => robots)).toEqual([['b']]);
    expect(sent).toEqual([]);
    await commander.confirm('a tour');
    expect(sent).toEqual([
      {
        command: SWITCH,
        reason: 'a tour',
        targets: [
          { robot: 'a', confirm: 'token-of-a' },
          { robot: 'c', confirm: 'token-of-c' },
        ],
      },
    ]);
    expect(state()).toMatchObject({ question: null, begun: ['run-9'], problem: null });
  });

  it('is not sent before the robots have answered, nor where none would do it', async () => {
    const { commander, sent } = rig([sampleNo('a', 'robot-offline', 'away')]);
    const asked = commander.wish(SWITCH, ['a']);
    await commander.confirm('');
    await asked;
    await commander.confirm('');
    expect(sent).toEqual([]);
  });

  it('that stops everything needs no answer, and goes to all at once', async () => {
    const { commander, sent, state } = rig(new RoviError('gateway-unreachable', 'it hangs'));
    await commander.wish({ kind: 'stop-all' }, ['a', 'b']);
    expect(state().problem?.code).toBe('gateway-unreachable');
    await commander.confirm('');
    expect(sent).toMatchObject([
      {
        at_once: 1_000,
        targets: [
          { robot: 'a', confirm: null },
          { robot: 'b', confirm: null },
        ],
      },
    ]);
  });

  it('that is the e-stop asks the robots nothing, and goes to all at once, however many they are', async () => {
    const names = Array.from({ length: 1_200 }, (_, index) => `r-${index}`);
    const { commander, sent, state } = rig(new RoviError('internal', 'nobody is asked'));
    await commander.wish({ kind: 'estop' }, names);
    expect(state()).toMatchObject({ problem: null, question: { command: { kind: 'estop' }, radius: null } });
    await commander.confirm('a cable');
    const bodies = sent as { at_once: number; targets: { robot: string }[] }[];
    expect(bodies.map(({ at_once: atOnce, targets }) => [atOnce, targets.length])).toEqual([
      [1_000, 1_000],
      [1_000, 200],
    ]);
    expect(bodies.flatMap(({ targets }) => targets.map(({ robot }) => robot))).toEqual(names);
    expect(state().begun).toHaveLength(2);
  });

  it('that the gateway refuses is told, and the question is gone: the situation may be another', async () => {
    const { commander, state } = rig([sampleYes('a')], new RoviError('fleet-broker-away', 'lost'));
    await commander.wish(SWITCH, ['a']);
    await commander.confirm('');
    expect(state()).toMatchObject({ question: null, sending: false, begun: [] });
    expect(state().problem?.code).toBe('fleet-broker-away');
  });

  it('of an older question changes nothing of a newer one', async () => {
    let first: (answers: FleetImpact[]) => void = () => undefined;
    const calls: string[] = [];
    const commander = new FleetCommander({
      ask: (robots) => {
        calls.push(robots.join());
        if (calls.length > 1) return Promise.resolve([sampleYes('b')]);
        return new Promise((resolve) => (first = resolve));
      },
      run: () => Promise.reject(new Error('not sent')),
    });
    const older = commander.wish(SWITCH, ['a']);
    await commander.wish(SWITCH, ['b']);
    first([sampleYes('a')]);
    await older;
    expect(commander.store.getState().question?.radius?.targets).toEqual([
      { robot: 'b', confirm: 'token-of-b' },
    ]);
  });
});

it('more than five robots are confirmed by typing how many are commanded', async () => {
  const question = async (count: number, kind: 'switch' | 'stop-all' = 'switch') => {
    const names = Array.from({ length: count }, (_, index) => `r-${index}`);
    const { commander, state } = rig([
      ...names.map((name) => sampleYes(name)),
      sampleNo('z', 'robot-silent', 'no'),
    ]);
    await commander.wish(kind === 'switch' ? SWITCH : { kind }, names);
    const asked = state().question;
    if (asked === null) throw new Error('nothing was asked');
    return asked;
  };
  expect(typedFirst(await question(1))).toBeNull();
  expect(typedFirst(await question(5))).toBeNull();
  expect(typedFirst(await question(6))).toBe('6');
  expect(typedFirst(await question(40, 'stop-all'))).toBeNull();
  expect(targetsOf(await question(2))).toHaveLength(2);
});
