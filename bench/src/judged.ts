import type { Table } from './table.js';
import type { Target } from './targets.js';

/** How a run's targets came out, as a table. */
export function targetTable(title: string, targets: readonly Target[]): Table {
  return {
    title,
    columns: ['what', 'wanted', 'measured', 'met'],
    rows: targets.map(({ what, wanted, measured, met }) => [what, wanted, measured, met ? 'yes' : '**no**']),
  };
}

/** The same in a sentence: how many were met, and which were not. */
export function verdictText(targets: readonly Target[]): string {
  const missed = targets.filter(({ met }) => !met);
  return missed.length === 0
    ? `All ${targets.length} targets were met.`
    : `${targets.length - missed.length} of ${targets.length} targets were met; missed: ${missed.map(({ what, measured }) => `${what} (${measured})`).join('; ')}.`;
}

/** A paragraph where the machine had other work; else empty. `othersBusy`: shares of all cores, in per cent. */
export function busyWarning(othersBusy: readonly number[]): string {
  const busy = Math.max(...othersBusy);
  return busy > 5
    ? `\n**The machine had other work during this run (${busy.toFixed(0)} % of its cores): times are longer and more scattered than they need be; run it again on a quiet one.**\n`
    : '';
}
