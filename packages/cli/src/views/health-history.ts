import type { HealthHistory, ProbeResult } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { durationText } from './moment.js';
import { checkText } from './service.js';
import { healthPaint } from './state-glyph.js';

/** Looks that are shown of each check. */
const LOOKS = 40;

/** Each check of each instance: how it stands, then its last looks, newest right. */
export function healthHistoryText(given: HealthHistory, now: number, colour: Colors): string {
  const { name, instances } = printableData(given);
  if (instances.length === 0) return `${name} does not run: nothing is checked\n`;
  return instances
    .map(({ id, health, history }) => {
      const head = `${colour.bold(instances.length === 1 ? name : `${name} instance ${String(id)}`)}  ${healthPaint(health.status, colour)(health.status)}${health.text === '' ? '' : `: ${health.text}`}`;
      const checks = health.checks.flatMap((check) => {
        const looks = history.find((one) => one.check === check.name)?.results.slice(-LOOKS) ?? [];
        return [
          `  ${checkText(check, { colour, now })}`,
          ...(looks.length === 0
            ? []
            : [`    ${looks.map((look) => mark(look, colour)).join('')}  ${colour.dim(latencyText(looks))}`]),
        ];
      });
      const lines = health.checks.length === 0 ? ['  the catalog has no checks for it'] : checks;
      return `${[head, ...lines].join('\n')}\n`;
    })
    .join('\n');
}

function mark({ ok }: ProbeResult, colour: Colors): string {
  return ok === null ? colour.magenta('?') : ok ? colour.green('·') : colour.red('✗');
}

function latencyText(looks: readonly ProbeResult[]): string {
  const times = looks.map(({ duration_ms: ms }) => ms).sort((a, b) => a - b);
  const middle = times[Math.floor(times.length / 2)] ?? 0;
  return `${String(looks.length)} look${looks.length === 1 ? '' : 's'}, median ${durationText(middle)}, longest ${durationText(times.at(-1) ?? 0)}`;
}
