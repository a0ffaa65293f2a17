import { createTwoFilesPatch } from 'diff';
import type { Colors } from 'picocolors/types.js';
import type { Drift } from '@rovi/unitgen';

/** A unified diff from what is on disk to what the catalog generates. */
export function diffText({ path, kind, found, expected }: Drift, colour: Colors): string {
  if (found === expected) return `${colour.bold(path)}: only the file mode differs\n`;
  const before = kind === 'missing' ? '/dev/null' : `${path} (on disk)`;
  const after = kind === 'stale' ? '/dev/null' : `${path} (generated)`;
  const patch = createTwoFilesPatch(before, after, found, expected, '', '', { context: 3 });
  return patch
    .split('\n')
    .filter((line) => !/^=+$/.test(line))
    .map((line) => {
      if (line.startsWith('+++') || line.startsWith('---')) return colour.bold(line.trimEnd());
      if (line.startsWith('+')) return colour.green(line);
      if (line.startsWith('-')) return colour.red(line);
      return line.startsWith('@@') ? colour.cyan(line) : line;
    })
    .join('\n');
}
