import type { ErrorCode, RoviErrorOptions } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import { BusFailure } from './bus-failure.js';

/** What was being done when the bus failed, for the sentence people read. */
export interface BusTask {
  readonly verb: 'start' | 'stop' | 'restart' | 'read' | 'reset';
  readonly unit: string;
}

const codes: Partial<Record<BusTask['verb'], ErrorCode>> = {
  start: 'start-failed',
  restart: 'start-failed',
  stop: 'stop-failed',
};

interface Meaning {
  /** Without one it is the code of what was being done. */
  readonly code?: ErrorCode;
  readonly message: (task: BusTask) => string;
  readonly mend: string;
}

const adminAsks = (task: BusTask): string => `systemd does not let this user ${task.verb} ${task.unit}`;
const reinstall = 'An admin installs the polkit rule: `install.sh`; `rovictl doctor` says who may do what.';

const polkitMissing: Meaning = {
  code: 'polkit-unavailable',
  message: (task) => `${task.verb} ${task.unit}: polkit, which decides who may, cannot be reached`,
  mend: 'An admin looks at `systemctl status polkit.service`; until then only root can start and stop units.',
};

/** D-Bus error names as systemd 249 to 257 and the bus give them, without their prefix. */
const meanings: Readonly<Record<string, Meaning>> = {
  InteractiveAuthorizationRequired: {
    code: 'authorization-required',
    message: (task) => `${adminAsks(task)} without a password, which nobody can be asked for here`,
    mend: reinstall,
  },
  AccessDenied: { code: 'not-authorized', message: adminAsks, mend: reinstall },
  AuthFailed: { code: 'not-authorized', message: adminAsks, mend: reinstall },
  ServiceUnknown: polkitMissing,
  NameHasNoOwner: polkitMissing,
  'Spawn.ChildExited': polkitMissing,
  NoSuchUnit: {
    code: 'unit-missing',
    message: ({ unit }) => `${unit} is not installed`,
    mend: 'Install the units of this catalog: `install.sh`; `rovictl doctor` shows what is missing.',
  },
  UnitMasked: {
    code: 'unit-masked',
    message: ({ unit }) => `${unit} is masked`,
    mend: 'An admin unmasks it: `systemctl unmask`.',
  },
  // The context names it: a caller who stops a unit can try again when the job in the way has ended.
  TransactionIsDestructive: {
    message: ({ verb, unit }) => `systemd does not ${verb} ${unit} while a job is queued that forbids it`,
    mend: 'Wait for that job to end, or an admin cancels it: `systemctl list-jobs`, `systemctl cancel`.',
  },
  NoReply: {
    code: 'bus-timeout',
    message: ({ verb, unit }) => `systemd did not answer (${verb} ${unit})`,
    mend: 'The transition may go on all the same: look at the state.',
  },
};

const refusedMend = 'An admin looks at `systemctl status` of the unit and at the journal.';

/** The one translation of what the bus says into Rovi's codes. What is no BusFailure (a caller's abort) passes through. */
export function translateBusFailure(failure: unknown, task: BusTask): Error {
  if (!(failure instanceof BusFailure)) return failure instanceof Error ? failure : RoviError.from(failure);
  const { verb, unit } = task;
  const options: RoviErrorOptions = {
    context: { unit, verb, ...(failure.errorName === '' ? {} : { dbus_error: failure.errorName }) },
    cause: failure,
  };
  if (failure.kind === 'timeout') {
    return new RoviError('bus-timeout', `systemd: ${failure.message} (${verb} ${unit})`, {
      ...options,
      mend: 'The transition may go on all the same: look at the state.',
    });
  }
  if (failure.kind !== 'reply') {
    return new RoviError('bus-unavailable', `no connection to systemd: ${failure.message}`, {
      ...options,
      mend: "The conductor keeps trying. A stop is still possible with `systemctl stop` as a member of the operators' group.",
    });
  }
  const name = failure.errorName.replace(
    /^org\.freedesktop\.(?:DBus\.Error|systemd1|PolicyKit1\.Error)\./,
    '',
  );
  // The bus could not start polkit: then the error is about polkit's unit, not about ours.
  const meaning = /PolicyKit1|polkit(?:d)?\.service/.test(failure.message) ? polkitMissing : meanings[name];
  const code: ErrorCode = codes[verb] ?? 'internal';
  if (meaning !== undefined) {
    return new RoviError(meaning.code ?? code, meaning.message(task), { ...options, mend: meaning.mend });
  }
  return new RoviError(code, `systemd refuses to ${verb} ${unit}: ${failure.message}`, {
    ...options,
    mend: refusedMend,
  });
}
