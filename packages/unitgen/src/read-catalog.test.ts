import { RoviError } from '@rovi/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CatalogIssue } from './catalog-issue.js';
import { readCatalog } from './read-catalog.js';

const good = `version: 1
workspace: /home/rovi/ws
env_file: /home/rovi/ws/.env.robot
stacks:
  nav:
    description: Drive
    launch:
      package: rovi_bringup
      file: rovi.launch.py
      arguments: { stack: nav, rviz: false }
`;

/** The fault that reading must end in. Any other kind of throw fails the test. */
function faults(text: string): { error: RoviError; issues: CatalogIssue[] } {
  try {
    readCatalog(text, 'robot.yaml');
  } catch (error) {
    if (!(error instanceof RoviError)) throw error;
    expect(error.code).toBe('catalog-invalid');
    expect(error.context['file']).toBe('robot.yaml');
    return { error, issues: error.context['issues'] as CatalogIssue[] };
  }
  throw new Error('the catalog was taken');
}

describe('readCatalog', () => {
  it('reads a catalog', () => {
    const { stacks } = readCatalog(good, 'robot.yaml');
    expect(stacks['nav']?.launch).toEqual({
      package: 'rovi_bringup',
      file: 'rovi.launch.py',
      arguments: { stack: 'nav', rviz: 'false' },
    });
  });

  it.each([
    [
      'an unknown key',
      'descripton: x\n',
      1,
      1,
      'descripton',
      'unknown key "descripton"; known here: version, robot',
    ],
    [
      'a typing error in a key',
      good.replace('processes', '').replace('description', 'descripton'),
      6,
      5,
      'stacks.nav.descripton',
      'did you mean "description"?',
    ],
    [
      'a typing error below a default',
      `${good}gateway: { timeout: { start: 5 } }\n`,
      11,
      12,
      'gateway.timeout',
      'did you mean "timeouts"?',
    ],
    [
      'a typing error in a launch',
      good.replace(' file:', ' File:'),
      9,
      7,
      'stacks.nav.launch.File',
      'did you mean "file"?',
    ],
    [
      'a typing error in a gateway launch',
      `${good}gateway: { run: { pakage: aa, file: a.py } }\n`,
      11,
      19,
      'gateway.run.pakage',
      'did you mean "package"?',
    ],
    [
      'a missing key',
      good.replace(/^workspace.*\n/m, ''),
      1,
      1,
      'workspace',
      'expected text, but it is missing',
    ],
    [
      'a missing key in a stack',
      good.replace(/ +description.*\n/, ''),
      5,
      3,
      'stacks.nav.description',
      'expected text, but it is missing',
    ],
    [
      'a bad value',
      good.replace('rovi.launch.py', '../x.py'),
      9,
      13,
      'stacks.nav.launch.file',
      'expected the file name of a launch file, ending in .py, .xml, .yaml or .yml, without folders, found "../x.py"',
    ],
    [
      'a bad argument',
      good.replace('stack: nav', 'foo: $HOME'),
      10,
      25,
      'stacks.nav.launch.arguments.foo',
      'expected one word',
    ],
    [
      'a bad argument name',
      good.replace('stack: nav', '"a b": c'),
      10,
      20,
      'stacks.nav.launch.arguments["a b"]',
      'expected a launch argument name',
    ],
    ['a bad stack name', good.replace('nav:', 'Nav:'), 5, 3, 'stacks.Nav', 'expected lower-case letters'],
    [
      'a number where text goes',
      good.replace('Drive', '17'),
      6,
      18,
      'stacks.nav.description',
      'expected text, found 17: write it in quotes',
    ],
    [
      'a mapping without content',
      good.replace(/(?<=launch:)[^]*/, '\n'),
      7,
      5,
      'stacks.nav.launch',
      'expected a mapping, found nothing (an empty value)',
    ],
    [
      'a list where a mapping goes',
      good.replace(/(?<=launch:)[^]*/, ' []\n'),
      7,
      5,
      'stacks.nav.launch',
      'expected a mapping, found a list',
    ],
    [
      'a bad list item',
      `${good}    processes: [a, -b]\n`,
      11,
      20,
      'stacks.nav.processes[1]',
      'expected the name of an executable',
    ],
    [
      'a word for the gateway',
      `${good}gateway: { run: ros }\n`,
      11,
      17,
      'gateway.run',
      'expected "conductor" or a launch (package, file, arguments), found "ros"',
    ],
    ['another version', good.replace('1', '2'), 1, 10, 'version', 'expected 1, the only catalog version'],
  ])('names line, column, path and what was expected of %s', (_, text, line, column, path, message) => {
    const { error, issues } = faults(text);
    expect(issues).toContainEqual({
      line,
      column,
      path,
      message: expect.stringContaining(message) as string,
    });
    expect(error.message).toMatch(/^robot\.yaml:\d+:\d+: \S/);
    expect(error.mend).toContain('Nothing was written');
  });

  it.each([
    ['an empty file', '', 1, 1, 'expected a catalog, found an empty file'],
    ['comments only', '# nothing\n', 1, 1, 'expected a catalog, found an empty file'],
    ['a word', 'hello', 1, 1, 'expected a mapping, found "hello"'],
    ['a list', '- a', 1, 1, 'expected a mapping, found a list'],
    [
      'a key twice',
      `${good}version: 1\n`,
      11,
      1,
      'expected each name once, found "version" again (first in line 1)',
    ],
    [
      'a nested key twice',
      `${good}  nav: {}\n`,
      11,
      3,
      'expected each name once, found "nav" again (first in line 5)',
    ],
    ['a tab as indentation', 'stacks:\n\tnav: 1\n', 2, 1, 'Tabs are not allowed as indentation'],
    ['an open bracket', `${good}gateway: {`, 11, 11, 'Flow map in block collection'],
    ['two documents', `${good}---\n${good}`, 11, 1, 'Source contains multiple documents'],
    ['a tag', good.replace('Drive', '!shell rm'), 6, 18, 'Unresolved tag: !shell'],
    ['a number as a name', `${good}5: x\n`, 11, 1, 'expected a name before ":", found 5'],
    [
      'a mapping as a name',
      `${good}? {a: b}\n: x\n`,
      11,
      3,
      'expected a name before ":", found a list, a mapping or an alias',
    ],
    ['no name', `${good}: x\n`, 11, 1, 'expected a name before ":"'],
    [
      "JavaScript's own name",
      `${good}__proto__: { user: root }\n`,
      11,
      1,
      'expected another name than "__proto__"',
    ],
    ['an alias to nothing', `${good}user: *me\n`, 11, 7, 'expected an anchor &me before this alias'],
    [
      'bytes that are not UTF-8',
      Buffer.concat([Buffer.from(good), Buffer.from([0x23, 0xff, 0xfe])]).toString(),
      11,
      2,
      'expected text in UTF-8, found bytes that are not',
    ],
    ['UTF-16', Buffer.from(good, 'utf16le').toString(), 1, 2, 'expected text in UTF-8'],
    ['a NUL', 'version: 1\0', 1, 11, 'expected text in UTF-8, found the character "\\u0000"'],
    ['half a character', 'robot: \ud800', 1, 8, 'expected text in UTF-8'],
  ])('refuses %s', (_, text, line, column, message) => {
    expect(faults(text).issues).toContainEqual(
      expect.objectContaining({ line, column, message: expect.stringContaining(message) as string }),
    );
  });

  it('lists every fault in the order of the text, and counts those it leaves out', () => {
    const { error, issues } = faults(
      `${good.replace('Drive', '""').replace('nav,', '$x,')}lock_wait: 0\nfoo: 1\n`,
    );
    expect(issues.map(({ line }) => line)).toEqual([6, 10, 11, 12]);
    expect(error.message).toContain('(and 3 more)');
    const many = faults(`${good}${Array.from({ length: 150 }, (_, n) => `key${String(n)}: 1\n`).join('')}`);
    expect(many.issues).toHaveLength(100);
    expect(many.error.context['count']).toBe(150);
  });

  it('hands arguments on as they are written', () => {
    const words = [
      '1.0',
      '0x10',
      '010',
      '1e3',
      '1e999',
      'True',
      'FALSE',
      '.5',
      '-0',
      '+7',
      '12345678901234567890',
      'no',
      '2024-01-01',
    ];
    const text = good.replace(
      '{ stack: nav, rviz: false }',
      `{ ${words.map((word, n) => `a${String(n)}: ${word}`).join(', ')} }`,
    );
    expect(Object.values(readCatalog(text, 'f').stacks['nav']?.launch.arguments ?? {})).toEqual(words);
  });

  it('takes anchors and aliases, CRLF and a byte order mark', () => {
    const text = `\ufeff${good.replace('launch:', 'launch: &same')}  other:\n    description: Other\n    launch: *same\n`;
    const catalog = readCatalog(text.replaceAll('\n', '\r\n'), 'robot.yaml');
    expect(catalog.stacks['other']?.launch).toEqual(catalog.stacks['nav']?.launch);
  });

  it('puts a fault behind an alias where the author can mend it', () => {
    const text =
      good.replace('launch:', 'launch: &same').replace('rovi_bringup', 'No') +
      '  other:\n    description: O\n    launch: *same\n';
    expect(faults(text).issues.map(({ line, path }) => [line, path])).toEqual([
      [8, 'stacks.nav.launch.package'],
      [8, 'stacks.other.launch.package'],
    ]);
  });

  const levels = (line: (depth: number) => string, count: number) =>
    Array.from({ length: count }, (_, depth) => line(depth)).join('\n');
  it.each([
    [
      'aliases that multiply',
      levels(
        (n) =>
          `a${String(n)}: &a${String(n)} [${
            n === 0
              ? 'x'
              : Array<string>(9)
                  .fill(`*a${String(n - 1)}`)
                  .join(',')
          }]`,
        12,
      ),
    ],
    ['an alias to itself', 'a: &a [*a]\n'],
    ['brackets without end', '['.repeat(200_000)],
    ['levels without end', '- '.repeat(100_000)],
    ['indentation without end', levels((n) => `${' '.repeat(n)}a:`, 1_000)],
    ['names without end', levels((n) => `k${String(n)}: 1`, 40_000)],
    ['a text without end', `robot: ${'x'.repeat(2_000_000)}`],
  ])('does not hang or break on %s', (_, text) => {
    const begun = performance.now();
    const { issues } = faults(text);
    expect(issues.length).toBeGreaterThan(0);
    expect(Math.max(...issues.map(({ message }) => message.length))).toBeLessThan(400);
    expect(performance.now() - begun).toBeLessThan(60_000);
  });

  it('never throws anything but catalog-invalid, and never a message of two lines', () => {
    const pieces = fc.constantFrom(
      ...'{}[]:,-?*&!|>\'"%@`#~\n\t \\\0',
      '\n  ',
      ': ',
      'stacks',
      'nav',
      'launch',
      'arguments',
      '<<',
      '__proto__',
      'constructor',
      '\u2028',
      '\u202e',
      '\ufeff',
      '1',
      'null',
      '&a ',
      '*a',
      '!!map ',
    );
    const text = fc
      .array(fc.oneof(pieces, fc.constantFrom(...good.split(/(?<=\n)/))), { maxLength: 40 })
      .map((parts) => parts.join(''));
    const mutated = fc
      .tuple(fc.nat(good.length), fc.nat(20), pieces)
      .map(([at, length, piece]) => good.slice(0, at) + piece + good.slice(at + length));
    fc.assert(
      fc.property(fc.oneof(text, mutated, fc.string({ unit: 'binary' })), (source) => {
        try {
          readCatalog(source, 'f');
        } catch (error) {
          if (!(error instanceof RoviError)) throw error;
          expect(error.code).toBe('catalog-invalid');
          const issues = error.context['issues'] as CatalogIssue[];
          for (const { line, column, path, message } of issues) {
            expect(line).toBeGreaterThan(0);
            expect(column).toBeGreaterThan(0);
            // eslint-disable-next-line no-control-regex
            expect(`${path}${message}`).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
