import { styledRows, type StyledRun } from './styled-text.js';
import type { Frame } from './screen.js';

const ROWS = 34;
const LINE = 19;
const GLYPH = 8.43;
const MARGIN = 16;
// A wait longer than this is shown as long as this.
const LONGEST_PAUSE = 1800;
const END_PAUSE = 6000;

/**
 * What was written on a screen as an animated SVG in a terminal's looks. Lines come in from below, when they came in
 * the recorded run; waits are cut to 1.8 s. Nothing in it refers to anything outside.
 */
export function recordingSvg(frames: readonly Frame[], columns: number): string {
  const { lines, shown, end } = timeline(frames, columns);
  const width = Math.round(columns * GLYPH + 2 * MARGIN);
  const height = ROWS * LINE + 2 * MARGIN;
  const steps = shown.map(({ at, count }) => {
    const percent = ((100 * at) / end).toFixed(3);
    return `${percent}%{transform:translateY(${(ROWS - count) * LINE}px)}`;
  });
  const rest = (ROWS - lines.length) * LINE;
  const text = lines.map((line, row) => lineSvg(line, row)).join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Recording of npm run demo -- --once">
<style>
svg{background:#14181d;border-radius:8px}
text{font:14px 'DejaVu Sans Mono','Liberation Mono',Menlo,Consolas,monospace;fill:#c9d1d9;white-space:pre}
.b{font-weight:bold}.d{fill-opacity:.6}
.c31{fill:#ff7b72}.c32{fill:#56d364}.c33{fill:#e3b341}.c34{fill:#79c0ff}.c35{fill:#d2a8ff}.c36{fill:#56d4dd}
#s{transform:translateY(${rest}px);animation:s ${(end / 1000).toFixed(1)}s step-end infinite}
@keyframes s{${steps.join('')}}
@media (prefers-reduced-motion:reduce){#s{animation:none}}
</style>
<clipPath id="c"><rect x="0" y="${MARGIN}" width="${width}" height="${ROWS * LINE}"/></clipPath>
<g clip-path="url(#c)"><g id="s">
${text}
</g></g>
</svg>
`;
}

interface Timeline {
  lines: StyledRun[][];
  /** From `at` on, in milliseconds of the recording, `count` lines are in sight. */
  shown: { at: number; count: number }[];
  /** Length of the recording in milliseconds. */
  end: number;
}

function timeline(frames: readonly Frame[], columns: number): Timeline {
  let text = '';
  let count = 0;
  let clock = 0;
  let before = frames[0]?.at ?? 0;
  const shown = [{ at: 0, count: 0 }];
  for (const frame of frames) {
    clock += Math.min(frame.at - before, LONGEST_PAUSE);
    before = frame.at;
    text += frame.text;
    const now = styledRows(text.trimEnd(), columns).length;
    if (now > count) shown.push({ at: clock, count: now });
    count = now;
  }
  const lines = styledRows(text.trimEnd(), columns);
  return { lines, shown, end: clock + END_PAUSE };
}

function lineSvg(line: readonly StyledRun[], row: number): string {
  const y = (MARGIN + row * LINE + 14).toFixed(0);
  return line
    .filter(({ text }) => text.trim() !== '')
    .map(({ text, column, styles }) => {
      const x = (MARGIN + column * GLYPH).toFixed(1);
      const style = styles.length === 0 ? '' : ` class="${styles.join(' ')}"`;
      return `<text x="${x}" y="${y}" textLength="${([...text].length * GLYPH).toFixed(1)}"${style}>${escaped(text)}</text>`;
    })
    .join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
