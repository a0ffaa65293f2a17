import type { HealthWord } from '@rovi/contract';

const words: Readonly<Record<string, HealthWord>> = {
  healthy: 'healthy',
  ok: 'healthy',
  up: 'healthy',
  passing: 'healthy',
  degraded: 'degraded',
  warning: 'degraded',
  warn: 'degraded',
  unhealthy: 'unhealthy',
  failing: 'unhealthy',
  failed: 'unhealthy',
  critical: 'unhealthy',
  error: 'unhealthy',
  down: 'unhealthy',
  starting: 'starting',
};

/** What others call a service's health, in Rovi's words; `unknown` for any that is not known here, and for none. */
export function healthWord(said: string | undefined): HealthWord {
  const word = said?.trim().toLowerCase() ?? '';
  return Object.hasOwn(words, word) ? words[word]! : 'unknown';
}
