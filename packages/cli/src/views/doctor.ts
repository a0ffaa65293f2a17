import type { Colors } from 'picocolors/types.js';
import type { Check } from '../doctor/check.js';
import { printable } from '../control-codes.js';

/** Every check under its heading, the mend below what needs one, and the count at the end. */
export function doctorText(checks: readonly Check[], colour: Colors): string {
  const width = Math.max(0, ...checks.map(({ name }) => name.length));
  const lines: string[] = [];
  let group = '';
  for (const check of checks) {
    if (check.group !== group) {
      lines.push(`${lines.length === 0 ? '' : '\n'}${colour.bold(check.group)}`);
      group = check.group;
    }
    const [first = '', ...rest] = check.text.split('\n').map(printable);
    const indent = ' '.repeat(width + 5);
    lines.push(`  ${sign(check, colour)} ${check.name.padEnd(width)} ${first}`);
    lines.push(...rest.map((line) => `${indent}${line}`));
    if (check.mend !== '') lines.push(`${indent}${colour.cyan('mend:')} ${printable(check.mend)}`);
  }
  const count = (finding: Check['finding']): number =>
    checks.filter((check) => check.finding === finding).length;
  const faults = count('fault');
  const unknown = count('unknown');
  const summary = [
    `${String(count('ok'))} ok`,
    `${String(faults)} ${faults === 1 ? 'fault' : 'faults'}`,
    `${String(unknown)} unknown`,
  ].join(', ');
  return `${lines.join('\n')}\n\n${faults === 0 ? colour.green(summary) : colour.red(summary)}\n`;
}

function sign({ finding }: Check, colour: Colors): string {
  switch (finding) {
    case 'ok':
      return colour.green('✓');
    case 'note':
      return '○';
    case 'fault':
      return colour.red('✗');
    case 'unknown':
      return colour.magenta('?');
  }
}
