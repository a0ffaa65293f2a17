import { readFileSync } from 'node:fs';
import { errorCodes } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { EXIT, exitCodeHelp, exitCodeOf } from './exit-codes.js';

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
const manual = readFileSync(new URL('../../../docs/rovictl.md', import.meta.url), 'utf8');

describe('exit codes', () => {
  it.each(errorCodes)('%s: docs/errors.md and the program agree', (code) => {
    const documented = new RegExp(`^### \`${code}\`\nexit (\\d+) – `, 'm').exec(page)?.[1];
    expect(Number(documented)).toBe(exitCodeOf(code));
  });

  it('a code of a newer gateway is a failed operation', () => {
    expect(exitCodeOf('something-new')).toBe(EXIT.failed);
    expect(exitCodeOf('toString')).toBe(EXIT.failed);
  });

  it.each(exitCodeHelp)('%i is in docs/rovictl.md, in the words of --help', (code, text) => {
    expect(manual).toContain(`| ${String(code)} | ${text} |`);
  });
});
