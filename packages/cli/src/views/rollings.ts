import type { Rolling } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { momentText } from './moment.js';
import { tableText } from './table.js';

/** Rolling restarts that did not end well, the last one first. */
export function rollingsText(
  given: readonly Rolling[],
  { now, colour }: { readonly now: number; readonly colour: Colors },
): string {
  if (given.length === 0) return colour.dim('no rolling restart is open\n');
  return tableText(
    ['ID', 'BEGUN', 'RESTARTS', 'DONE', 'LEFT', 'REASON'].map((word) => colour.dim(word)),
    printableData(given).map(({ id, begun_at: begun, kind, name, hosts, reason }) => {
      const of = (done: boolean): string =>
        hosts
          .filter(({ state }) => (state === 'done') === done)
          .map((host) => (host.state === 'failed' ? colour.red(host.name) : host.name))
          .join(', ') || '–';
      return [id, momentText(begun, now), `${kind} ${name}`, of(true), of(false), reason || '–'];
    }),
  );
}
