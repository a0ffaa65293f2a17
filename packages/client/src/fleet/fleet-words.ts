import type { FleetCommand, FleetRun, FleetTargetState } from '@rovi/contract';
import { isTargetOver } from '@rovi/contract';

/** The command as words: `switch to nav`, `rolling restart of api`, `stop everything`. */
export function fleetCommandText(command: FleetCommand): string {
  switch (command.kind) {
    case 'start':
    case 'stop':
    case 'restart':
      return `${command.kind} ${command.stack}`;
    case 'switch':
      return `switch to ${command.stack}`;
    case 'service-start':
      return `start service ${command.service}`;
    case 'service-stop':
      return `stop service ${command.service}`;
    case 'service-restart':
      return `restart service ${command.service}`;
    case 'service-rolling-restart':
      return `restart service ${command.service}, one instance at a time`;
    case 'stop-all':
      return 'stop everything';
    case 'estop':
      return 'e-stop';
  }
}

/** Robots of a run by how they stand; only those there are, in the order of a target's way. */
export function runTally({
  targets,
}: Pick<FleetRun, 'targets'>): readonly (readonly [FleetTargetState, number])[] {
  const counts = new Map<FleetTargetState, number>();
  for (const { state } of targets) counts.set(state, (counts.get(state) ?? 0) + 1);
  return order.flatMap((state) => {
    const count = counts.get(state);
    return count === undefined ? [] : [[state, count] as const];
  });
}

/** What came of a run: `going` until every robot has ended; `partly` where some did it and some did not. */
export function runOutcome({ targets }: Pick<FleetRun, 'targets'>): 'going' | 'done' | 'partly' | 'failed' {
  if (targets.some(({ state }) => !isTargetOver(state))) return 'going';
  const done = targets.filter(({ state }) => state === 'succeeded').length;
  if (done === targets.length) return 'done';
  return done === 0 ? 'failed' : 'partly';
}

/** What a robot's part in a run has come to, for people. */
export const targetWords: Readonly<Record<FleetTargetState, string>> = {
  waiting: 'waits',
  asking: 'is asked',
  sent: 'sent, no answer yet',
  running: 'under way',
  succeeded: 'done',
  failed: 'failed',
  refused: 'refused: nothing was done',
  expired: 'not in time: never done',
  unknown: 'outcome not known',
  'left-out': 'left out: not begun',
};

const order: readonly FleetTargetState[] = [
  'succeeded',
  'running',
  'sent',
  'asking',
  'waiting',
  'failed',
  'unknown',
  'refused',
  'expired',
  'left-out',
];
