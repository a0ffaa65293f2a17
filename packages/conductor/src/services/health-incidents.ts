import type { Incident, InstanceHealth } from '@rovi/contract';

/**
 * Tells of an instance that has become unhealthy, and once it is healthy again of that: a run in between that ended, or
 * that nothing is known of yet, is no news of its health.
 */
export class HealthIncidents {
  readonly #unhealthy = new Set<string>();

  /** What there is to tell of this change; null where nothing. */
  changed(service: string, id: number, now: InstanceHealth): Incident | null {
    const key = `${service}/${id}`;
    const was = this.#unhealthy.has(key);
    if (now.status === 'unhealthy' && !was) {
      this.#unhealthy.add(key);
      return incident('service_unhealthy', { service, id, now });
    }
    if (now.status === 'healthy' && was) {
      this.#unhealthy.delete(key);
      return incident('service_healthy', { service, id, now });
    }
    return null;
  }
}

function incident(
  type: 'service_healthy' | 'service_unhealthy',
  { service, id, now }: { readonly service: string; readonly id: number; readonly now: InstanceHealth },
): Incident {
  const text = type === 'service_healthy' ? 'is healthy again' : `is unhealthy: ${now.text}`;
  return { type, service, instance: id, text: `${service} ${text}`, data: { checks: now.checks } };
}
