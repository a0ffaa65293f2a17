/** One D-Bus call of the matrix, as ask.mjs takes it. */
export interface Cell {
  readonly id: string;
  /** The unit it is about, where there is one. */
  readonly unit?: string;
  readonly path?: string;
  readonly interface?: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly unknown[];
  /** The reply is a job: wait for its end. */
  readonly job?: boolean;
}

/** JSON's stand-in for a D-Bus variant. */
const variant = (signature: string, value: unknown) => ({ $: [signature, value] });

/** Every verb on one unit. What a cell is called is `<verb> <unit>`. */
export const unitVerbs = {
  start: (unit: string) => ({ member: 'StartUnit', signature: 'ss', body: [unit, 'replace'], job: true }),
  stop: (unit: string) => ({ member: 'StopUnit', signature: 'ss', body: [unit, 'replace'], job: true }),
  restart: (unit: string) => ({ member: 'RestartUnit', signature: 'ss', body: [unit, 'replace'], job: true }),
  kill: (unit: string) => ({ member: 'KillUnit', signature: 'ssi', body: [unit, 'all', 9] }),
  'reset-failed': (unit: string) => ({ member: 'ResetFailedUnit', signature: 's', body: [unit] }),
  'set-property': (unit: string) => ({
    member: 'SetUnitProperties',
    signature: 'sba(sv)',
    body: [unit, true, [['CPUWeight', variant('t', 77)]]],
  }),
  enable: (unit: string) => ({ member: 'EnableUnitFiles', signature: 'asbb', body: [[unit], false, false] }),
  mask: (unit: string) => ({ member: 'MaskUnitFiles', signature: 'asbb', body: [[unit], false, true] }),
} satisfies Record<string, (unit: string) => Omit<Cell, 'id'>>;

/** Other ways to the same units that the rule does not name either. */
export const otherVerbs = {
  reload: (unit: string) => ({ member: 'ReloadUnit', signature: 'ss', body: [unit, 'replace'] }),
  'try-restart': (unit: string) => ({ member: 'TryRestartUnit', signature: 'ss', body: [unit, 'replace'] }),
  'reload-or-restart': (unit: string) => ({
    member: 'ReloadOrRestartUnit',
    signature: 'ss',
    body: [unit, 'replace'],
  }),
  'enqueue try-restart': (unit: string) => ({
    member: 'EnqueueUnitJob',
    signature: 'sss',
    body: [unit, 'try-restart', 'replace'],
  }),
  clean: (unit: string) => ({ member: 'CleanUnit', signature: 'sas', body: [unit, ['all']] }),
  freeze: (unit: string) => ({ member: 'FreezeUnit', signature: 's', body: [unit] }),
  disable: (unit: string) => ({ member: 'DisableUnitFiles', signature: 'asb', body: [[unit], false] }),
  'attach a process': (unit: string) => ({
    member: 'AttachProcessesToUnit',
    signature: 'ssau',
    body: [unit, '', [1]],
  }),
  'bind mount': (unit: string) => ({
    member: 'BindMountUnit',
    signature: 'sssbb',
    body: [unit, '/etc', '/tmp', true, false],
  }),
  'object kill': (unit: string) => ({
    ...unitObject(unit),
    member: 'Kill',
    signature: 'si',
    body: ['all', 9],
  }),
  'object set-property': (unit: string) => ({
    ...unitObject(unit),
    member: 'SetProperties',
    signature: 'ba(sv)',
    body: [true, [['CPUWeight', variant('t', 77)]]],
  }),
} satisfies Record<string, (unit: string) => Omit<Cell, 'id'>>;

/** What concerns no unit. */
export const managerVerbs: Readonly<Record<string, Omit<Cell, 'id'>>> = {
  'daemon-reload': { member: 'Reload' },
  'daemon-reexec': { member: 'Reexecute' },
  'reset-failed all': { member: 'ResetFailed' },
  'set-environment': { member: 'SetEnvironment', signature: 'as', body: [['LD_PRELOAD=/tmp/x.so']] },
  'link a file': {
    member: 'LinkUnitFiles',
    signature: 'asbb',
    body: [['/home/olga/rovi-own.service'], false, false],
  },
  'set-default': { member: 'SetDefaultTarget', signature: 'sb', body: ['rescue.target', true] },
  'clear jobs': { member: 'ClearJobs' },
};

/** A transient unit that would leave a file as root's trace; `aux` names a second one that rides along. */
export function transient(unit: string, aux?: string): Omit<Cell, 'id'> {
  const command = ['/usr/bin/touch', ['/usr/bin/touch', `/run/pwned-${unit}`], false];
  const properties = [['ExecStart', variant('a(sasb)', [command])]];
  return {
    member: 'StartTransientUnit',
    signature: 'ssa(sv)a(sa(sv))',
    body: [unit, 'replace', properties, aux === undefined ? [] : [[aux, properties]]],
    job: true,
  };
}

/** The unit as an object of its own on the bus, with its own methods. */
export function unitObject(unit: string): { path: string; interface: string } {
  const escaped = unit.replaceAll(
    /[^A-Za-z0-9]/g,
    (character) => `_${Buffer.from(character).toString('hex')}`,
  );
  return { path: `/org/freedesktop/systemd1/unit/${escaped}`, interface: 'org.freedesktop.systemd1.Unit' };
}

/** The cells of these verbs on these units. */
export function cellsOf(
  verbs: Readonly<Record<string, (unit: string) => Omit<Cell, 'id'>>>,
  units: readonly string[],
): Cell[] {
  return units.flatMap((unit) =>
    Object.entries(verbs).map(([verb, make]) => ({ id: `${verb} ${unit}`, unit, ...make(unit) })),
  );
}
