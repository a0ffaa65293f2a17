import type { ApiClient } from '@rovi/client';
import { RoviError, type FailureReport, type Operation, type Snapshot } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printable } from '../control-codes.js';
import { failureText } from '../views/failure.js';
import { localTimes } from '../views/moment.js';
import { operationSummary } from '../views/operation.js';
import { serviceText } from '../views/service.js';
import { stateGlyph } from '../views/state-glyph.js';
import type { HostState } from './host-state.js';
import type { Action } from './keys.js';
import { shortDuration } from './unit-table.js';
import type { UnitRow } from './unit-row.js';

/** Milliseconds for what is nice to have. */
const READ_MS = 5_000;
/** Operations shown. */
const OPERATIONS = 8;

/** Why one unit is as it is. The state is the table's own; operations and the last failure are read when it changes. */
export class DetailsPane {
  readonly key: string;
  readonly #row: UnitRow;
  readonly #onChange: () => void;
  #operations: readonly Operation[] | null = null;
  #failure: FailureReport | null = null;
  #problem: string | null = null;
  #first = 0;
  #readFor: string | null = null;

  constructor(row: UnitRow, onChange: () => void) {
    this.key = row.key;
    this.#row = row;
    this.#onChange = onChange;
  }

  /** Reads what events do not tell, where something has changed since. */
  read(host: HostState, client: () => Promise<ApiClient>): void {
    if (host.link.state !== 'live') return;
    const version = versionOf(this.#row, host.view?.snapshot);
    if (this.#readFor === version) return;
    this.#readFor = version;
    void this.#read(client);
  }

  press(action: Action, height: number): boolean {
    const page = Math.max(1, height - 2);
    const steps: Partial<Record<Action, number>> = {
      up: -1,
      down: 1,
      'page-up': -page,
      'page-down': page,
      first: -Infinity,
      last: page * 100,
    };
    const by = steps[action];
    if (by === undefined) return false;
    this.#first = Math.max(0, this.#first + by);
    this.#onChange();
    return true;
  }

  /** What to show in so many lines. */
  lines(
    host: HostState,
    look: { readonly now: number; readonly colour: Colors; readonly width: number; readonly height: number },
  ): string[] {
    const { colour, now } = look;
    const text = [
      stateText(this.#row, host, look),
      this.#failure === null ? '' : failureText(this.#failure, now, colour),
      operationsText(this.#operations, now, colour),
      this.#problem === null
        ? ''
        : colour.yellow(`what more there is could not be read: ${printable(this.#problem)}\n`),
    ]
      .filter((part) => part !== '')
      .join('\n');
    const lost =
      host.link.state !== 'lost'
        ? []
        : [colour.magenta(`? not current: last seen ${shortDuration(now - (host.heardAt ?? now))} ago`)];
    // A green dot of something that nobody sees would be a lie.
    const all = (lost.length === 0 ? text : withoutColour(text))
      .trimEnd()
      .split('\n')
      .map((line) => (lost.length === 0 ? line : colour.dim(line)));
    const room = Math.max(1, look.height - 1 - lost.length);
    this.#first = Math.max(0, Math.min(this.#first, all.length - room));
    const more =
      all.length > room ? colour.dim(` (${String(this.#first + 1)} of ${String(all.length)} lines)`) : '';
    return [
      `${colour.bold(`${this.#row.label} on ${this.#row.host}`)}${more}`,
      ...lost,
      ...all.slice(this.#first, this.#first + room),
    ];
  }

  async #read(client: () => Promise<ApiClient>): Promise<void> {
    const { kind, name } = this.#row;
    try {
      const way = await client();
      const options = { timeout: READ_MS };
      const [operations, failure] = await Promise.all([
        way.operations(options),
        kind !== 'stack'
          ? null
          : way.failure(name, options).catch((error: unknown) => {
              if (RoviError.from(error).code === 'not-found') return null;
              throw error;
            }),
      ]);
      this.#operations = operations
        .filter(
          (one) =>
            kind === 'gateway' ||
            one.kind === 'stop-all' ||
            [one.stack, one.service, one.from].includes(name),
        )
        .slice(0, OPERATIONS);
      this.#failure = failure;
      this.#problem = null;
    } catch (error) {
      this.#problem = RoviError.from(error).message;
    }
    this.#onChange();
  }
}

function withoutColour(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}

/** Another text whenever operations or failures may have come. */
function versionOf({ kind, name }: UnitRow, snapshot: Snapshot | undefined): string {
  if (snapshot === undefined) return '';
  const stack = kind === 'stack' ? snapshot.stacks.find((one) => one.name === name) : undefined;
  const service = kind === 'service' ? snapshot.services.find((one) => one.name === name) : undefined;
  const running = [snapshot.operation?.id, ...snapshot.service_operations.map(({ id }) => id)].join(' ');
  return `${snapshot.boot_id} ${stack?.state ?? service?.state ?? ''} ${running}`;
}

function stateText(
  row: UnitRow,
  { view }: HostState,
  { now, colour, width }: { readonly now: number; readonly colour: Colors; readonly width: number },
): string {
  const snapshot = view?.snapshot;
  const service =
    row.kind === 'service' ? snapshot?.services.find(({ name }) => name === row.name) : undefined;
  if (service !== undefined && snapshot !== undefined)
    return serviceText({ service, snapshot, now, colour, width });
  const stack = row.kind === 'stack' ? snapshot?.stacks.find(({ name }) => name === row.name) : undefined;
  if (stack === undefined) return `${row.note}\n`;
  const { glyph, paint } = stateGlyph(stack.state, colour);
  const processes = stack.expected.map(({ name, present }) =>
    present === null
      ? colour.magenta(`? ${printable(name)}`)
      : present
        ? colour.green(`✓ ${printable(name)}`)
        : colour.red(`✗ ${printable(name)}`),
  );
  return [
    `${paint(`${glyph} ${stack.state}`)}  ${colour.dim(printable(stack.description))}`,
    localTimes(printable(stack.verdict.text), now),
    ...(processes.length === 0 ? [] : [processes.join('   ')]),
    `${printable(stack.unit.unit)}${stack.unit.main_pid === null ? '' : ` · PID ${String(stack.unit.main_pid)}`} · ${String(stack.crashes)} crashes`,
    '',
  ].join('\n');
}

function operationsText(operations: readonly Operation[] | null, now: number, colour: Colors): string {
  if (operations === null) return '';
  if (operations.length === 0) return colour.dim('no operations on it since the gateway started\n');
  const lines = operations.map((one) => `  ${operationSummary(one, now, colour)}\n`);
  return `${colour.bold('last operations')}\n${lines.join('')}`;
}
