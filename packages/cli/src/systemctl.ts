/**
 * systemd without the gateway: what `rovictl` falls back to where nobody answers at the socket. It reads with
 * `systemctl show`, and stops with `systemctl stop`; it never starts anything, because exclusivity is the gateway's.
 */
import {
  GATEWAY_UNIT,
  RoviError,
  stackUnit,
  type Catalog,
  type Snapshot,
  type StackState,
  type StackStatus,
  type UnitStatus,
} from '@rovi/contract';
import { runProgram, type Ended } from './run-program.js';
import { processesLeft } from './unit-processes.js';

const properties = [
  'Id',
  'LoadState',
  'ActiveState',
  'SubState',
  'Result',
  'InvocationID',
  'MainPID',
  'NRestarts',
  'StateChangeTimestamp',
];

/** Reads the catalog's units from systemd. Rejects with `gateway-unreachable` where systemd cannot be asked either. */
export async function readWithSystemctl(catalog: Catalog, reason: string): Promise<Snapshot> {
  const names = Object.keys(catalog.stacks);
  const units = [GATEWAY_UNIT, ...names.map(stackUnit)];
  const shown = await showUnits(properties, units);
  if (shown.code !== 0) {
    throw new RoviError(
      'gateway-unreachable',
      `${reason}; and systemd cannot be asked either: ${whyOf(shown)}`,
      {
        mend: 'Is this the robot, and is systemd running? `systemctl is-system-running`.',
      },
    );
  }
  const statuses = new Map(parseShow(shown.stdout).map((status) => [status.unit, status]));
  const at = new Date().toISOString();
  const stacks = Object.entries(catalog.stacks).map(([name, entry]): StackStatus => {
    const unit = statuses.get(stackUnit(name)) ?? unknownUnit(stackUnit(name));
    const state = stateOf(unit.active_state);
    return {
      name,
      description: entry.description,
      fixed_frame: entry.fixed_frame ?? null,
      state,
      verdict: verdictOf(unit, state),
      unit,
      expected: entry.processes.map((process) => ({ name: process, present: null, pid: null })),
      processes: [],
      failure: null,
      crashes: 0,
      as_of: at,
    };
  });
  return {
    robot: catalog.robot,
    boot_id: '',
    seq: 0,
    at,
    version: '',
    bus: { connected: false, since: at, error: reason },
    gateway: statuses.get(GATEWAY_UNIT) ?? null,
    active: stacks.find(({ state }) => ['RUNNING', 'STARTING', 'STOPPING'].includes(state))?.name ?? null,
    known: stacks.every(({ state }) => state !== 'UNKNOWN'),
    stacks,
    services: [],
    external: [],
    maintenance: [],
    operation: null,
    service_operations: [],
    tickets: null,
    faces: [],
  };
}

/** Runs `systemctl show`; times in it are in UTC, for {@link shownTime}. */
export function showUnits(
  names: readonly string[],
  units: readonly string[],
  deadlineMs = 15_000,
): Promise<Ended> {
  return runProgram('systemctl', ['show', `--property=${names.join(',')}`, '--', ...units], {
    env: { TZ: 'UTC' },
    deadlineMs,
  });
}

/** The blocks that `systemctl show` prints, one a unit, as name → value. */
export function showBlocks(text: string): Map<string, string>[] {
  return text
    .split(/\n\n+/)
    .filter((block) => block.trim() !== '')
    .map(
      (block) =>
        new Map(
          block
            .trim()
            .split('\n')
            .map((line): [string, string] => {
              const at = line.indexOf('=');
              return [line.slice(0, at), line.slice(at + 1)];
            }),
        ),
    );
}

/**
 * A time as {@link showUnits} gives it, in milliseconds since the epoch; null where there is none. Not
 * `--timestamp=unix`: that came with systemd 251 only.
 */
export function shownTime(value: string | undefined): number | null {
  const [, day, time] = /^\S+ (\d+-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC$/.exec(value ?? '') ?? [];
  return day === undefined || time === undefined ? null : Date.parse(`${day}T${time}Z`);
}

/** The units that {@link showUnits} printed. */
export function parseShow(text: string): UnitStatus[] {
  return showBlocks(text).map((value) => {
    const since = shownTime(value.get('StateChangeTimestamp'));
    return {
      unit: value.get('Id') ?? '',
      load_state: value.get('LoadState') ?? 'unknown',
      active_state: value.get('ActiveState') ?? 'unknown',
      sub_state: value.get('SubState') ?? 'unknown',
      result: value.get('Result') ?? 'unknown',
      invocation_id: (value.get('InvocationID') ?? '') || null,
      main_pid: Number(value.get('MainPID')) || null,
      since: since === null ? null : new Date(since).toISOString(),
      restarts: Number(value.get('NRestarts')) || 0,
      job: null,
    };
  });
}

function unknownUnit(unit: string): UnitStatus {
  return {
    unit,
    load_state: 'unknown',
    active_state: 'unknown',
    sub_state: 'unknown',
    result: 'unknown',
    invocation_id: null,
    main_pid: null,
    since: null,
    restarts: 0,
    job: null,
  };
}

const states: Readonly<Record<string, StackState>> = {
  active: 'RUNNING',
  reloading: 'RUNNING',
  refreshing: 'RUNNING',
  activating: 'STARTING',
  deactivating: 'STOPPING',
  failed: 'FAILED',
  inactive: 'STOPPED',
};

function stateOf(activeState: string): StackState {
  return states[activeState] ?? 'UNKNOWN';
}

/** A verdict without the processes: of a unit that is up or inactive it does not say more than systemd does. */
export function verdictOf(unit: UnitStatus, state: StackState): StackStatus['verdict'] {
  if (unit.load_state !== 'loaded' && (state === 'STOPPED' || state === 'FAILED')) {
    return {
      level: 'error',
      text: unit.load_state === 'not-found' ? 'not installed' : `unit is ${unit.load_state}`,
    };
  }
  switch (state) {
    case 'RUNNING':
      return { level: 'stale', text: 'unit active, processes not known' };
    case 'FAILED':
      return { level: 'error', text: `failed (${unit.result})` };
    case 'STARTING':
    case 'STOPPING':
    case 'MAINTENANCE':
      return { level: 'warn', text: state.toLowerCase() };
    case 'STOPPED':
      return { level: 'stale', text: 'unit inactive, processes not known' };
    case 'UNKNOWN':
      return { level: 'stale', text: `systemd says ${unit.active_state}` };
  }
}

/**
 * Every unit a stop-all has to stop: the catalog's stacks; without a readable catalog, whatever `rovi-*.service` is
 * loaded but the gateway, because stopping one too many is the safe mistake.
 */
export async function stackUnits(catalog: Catalog | null): Promise<string[]> {
  if (catalog !== null) return Object.keys(catalog.stacks).map(stackUnit);
  const listed = await runProgram('systemctl', [
    'list-units',
    '--all',
    '--plain',
    '--no-legend',
    '--full',
    'rovi-*.service',
  ]);
  return listed.stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/)[0] ?? '')
    .filter((unit) => unit.endsWith('.service') && unit !== GATEWAY_UNIT);
}

/** Milliseconds that a stop waits to learn where the units' processes are. */
const GROUPS_MS = 1_000;

/** What a failed stop is worth at least. */
const E_STOP = 'Use the e-stop if the robot moves.';

/**
 * Stops units past the gateway, reads them again, and looks for processes left in their control groups; resolves with
 * whether those could be looked at. Rejects with `not-authorized`, `unit-missing`, `stop-failed`, `stop-incomplete`, or
 * with `gateway-unreachable` where systemd does not answer either. An abort ends the waiting, not the stop.
 */
export async function stopWithSystemctl(units: readonly string[], signal?: AbortSignal): Promise<boolean> {
  if (units.length === 0) return true;
  const groups = await controlGroups(units);
  // systemctl waits for the job: up to the unit's TimeoutStopSec, at most 600 s in a catalog.
  const stopped = await runProgram('systemctl', ['--no-ask-password', 'stop', '--', ...units], {
    deadlineMs: 660_000,
    ...(signal === undefined ? {} : { signal }),
  });
  if (stopped.code !== 0) throw stopFailure(units, stopped);
  const shown = await showUnits(['Id', 'ActiveState'], units);
  const left = parseShow(shown.stdout).filter(
    ({ active_state: state }) => state !== 'inactive' && state !== 'failed',
  );
  if (shown.code !== 0 || left.length > 0) {
    const names = left.map(({ unit, active_state: state }) => `${unit} is ${state}`).join(', ');
    throw new RoviError(
      'stop-failed',
      `systemctl stop ended, but ${names || 'the state could not be read again'}`,
      { mend: `${E_STOP} Stop again; if that does not help, an admin looks at \`systemctl status\`.` },
    );
  }
  const processes = await processesLeft(groups);
  if (processes !== null && processes.length > 0) {
    const named = processes.map(({ pid, comm }) => `${comm} (PID ${String(pid)})`).join(', ');
    throw new RoviError(
      'stop-incomplete',
      `${units.length === 1 ? `${units.join('')} is` : 'the units are'} inactive, but ${named} ${processes.length === 1 ? 'is' : 'are'} still alive`,
      {
        mend: `The robot may still be driven. Use the e-stop, then as root \`kill -KILL ${processes.map(({ pid }) => String(pid)).join(' ')}\`, and stop again.`,
        context: { units, processes },
      },
    );
  }
  return processes !== null;
}

/** Where the units' processes are: as systemd says while they run, else where it puts services that name no slice. */
async function controlGroups(units: readonly string[]): Promise<string[]> {
  const shown = await showUnits(['Id', 'ControlGroup'], units, GROUPS_MS);
  const known = new Map(
    showBlocks(shown.stdout).map((block) => [block.get('Id') ?? '', block.get('ControlGroup') ?? '']),
  );
  return units.map((unit) => (known.get(unit) ?? '') || `/system.slice/${unit}`);
}

function stopFailure(units: readonly string[], ended: Ended): RoviError {
  const what = `systemctl stop ${units.join(' ')}`;
  const why = whyOf(ended);
  if (/not loaded|not found/i.test(why)) {
    return new RoviError('unit-missing', `${what}: ${why}`, {
      mend: `${E_STOP} Is Rovi installed? \`rovictl doctor\`.`,
    });
  }
  if (/access denied|authentication is required|interactive authentication/i.test(why)) {
    return new RoviError('not-authorized', `${what}: ${why}`, {
      mend: `${E_STOP} As root: \`${what}\`. Members of the operators' group may do this too: \`rovictl doctor\`.`,
    });
  }
  return new RoviError(
    /connect to bus|not been booted/i.test(why) || ended.missing ? 'gateway-unreachable' : 'stop-failed',
    `${what}: ${why}`,
    { mend: `${E_STOP} As root: \`${what}\`.` },
  );
}

function whyOf(ended: Ended): string {
  if (ended.missing) return 'systemctl is not installed';
  const lines = ended.stderr
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('See '));
  return (
    lines.join('; ') || (ended.code === null ? 'it did not end in time' : `exit code ${String(ended.code)}`)
  );
}
