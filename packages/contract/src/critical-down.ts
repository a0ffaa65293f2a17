import type { SupervisedService } from './supervised-service.js';

/**
 * Whether a robot is not well for this service: it is critical, and failed or unhealthy, or at rest though it is started
 * at boot, or by the system. One in maintenance is meant to be at rest.
 */
export function isCriticalDown({
  critical,
  state,
  level,
  autostart,
  managed,
}: Pick<SupervisedService, 'critical' | 'state' | 'level' | 'autostart' | 'managed'>): boolean {
  if (!critical) return false;
  if (level === 'error' || state === 'FAILED') return true;
  return state === 'STOPPED' && (autostart || managed === 'system');
}
