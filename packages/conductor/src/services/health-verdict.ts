import type { CheckStatus, HealthWord, InstanceHealth } from '@rovi/contract';

/** What the checks of an instance that runs come to. */
export type HealthVerdict = Pick<InstanceHealth, 'status' | 'text' | 'ready'>;

/** Of an instance that does not run. */
export const notRunning: HealthVerdict = { status: 'none', text: '', ready: false };

/**
 * A startup check that has not passed comes first: `starting`, or `unhealthy` once it has failed. Then liveness that
 * fails is `unhealthy`, readiness that fails is `degraded`. `unknown` where readiness is not decided, or no liveness
 * check could be; a liveness check that cannot be looked at is left out as long as another one says something. Ready is
 * what passes all startup and readiness checks.
 */
export function healthVerdictOf(checks: readonly CheckStatus[]): HealthVerdict {
  if (checks.length === 0) return { status: 'none', text: '', ready: true };
  const of = (role: CheckStatus['role']) => checks.filter((check) => check.role === role);
  const said = (status: HealthWord, check: CheckStatus): HealthVerdict => ({
    status,
    text: textOf(check),
    ready: of('startup').concat(of('readiness')).every(passes),
  });
  const failedStartup = of('startup').find(fails);
  if (failedStartup !== undefined) return said('unhealthy', failedStartup);
  const openStartup = of('startup').find((check) => !passes(check));
  if (openStartup !== undefined) return said('starting', openStartup);
  const failed = of('liveness').find(fails);
  if (failed !== undefined) return said('unhealthy', failed);
  const unready = of('readiness').find(fails);
  if (unready !== undefined) return said('degraded', unready);
  const undecided = of('readiness').find((check) => !passes(check));
  if (undecided !== undefined) return said('unknown', undecided);
  const open = checks.filter((check) => !passes(check));
  const blind = open.find((check) => check.last?.ok === null);
  const pending = open.find((check) => check.last?.ok !== null);
  if (pending !== undefined) return said('unknown', pending);
  if (blind === undefined) {
    return {
      status: 'healthy',
      text: checks.length === 1 ? 'passes' : `all ${checks.length} checks pass`,
      ready: true,
    };
  }
  if (open.length === checks.length) return said('unknown', blind);
  return said('healthy', blind);
}

const passes = ({ passing }: CheckStatus): boolean => passing === true;
const fails = ({ passing }: CheckStatus): boolean => passing === false;

function textOf({ name, last, passing, streak }: CheckStatus): string {
  if (last === null) return `${name} not looked at yet`;
  const open = passing === null && last.ok === false && streak > 0 ? ` (${streak} in a row)` : '';
  return `${name}: ${last.text}${open}`;
}
