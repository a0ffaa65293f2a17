import type { HealthProber } from '../ports/health-prober.js';

/** For a conductor whose services have no health checks: can look at nothing, and says so. */
export const noProber: HealthProber = {
  probe: () => Promise.resolve({ ok: null, text: 'there are no probes here', figures: {} }),
};
