import type { Recovery, Reload } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';

/** What was set right, what could not be and why, what is different now. */
export function recoveryText(given: Recovery, colour: Colors): string {
  const { message, reset, refused, supervision, changes } = printableData(given);
  return [
    `${refused.length === 0 ? colour.green('✓') : colour.yellow('!')} ${message}`,
    ...reset.map((unit) => `  ${colour.green('reset')} ${unit}`),
    ...refused.map(({ unit, message: why }) => `  ${colour.yellow('not reset')} ${unit}: ${why}`),
    ...supervision.map((service) => `  ${colour.green('supervised anew')} ${service}`),
    ...changes.map((change) => `  ${change}`),
    '',
  ].join('\n');
}

/** What is in force now, and what is not yet and why. */
export function reloadText(given: Reload, colour: Colors): string {
  const { message, applied, needs_install: install, needs_restart: restart } = printableData(given);
  return [
    `${colour.green('✓')} ${message}`,
    ...applied.map((one) => `  ${colour.green('in force')} ${one}`),
    ...install.map((one) => `  ${colour.yellow('needs install.sh')} ${one}`),
    ...restart.map((one) => `  ${colour.yellow('needs a restart of the gateway')} ${one}`),
    '',
  ].join('\n');
}
