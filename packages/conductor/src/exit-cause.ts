import type { ExitCause } from '@rovi/contract';
import type { UnitReading } from './ports/unit-manager.js';

/** CLD_* values of `ExecMainCode` (waitid(2)). */
const EXITED = 1;
const KILLED = 2;
const DUMPED = 3;

/** Linux signal numbers on every architecture that ROS 2 supports (signal(7)). */
const signals: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  10: 'SIGUSR1',
  11: 'SIGSEGV',
  12: 'SIGUSR2',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
};

/** Exit codes of run_stack.sh (its header lists them) and of systemd's own set-up (systemd.exec(5)). */
const statuses: Readonly<Record<number, string>> = {
  64: 'run_stack.sh does not know this stack',
  69: 'ROS or the workspace was not found',
  71: 'systemd did not take the readiness message',
  72: 'rovi-gateway.service is not active',
  73: 'the lock file cannot be opened',
  74: 'the session file cannot be written',
  75: 'another stack holds the lock, or still lives',
  78: 'the environment file is missing or malformed',
  200: 'systemd could not enter the working directory',
  203: 'systemd could not execute the command',
  216: 'systemd could not set the group',
  217: 'systemd could not set the user',
  226: 'systemd could not set up the mount namespace',
};

/** The exit status with which run_stack.sh says that another process holds the stack lock. */
export const EXIT_LOCK_HELD = 75;

/** True if the unit's last run ended because the stack lock was held. */
export function lostTheLock(reading: UnitReading): boolean {
  return reading.execMainCode === EXITED && reading.execMainStatus === EXIT_LOCK_HELD;
}

/** The name of a signal number, `signal 34` where it has none. */
export function signalName(number: number): string {
  return signals[number] ?? `signal ${number}`;
}

/** Why the unit's main process ended, from its `Result`, `ExecMainCode` and `ExecMainStatus`. */
export function exitCauseOf(reading: UnitReading): ExitCause {
  const exited = reading.execMainCode === EXITED;
  const killed = reading.execMainCode === KILLED || reading.execMainCode === DUMPED;
  return {
    result: reading.result,
    exit_status: exited ? reading.execMainStatus : null,
    signal: killed ? signalName(reading.execMainStatus) : null,
    text: describe(reading, { exited, killed }),
  };
}

function describe(reading: UnitReading, main: { exited: boolean; killed: boolean }): string {
  const meaning = statuses[reading.execMainStatus];
  const ending = main.killed
    ? `killed by ${signalName(reading.execMainStatus)}${reading.execMainCode === DUMPED ? ' (core dumped)' : ''}`
    : main.exited
      ? `exit code ${reading.execMainStatus}${meaning === undefined ? '' : `: ${meaning}`}`
      : 'no exit status';
  switch (reading.result) {
    case 'success':
    case 'exit-code':
    case 'signal':
    case 'core-dump':
      return ending;
    case 'timeout':
      return `systemd's time limit ran out (${ending})`;
    case 'watchdog':
      return `the watchdog ran out (${ending})`;
    case 'start-limit-hit':
      return 'started too often in a short time (start limit)';
    case 'protocol':
      return `ended before it was ready (${ending})`;
    case 'resources':
      return 'systemd could not set up what the unit needs';
    case 'oom-kill':
      return `out of memory (${ending})`;
    default:
      return `${reading.result} (${ending})`;
  }
}
