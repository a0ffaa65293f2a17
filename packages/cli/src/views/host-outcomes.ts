import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import type { HostOutcome } from '../several/host-outcome.js';
import { fittingTable } from './fitting-table.js';
import { hostFaultsText } from './hosts.js';

/** What came of a command on each host, one a line; the reasons of those where it failed below. */
export function hostOutcomesText(
  outcomes: readonly HostOutcome[],
  { colour, width }: { readonly colour: Colors; readonly width: number },
): string {
  const rows = outcomes.map((one) => ({ ...printableData(one), problem: one.problem }));
  const table = fittingTable<HostOutcome>(
    {
      columns: [
        { head: '', expendable: 0, cell: (row) => glyph(row, colour) },
        { head: 'HOST', expendable: 0, cell: ({ host }) => colour.bold(host) },
        { head: 'ROBOT', expendable: 1, cell: ({ robot }) => robot ?? '–' },
      ],
      last: { head: 'RESULT', text: resultText, paint: (row) => paint(row, colour) },
      rows,
    },
    { width, colour },
  );
  // The same warning of many robots is one line.
  const warned = new Map<string, string[]>();
  for (const { host, operation } of rows) {
    for (const text of operation?.warnings ?? []) warned.set(text, [...(warned.get(text) ?? []), host]);
  }
  const warnings = [...warned].map(
    ([text, hosts]) => `${colour.yellow('warning:')} ${hosts.join(', ')}: ${text}\n`,
  );
  const faults = `${warnings.join('')}${hostFaultsText(rows, colour)}`;
  return faults === '' ? table : `${table}\n${faults}`;
}

/** What is said of a host in one phrase; of a failure its code, for the sentence stands below. */
export function resultText({ outcome, message, problem }: HostOutcome): string {
  if (problem === null) return message;
  return outcome === 'unknown' ? `${problem.code}: whether it was carried out is not known` : problem.code;
}

function glyph({ outcome }: HostOutcome, colour: Colors): string {
  switch (outcome) {
    case 'succeeded':
      return colour.green('✓');
    case 'failed':
      return colour.red('✗');
    case 'unknown':
    case 'watched-no-more':
      return colour.magenta('?');
    case 'untouched':
      return colour.dim('–');
  }
}

function paint({ outcome }: HostOutcome, colour: Colors): (text: string) => string {
  if (outcome === 'failed') return colour.red;
  if (outcome === 'unknown' || outcome === 'watched-no-more') return colour.magenta;
  return outcome === 'untouched' ? colour.dim : (text) => text;
}
