import type { ExternalService } from '@rovi/contract';
import { HealthBadge } from '../format/health-badge.js';
import { agoText } from '../format/words.js';
import { useIsLive, useRobotTime } from '../live/robot-context.js';
import { EXTERNAL_OLD_MS } from './service-facts.js';

/** Services that others run and tell of over MQTT: shown, never commanded. */
export function ExternalServices({ external }: { external: readonly ExternalService[] }) {
  const live = useIsLive();
  const now = useRobotTime();
  if (external.length === 0) return null;
  return (
    <section className="card service-group" aria-labelledby="external">
      <h3 id="external" className="eyebrow">
        External, run by others
      </h3>
      <ul>
        {external.map(({ name, description, version, health, last_seen: seen }) => {
          const silent = now === null ? 0 : now - Date.parse(seen);
          const old = silent > EXTERNAL_OLD_MS;
          const faded = old || !live || health === 'unhealthy';
          return (
            <li key={name} className="service external" data-faded={faded} data-tone="rest">
              <div className="service-name">
                <h4>{name}</h4>
                <p className="soft small">
                  {description}
                  {version === '' ? '' : ` (${version})`}
                </p>
              </div>
              <div className="service-state">
                <HealthBadge health={old ? 'unknown' : health} />
              </div>
              <p className="soft small figures">
                {old ? 'Not heard for a while: last ' : 'Heard '}
                <time dateTime={seen}>{agoText(silent)}</time>
              </p>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
