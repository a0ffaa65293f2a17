import { describe, expect, it } from 'vitest';
import { recordingSvg } from '../../demo/dist/recording.js';
import { styledRows } from '../../demo/dist/styled-text.js';

describe('a recording', () => {
  it('is read as a terminal would: colours over line ends, long lines in the next row, other sequences dropped', () => {
    expect(styledRows('\x1b[1;32mab\ncd\x1b[22me\x1b[K\x1b[0mfghi', 4)).toEqual([
      [{ text: 'ab', column: 0, styles: ['b', 'c32'] }],
      [
        { text: 'cd', column: 0, styles: ['b', 'c32'] },
        { text: 'e', column: 2, styles: ['c32'] },
        { text: 'f', column: 3, styles: [] },
      ],
      [{ text: 'ghi', column: 0, styles: [] }],
    ]);
  });

  it('shows each line when it came, with waits cut short, and nothing of it as markup', () => {
    const svg = recordingSvg(
      [
        { at: 0, text: 'a <b> & c\n' },
        { at: 1000, text: 'second\n' },
        { at: 60_000, text: 'third\n' },
      ],
      80,
    );
    expect(svg).toContain('>a &lt;b&gt; &amp; c</text>');
    // Three steps at 0, 1 and 1 + 1.8 s, then 6 s to read.
    expect(svg).toContain('animation:s 8.8s');
    expect([...svg.matchAll(/([\d.]+)%\{/g)].map(([, percent]) => percent)).toEqual([
      '0.000',
      '0.000',
      '11.364',
      '31.818',
    ]);
    expect(svg).not.toMatch(/href|url\((?!#c)/);
  });
});
