import { IconStarFilled } from '@tabler/icons-react';
import type { SupervisedService } from '@rovi/contract';
import { Link } from 'wouter';
import { HealthBadge } from '../format/health-badge.js';
import { StateBadge, ToneIcon } from '../format/state-badge.js';
import { toneOf } from '../format/tone.js';
import { durationText, sentence } from '../format/words.js';
import { useIsLive, useRobotState, useRobotTime } from '../live/robot-context.js';
import { maintenanceOf } from '../maintenance/maintenance-of.js';
import { MaintenanceBadge } from '../maintenance/maintenance-badge.js';
import { ServiceCommands } from './service-commands.js';
import { countsOf, instancesText, isAtRest, runsSince } from './service-facts.js';
import { supervisionLines } from './supervision-text.js';

/** One service in a line, with what is the matter with it below. */
export function ServiceRow({ service }: { service: SupervisedService }) {
  const live = useIsLive();
  const { name, description, state, level, text, health, critical, managed } = service;
  const tone = live ? toneOf(state, level) : 'unknown';
  const maintained = useRobotState(
    ({ view }) => view !== null && maintenanceOf(name, view.snapshot.maintenance)?.target === name,
  );
  const wrong = level !== 'ok' && state !== 'STARTING' && state !== 'STOPPING';
  return (
    <li className="service" data-tone={tone}>
      <div className="service-name">
        <h4>
          <Link href={`/service/${name}`} className="unit-name">
            {name}
          </Link>
        </h4>
        {critical && (
          <span className="critical">
            <IconStarFilled size={14} aria-hidden /> critical
          </span>
        )}
        {managed === 'system' && <span className="of-system small">system</span>}
        <p className="soft small">{description}</p>
      </div>
      <div className="service-state">
        <StateBadge state={state} level={level} />
        <HealthBadge health={health} />
      </div>
      <Facts service={service} />
      <ServiceCommands service={service} />
      {(wrong || maintained) && (
        <div className="service-matter">
          {wrong && <p>{live ? sentence(text) : `When it was last heard: ${sentence(text)}`}</p>}
          <Supervised service={service} />
          {maintained && <MaintenanceBadge target={name} />}
        </div>
      )}
    </li>
  );
}

/** What supervision does, with how long until it does it. */
export function Supervised({ service }: { service: SupervisedService }) {
  const now = useRobotTime();
  const live = useIsLive();
  const lines = supervisionLines(service, now);
  if (lines.length === 0 || !live) return null;
  return (
    <ul className="supervised">
      {lines.map(({ key, tone, text }) => (
        <li key={key} data-tone={tone} className="figures">
          <ToneIcon tone={tone} size={18} /> {text}
        </li>
      ))}
    </ul>
  );
}

function Facts({ service }: { service: SupervisedService }) {
  const now = useRobotTime();
  const since = isAtRest(service) ? null : runsSince(service);
  const instances = instancesText(service);
  const { restarts, crashes } = countsOf(service);
  return (
    <dl className="service-facts small figures">
      {instances !== '' && (
        <div>
          <dt>Instances</dt>
          <dd>{instances}</dd>
        </div>
      )}
      <div>
        <dt>Uptime</dt>
        <dd>{since === null || now === null ? '–' : durationText(now - since)}</dd>
      </div>
      <div>
        <dt>Restarts</dt>
        <dd>{restarts}</dd>
      </div>
      <div>
        <dt>Crashes</dt>
        <dd>{crashes}</dd>
      </div>
    </dl>
  );
}
