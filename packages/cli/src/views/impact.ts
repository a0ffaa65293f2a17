import type { Impact } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { momentText } from './moment.js';
import { stateGlyph } from './state-glyph.js';
import { tableText } from './table.js';

/** What a command would hit: one sentence, then a row for each unit. */
export function impactText(given: Impact, now: number, colour: Colors): string {
  const { command, stack, text, affects } = printableData(given);
  const head = `${colour.bold(stack === null ? command : `${command} ${stack}`)}: ${text}\n`;
  if (affects.length === 0) return head;
  const rows = affects.map(({ effect, name, state, since, processes, invocation_id: run }) => {
    const { glyph, paint } = stateGlyph(state, colour);
    const word = effect === 'starts' ? effect : colour.yellow(effect);
    const count = effect === 'starts' ? '–' : String(processes);
    return [paint(glyph), word, name, paint(state), momentText(since, now), count, run ?? '–'];
  });
  const titles = ['', 'EFFECT', 'STACK', 'STATE', 'SINCE', 'PROCESSES', 'INVOCATION'];
  return `${head}${tableText(
    titles.map((word) => colour.dim(word)),
    rows,
  )}`;
}
