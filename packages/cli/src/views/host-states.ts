import { isCriticalDown } from '@rovi/contract';
import type { HealthWord, Snapshot } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import type { HostState } from '../several/host-state.js';
import { fittingTable } from './fitting-table.js';
import { hostFaultsText } from './hosts.js';
import { durationText } from './moment.js';
import { stateGlyph, verdictPaint } from './state-glyph.js';

type Row = HostState<Snapshot>;

/** Several robots, one a line; the reasons of those that did not answer below. */
export function hostStatesText(
  states: readonly Row[],
  { colour, width }: { readonly colour: Colors; readonly width: number },
): string {
  const rows = states.map((state) => ({ ...printableData(state), problem: state.problem }));
  const table = fittingTable<Row>(
    {
      columns: [
        { head: '', expendable: 0, cell: (row) => glyphOf(row, colour) },
        { head: 'HOST', expendable: 0, cell: ({ host }) => colour.bold(host) },
        { head: 'ROBOT', expendable: 2, cell: ({ robot }) => robot ?? '' },
        { head: 'ACTIVE', expendable: 0, cell: ({ answer }) => activeText(answer, colour) },
        { head: 'SERVICES NOT WELL', expendable: 3, cell: ({ answer }) => unwellText(answer, colour) },
        { head: 'E-STOP', expendable: 0, cell: ({ answer }) => estopText(answer, colour) },
        { head: 'AGE', expendable: 1, cell: ({ answer }) => ageText(answer, colour) },
      ],
      last: { head: 'VERDICT', text: verdictText, paint: (row) => paintOf(row, colour) },
      rows,
    },
    { width, colour },
  );
  const faults = hostFaultsText(states, colour);
  return faults === '' ? table : `${table}\n${faults}`;
}

function activeStack({ active, stacks }: Snapshot): Snapshot['stacks'][number] | undefined {
  return stacks.find(({ name }) => name === active);
}

function glyphOf({ answer }: Row, colour: Colors): string {
  if (answer === null) return colour.red('✗');
  if (!answer.known) return colour.magenta('?');
  const { glyph, paint } = stateGlyph(activeStack(answer)?.state ?? 'STOPPED', colour);
  return paint(glyph);
}

function activeText(answer: Snapshot | null, colour: Colors): string {
  if (answer === null) return '';
  if (!answer.known) return colour.magenta('unknown');
  return answer.active === null ? colour.dim('none') : colour.bold(answer.active);
}

function verdictText({ answer, problem }: Row): string {
  if (problem !== null) return problem.code;
  if (answer === null) return '';
  return answer.known ? (activeStack(answer)?.verdict.text ?? 'no stack runs') : 'the bus is lost';
}

function paintOf({ answer, problem }: Row, colour: Colors): (text: string) => string {
  if (problem !== null) return colour.red;
  if (answer?.known !== true) return colour.magenta;
  const stack = activeStack(answer);
  return stack === undefined ? colour.dim : verdictPaint(stack.verdict.level, colour);
}

const unwell: ReadonlySet<HealthWord> = new Set(['degraded', 'unhealthy']);

/** Those that failed, or run and are not what they are meant to be; critical ones that are down, too. */
function unwellText(answer: Snapshot | null, colour: Colors): string {
  if (answer === null) return '';
  const names = answer.services
    .filter(
      (service) =>
        ['warn', 'error'].includes(service.level) || unwell.has(service.health) || isCriticalDown(service),
    )
    .map(({ name }) => name);
  if (names.length === 0) return colour.dim('none');
  const shown = names.slice(0, 3).join(', ');
  return colour.yellow(names.length > 3 ? `${shown} and ${String(names.length - 3)} more` : shown);
}

function estopText(answer: Snapshot | null, colour: Colors): string {
  if (answer === null) return '';
  if (answer.tickets === null) return colour.dim('–');
  return answer.tickets.estop.active ? colour.red(colour.bold('■ E-STOP')) : colour.dim('off');
}

/** How old what the robot says of its units is, by its own clock. */
function ageText(answer: Snapshot | null, colour: Colors): string {
  if (answer === null) return '';
  if (answer.bus.connected) return colour.dim('now');
  return colour.magenta(durationText(Date.parse(answer.at) - Date.parse(answer.bus.since)));
}
