import type { Impact } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { wrapParts } from './lines.js';
import { localTimes, momentText } from './moment.js';
import { stateGlyph } from './state-glyph.js';
import { tableText } from './table.js';
import { unitLabel } from './unit-label.js';

/** What a command would hit: one sentence, then a row for each unit, and for services the order in waves. */
export function impactText(
  given: Impact,
  {
    now,
    colour,
    width = Infinity,
  }: { readonly now: number; readonly colour: Colors; readonly width?: number },
): string {
  const { command, stack, service, text, affects, waves } = printableData(given);
  const target = stack ?? service;
  const head = `${colour.bold(target === null ? command : `${command} ${target}`)}: ${localTimes(text, now)}\n`;
  if (affects.length === 0) return head;
  const rows = affects.map(({ effect, name, unit, state, since, processes, invocation_id: run }) => {
    const { glyph, paint } = stateGlyph(state, colour);
    const word = effect === 'starts' ? effect : colour.yellow(effect);
    const count = effect === 'starts' ? '–' : String(processes);
    const row = [
      paint(glyph),
      word,
      service === null ? name : labelOf(unit, affects),
      paint(state),
      momentText(since, now),
      count,
    ];
    return service === null ? [...row, run ?? '–'] : row;
  });
  const titles = ['', 'EFFECT', service === null ? 'STACK' : 'SERVICE', 'STATE', 'SINCE', 'PROCESSES'];
  const table = tableText(
    (service === null ? [...titles, 'INVOCATION'] : titles).map((word) => colour.dim(word)),
    rows,
  );
  const labelled = waves.map(({ effect, units }) => ({
    effect,
    units: units.map((unit) => labelOf(unit, affects)),
  }));
  return `${head}${table}${wavesText(labelled, colour, width)}`;
}

/** A unit as people call it; one of the system by its name in the catalog, and its own. */
export function labelOf(unit: string, affects: Impact['affects']): string {
  if (unit.startsWith('rovi-')) return unitLabel(unit);
  const name = affects.find((one) => one.unit === unit)?.name;
  return name === undefined ? unit : `${name} (${unit})`;
}

/** The waves by their number; those of one wave go at the same time, each wave after the one before. */
function wavesText(waves: Impact['waves'], colour: Colors, width: number): string {
  if (waves.length === 0) return '';
  const lines = waves.flatMap(({ effect, units }, index) => {
    const label = `${String(index + 1).padStart(3)}. ${effect}`.padEnd(13);
    return wrapParts(units, ', ', width - label.length).map(
      (line, row) => `${row === 0 ? label : ' '.repeat(label.length)}${line}\n`,
    );
  });
  return `${colour.dim('in this order:')}\n${lines.join('')}`;
}
