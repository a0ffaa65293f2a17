import fc from 'fast-check';
import pc from 'picocolors';
import { RoviError } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { sampleCrashing, sampleService } from '../views/sample-service.js';
import { before, NOON, sampleStack } from '../views/sample-state.js';
import { headerLines } from './header.js';
import { unheardHost } from './host-state.js';
import { sampleHost } from './sample-host.js';
import { cutTo, fitted, pieces, widthOf, wrapped } from './text-width.js';
import { rowsOf } from './unit-row.js';
import { shortDuration, tableLines } from './unit-table.js';

const colour = pc.createColors(false);
const services = [sampleService('web', { health: 'healthy' }), sampleCrashing];
const yard = sampleHost('yard', { services });
const problem = new RoviError('gateway-unreachable', 'the gateway is not there', { mend: '' });
const gone = {
  ...sampleHost('hall', { services }),
  link: { state: 'lost', since: NOON, problem, retryAt: NOON + 2_000 } as const,
  heardAt: NOON - 72_000,
};
const rows = rowsOf(yard);
const look = { now: NOON, colour, width: 150, several: false };
const headAt = (width: number, several = false): string =>
  tableLines(rows, rows, { ...look, width, several }).head;

describe('the table', () => {
  it('has state, health, uptime, restarts and why on a line', () => {
    const line = tableLines(rows, rows, look).lines.find((one) => one.startsWith('video')) ?? '';
    expect(line).toMatch(/^video +service +✗ FAILED +– +– +– +– +2 {2}crash loop: exit code 3/);
    expect(tableLines(rows, rows, look).lines.find((one) => one.startsWith('nav'))).toMatch(
      /^nav +stack +● RUNNING +– +1 min +– +– +0 {2}running, 1 of 2 processes/,
    );
  });

  it('loses columns by importance, never name, state and note', () => {
    expect(headAt(150)).toMatch(/^NAME +KIND +STATE +HEALTH +UPTIME +CPU % +MEMORY +RESTARTS +NOTE$/);
    expect(headAt(80)).toMatch(
      /^NAME +STATE +HEALTH +CPU % +MEMORY +NOTE$|^NAME +STATE +HEALTH +CPU % +NOTE$/,
    );
    expect(headAt(46)).toMatch(/^NAME +STATE +NOTE$/);
    expect(headAt(60, true)).toMatch(/^HOST +NAME +STATE +NOTE$/);
  });

  it('is never wider than it may be', () => {
    const names = fc.string({ unit: 'grapheme', maxLength: 60 });
    fc.assert(
      fc.property(
        fc.tuple(names, names, names),
        fc.integer({ min: 30, max: 200 }),
        fc.boolean(),
        ([host, name, text], width, several) => {
          const odd = rowsOf(
            sampleHost(host, { stacks: [sampleStack(name, { verdict: { level: 'warn', text } })] }),
          );
          const { head, lines } = tableLines(odd, odd, { ...look, width, several });
          for (const line of [head, ...lines]) expect(widthOf(line)).toBeLessThanOrEqual(width);
        },
      ),
      {
        examples: [
          [['yard', 'localization_indoor', ''], 30, false],
          [['warehouse-north-07', 'localization_indoor', ''], 30, true],
        ],
      },
    );
  });

  it('shows a lost host in grey alone, as not known, with its age', () => {
    const painted = pc.createColors(true);
    const old = rowsOf(gone);
    for (const line of tableLines(old, old, { ...look, colour: painted }).lines) {
      expect(line.startsWith('\u001b[2m')).toBe(true);
      // eslint-disable-next-line no-control-regex
      expect(line.match(/\u001b\[\d+m/g)).toEqual(['\u001b[2m', '\u001b[22m']);
      expect(line).toContain('? UNKNOWN');
      expect(line).toMatch(/last seen 1 min ago, then (?:RUNNING|STOPPED|FAILED)/);
    }
  });
});

describe('the header', () => {
  const shown = { sort: 'robot', filter: '', unwell: false, units: 5, shown: 5, unwellUnits: 2 } as const;
  const header = (hosts: Parameters<typeof headerLines>[0], part: object = {}, width = 150): string[] =>
    headerLines(hosts, { ...shown, ...part }, { now: NOON, colour, width, lines: 4 });

  it('says which hosts are reached, and since when not', () => {
    const [title, first, second] = header([yard, gone]);
    expect(title).toBe('rovictl top  1 of 2 hosts reached · 5 units, 2 not well');
    expect(first).toBe('✗ hall  link lost, last seen 1 min ago  the gateway is not there  again in 2 s');
    expect(second).toMatch(/^● yard {2}● nav RUNNING: running, 1 of 2 .*link alive, last event 3 s ago$/);
  });

  it('has the e-stop before all else, and never a stack that is not known', () => {
    const estop = { active: true, since: before(9), actor: null, reason: '', stored: true } as const;
    const tickets = { available: true, text: '', counts: {}, estop, executing: [], queued: [] } as never;
    const stopped = sampleHost('zoo', { tickets });
    const bus = { connected: false, since: before(9), error: null };
    const [, first, second] = header([yard, stopped]);
    expect(first).toMatch(/^● zoo {3}■ E-STOP by somebody/);
    expect(second).toContain('yard');
    expect(header([sampleHost('yard', { bus, known: false })])[1]).toMatch(
      /systemd lost.*active stack not known/,
    );
  });

  it('counts the hosts it has no room for', () => {
    const many = Array.from({ length: 9 }, (_, index) => sampleHost(`h${String(index)}`));
    expect(header(many).at(-1)).toBe('  and 7 more hosts, all reached');
    expect(header([...many, gone])[1]).toContain('hall');
    expect(header([unheardHost('yard')])[1]).toBe('◐ yard  connecting …');
  });

  it('is never wider than it may be', () => {
    for (let width = 20; width < 160; width += 1) {
      for (const line of header([yard, gone], { filter: 'nav', unwell: true, sort: 'cpu' }, width)) {
        expect(widthOf(line)).toBeLessThanOrEqual(width);
      }
    }
  });
});

describe('widths', () => {
  it('counts what a terminal does', () => {
    expect([widthOf('nav'), widthOf('日本'), widthOf('e\u0301'), widthOf('●')]).toEqual([3, 4, 1, 1]);
    expect([fitted('日本', 3), fitted('nav', 5), fitted('7', 3, 'right')]).toEqual(['日…', 'nav  ', '  7']);
    expect([cutTo('running', 4), cutTo('nav', 3), cutTo('nav', 0)]).toEqual(['run…', 'nav', '']);
    expect(pieces('日本語', 4)).toEqual(['日本', '語']);
    expect(wrapped('stop what needs it', 9)).toEqual(['stop what', 'needs it']);
  });

  it('loses no character by breaking a text up', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 20 }), (text, columns) => {
        const found = pieces(text, columns);
        expect(found.join('')).toBe(text);
        for (const piece of found) expect(widthOf(piece)).toBeLessThanOrEqual(columns);
      }),
    );
  });

  it('has durations for a column', () => {
    expect([4_900, 60_000, 3_599_000, 7_500_000, -5].map(shortDuration)).toEqual([
      '4 s',
      '1 min',
      '59 min',
      '2 h 5 min',
      '0 s',
    ]);
  });
});
