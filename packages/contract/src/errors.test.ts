import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorCodes, RoviError } from './errors.js';

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
const sections = page
  .split(/^### /m)
  .slice(1)
  .map((section) => {
    const [, code = '', body = ''] = /^`([a-z-]+)`\n([\s\S]*)$/.exec(section) ?? [];
    return { code, body };
  });

describe('docs/errors.md', () => {
  it('has a section for every code, once, and none for a code that is gone', () => {
    expect(sections.map(({ code }) => code).sort()).toEqual([...errorCodes].sort());
  });

  it.each(sections)('says of $code what it means and what to do', ({ body }) => {
    expect(body).toMatch(/^exit \d – \S.+\n\*\*Do:\*\* \S.+/);
  });
});

describe('RoviError', () => {
  it('keeps its facts over a process boundary, but not its cause', () => {
    const error = new RoviError('stack-busy', 'nav holds the robot', {
      mend: 'stop it',
      context: { holder: 'nav' },
      cause: new Error('secret'),
    });
    const other = RoviError.fromProblem(error.toProblem());
    expect(other).toMatchObject({
      code: 'stack-busy',
      message: 'nav holds the robot',
      mend: 'stop it',
      context: { holder: 'nav' },
    });
    expect(JSON.stringify(error.toProblem())).not.toContain('secret');
  });

  it('makes any thrown value an internal error', () => {
    expect(RoviError.from('oh')).toMatchObject({ code: 'internal', message: 'oh' });
    const known = new RoviError('not-found', 'x');
    expect(RoviError.from(known)).toBe(known);
  });
});
