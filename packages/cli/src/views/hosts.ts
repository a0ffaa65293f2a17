import type { Problem } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import type { Host } from '../hosts/inventory.js';
import type { HostTest } from '../hosts/test-hosts.js';
import { contextLines } from '../problem-context.js';
import { localTimes } from './moment.js';
import { tableText } from './table.js';

/** The inventory as a table, this machine first. */
export function hostsText(hosts: readonly Host[], colour: Colors): string {
  return tableText(
    ['HOST', 'ADDRESS', 'LABELS', 'FROM'].map((word) => colour.dim(word)),
    [
      ['local', colour.dim('this machine'), '', colour.dim('always there')],
      ...hosts.map(({ name, entry, file }) => [
        colour.bold(name),
        entry.address,
        entry.labels.join(', '),
        colour.dim(file),
      ]),
    ],
  );
}

/** Who answered as what, one a line; the reasons of who did not below. */
export function hostTestsText(results: readonly HostTest[], colour: Colors): string {
  const shown = results.map((one) => ({ ...printableData(one), problem: one.problem }));
  const table = tableText(
    ['', 'HOST', 'ROBOT', 'ACTIVE', 'VERSION', 'ROUND TRIP', 'CONNECTED IN', ''].map((word) =>
      colour.dim(word),
    ),
    shown.map(({ host, answer, problem }) =>
      answer === null
        ? [
            colour.red('✗'),
            colour.bold(host),
            '',
            '',
            '',
            '',
            '',
            colour.red(printableData(problem?.code ?? '')),
          ]
        : [
            colour.green('✓'),
            colour.bold(host),
            answer.robot,
            answer.known ? (answer.active ?? 'none') : colour.magenta('unknown'),
            answer.version,
            `${answer.round_trip_ms.toFixed(1)} ms`,
            `${answer.connect_ms.toFixed(0)} ms`,
          ],
    ),
  );
  const faults = hostFaultsText(shown, colour);
  return faults === '' ? table : `${table}\n${faults}`;
}

/** Why it failed on a host, and what to do: of a table alone nobody learns that. Empty where nothing has failed. */
export function hostFaultsText(
  results: readonly { readonly host: string; readonly problem: Problem | null }[],
  colour: Colors,
): string {
  return results
    .flatMap(({ host, problem }) => {
      if (problem === null) return [];
      const now = Date.now();
      const message = localTimes(problem.message, now);
      const [first = '', ...rest] = message.split('\n').map((line) => printableData(line));
      const facts = contextLines(problem, now, colour);
      const mend = problem.mend === '' ? [] : [`  ${colour.cyan('mend:')} ${printableData(problem.mend)}`];
      // Errors of the way to a host begin with its name already.
      const said = first.startsWith(`${host}: `) ? first.slice(host.length + 2) : first;
      return [`${colour.bold(host)}: ${said}`, ...[...rest, ...facts].map((line) => `  ${line}`), ...mend];
    })
    .map((line) => `${line}\n`)
    .join('');
}
