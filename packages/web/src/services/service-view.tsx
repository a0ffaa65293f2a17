import './service-view.css';
import { Button } from '@mantine/core';
import { IconArrowLeft, IconFileText, IconStarFilled } from '@tabler/icons-react';
import type { SupervisedService } from '@rovi/contract';
import { Link } from 'wouter';
import { ProblemNote } from '../command/problem-note.js';
import { HealthBadge } from '../format/health-badge.js';
import { StateBadge } from '../format/state-badge.js';
import { toneOf } from '../format/tone.js';
import { sentence } from '../format/words.js';
import { useIsLive, useRobotState } from '../live/robot-context.js';
import { MaintenanceBadge } from '../maintenance/maintenance-badge.js';
import { MaintenanceButton } from '../maintenance/maintenance-button.js';
import { OperationProgress } from '../overview/operation-progress.js';
import { ServiceCommands } from './service-commands.js';
import { ServiceIncidents } from './service-incidents.js';
import { ServiceInstanceCard } from './service-instance.js';
import { systemText } from './service-facts.js';
import { Supervised } from './service-row.js';
import { ServiceTies } from './service-ties.js';
import { useHealthHistory } from './use-health-history.js';

/** `/services/service/:name`: all about one service, and what can be done with it. */
export default function ServiceView({ name }: { name: string }) {
  const snapshot = useRobotState(({ view }) => view?.snapshot ?? null);
  const service = snapshot?.services.find((one) => one.name === name);
  return (
    <div className="service-view">
      <Link href="/" className="back">
        <IconArrowLeft size={20} aria-hidden /> Overview
      </Link>
      {service !== undefined ? (
        <One service={service} />
      ) : (
        <>
          <h1>{name}</h1>
          <p className="soft">
            {snapshot === null ? 'Asking the robot…' : 'The catalog has no service that is called so.'}
          </p>
        </>
      )}
    </div>
  );
}

function One({ service }: { service: SupervisedService }) {
  const live = useIsLive();
  const { history, problem } = useHealthHistory(service.name);
  const { name, description, state, level, text, health, category, priority, autostart, critical } = service;
  return (
    <>
      <section
        className="card hero"
        data-tone={live ? toneOf(state, level) : 'unknown'}
        aria-labelledby="service"
      >
        <div className="hero-head">
          <div>
            <p className="eyebrow">
              {service.managed === 'system' ? 'System service' : 'Service'}, {category}{' '}
              {critical && (
                <span className="critical">
                  <IconStarFilled size={14} aria-hidden /> critical
                </span>
              )}
            </p>
            <h1 id="service">{name}</h1>
            <p className="soft">{description}</p>
          </div>
          <span className="service-state">
            <HealthBadge health={health} />
            <StateBadge state={state} level={level} large />
          </span>
        </div>
        <p className="verdict">{live ? sentence(text) : `When it was last heard: ${sentence(text)}`}</p>
        <Supervised service={service} />
        <MaintenanceBadge target={name} />
        <div className="actions">
          <ServiceCommands service={service} large />
          <Button
            variant="default"
            component={Link}
            href={`/logs/${name}`}
            leftSection={<IconFileText size={20} aria-hidden />}
          >
            Logs
          </Button>
          <MaintenanceButton target={name} />
        </div>
        <p className="soft small">
          {service.managed === 'system'
            ? `${systemText(service)} Rovi neither starts it at boot nor restarts it.`
            : autostart
              ? 'Started at boot.'
              : 'Not started at boot.'}{' '}
          Priority {priority}.
        </p>
      </section>
      <OperationProgress />
      {problem !== null && <ProblemNote title="The history of its checks cannot be read" problem={problem} />}
      <section aria-labelledby="instances" className="service-part">
        <h2 id="instances">{service.max > 1 ? 'Instances' : 'Instance'}</h2>
        <ul className="service-instances">
          {service.instances.map((instance) => (
            <ServiceInstanceCard key={instance.id} service={service} instance={instance} history={history} />
          ))}
        </ul>
      </section>
      <section aria-labelledby="ties" className="card service-part">
        <h2 id="ties">What it needs, and what needs it</h2>
        <ServiceTies service={service} />
      </section>
      <ServiceIncidents name={name} several={service.max > 1} />
    </>
  );
}
