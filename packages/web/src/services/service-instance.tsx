import { Button } from '@mantine/core';
import { IconFileText } from '@tabler/icons-react';
import type { HealthHistory, ServiceInstance, SupervisedService } from '@rovi/contract';
import { Link } from 'wouter';
import { HealthBadge } from '../format/health-badge.js';
import { StateBadge, ToneIcon } from '../format/state-badge.js';
import { toneOf } from '../format/tone.js';
import { durationText, sentence } from '../format/words.js';
import { useIsLive, useRobotTime } from '../live/robot-context.js';
import { ServiceChecks } from './service-checks.js';
import { supervisionText } from './supervision-text.js';

/** One instance: how it is, its processes and ports, what its checks found, and what is done about its crashes. */
export function ServiceInstanceCard({
  service,
  instance,
  history,
}: {
  service: SupervisedService;
  instance: ServiceInstance;
  history: HealthHistory | null;
}) {
  const live = useIsLive();
  const { id, unit, state, level, text, health } = instance;
  const several = service.max > 1;
  const looks = history?.instances.find((one) => one.id === id)?.history ?? [];
  return (
    <li className="card service-instance" data-tone={live ? toneOf(state, level) : 'unknown'}>
      <div className="section-head">
        <h3>{several ? `Instance ${id}` : unit.unit}</h3>
        <span className="service-state">
          <HealthBadge health={health.status} text={health.text} />
          <StateBadge state={state} level={level} />
        </span>
      </div>
      <p>{live ? sentence(text) : `When it was last heard: ${sentence(text)}`}</p>
      <InstanceFacts instance={instance} showsUnit={several} />
      <ServiceChecks
        checks={health.checks}
        history={new Map(looks.map(({ check, results }) => [check, results]))}
        instance={id}
      />
      <InstanceSupervision instance={instance} />
      <div className="actions">
        <Button
          variant="default"
          component={Link}
          href={`/logs/${service.name}${several ? `@${id}` : ''}`}
          leftSection={<IconFileText size={20} aria-hidden />}
        >
          Logs{several ? ` of instance ${id}` : ''}
        </Button>
      </div>
    </li>
  );
}

function InstanceFacts({ instance, showsUnit }: { instance: ServiceInstance; showsUnit: boolean }) {
  const now = useRobotTime();
  const { unit, ports, processes, container, started_at: began, restarts, crashes } = instance;
  const facts: [string, string][] = [
    ...(showsUnit ? [['Unit', unit.unit] satisfies [string, string]] : []),
    ['Main PID', unit.main_pid === null ? '–' : String(unit.main_pid)],
    ['Ports', ports.length === 0 ? 'none' : ports.join(', ')],
    ...(container === null ? [] : [['Container', container] satisfies [string, string]]),
    ['Uptime', began === null || now === null ? '–' : durationText(now - Date.parse(began))],
    ['Restarts', String(restarts)],
    ['Crashes', String(crashes)],
    ...(processes.length < 2
      ? []
      : [
          ['Processes', processes.map(({ pid, comm }) => `${comm} (${pid})`).join(', ')] satisfies [
            string,
            string,
          ],
        ]),
  ];
  return (
    <dl className="service-facts small figures">
      {facts.map(([title, value]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function InstanceSupervision({ instance: { supervision, text: said } }: { instance: ServiceInstance }) {
  const now = useRobotTime();
  const { phase, text, starts_left: left, cause, lines } = supervision;
  if (phase === 'watching') return null;
  const tone = phase === 'gave-up' ? 'bad' : phase === 'trying' ? 'busy' : 'warn';
  return (
    <div className="supervision" data-tone={tone}>
      <p className="figures">
        <ToneIcon tone={tone} /> <strong>{supervisionText(supervision, now)}</strong>
      </p>
      {text !== '' && text !== said && <p>{sentence(text)}</p>}
      <p className="small">
        {cause === null ? '' : `Last run: ${sentence(cause.text)} `}
        {left === 1 ? '1 automatic start is' : `${left} automatic starts are`} left in the window of the start
        limit.
      </p>
      {lines.length > 0 && (
        <pre tabIndex={0} aria-label="Last lines of that run">
          {lines.join('\n')}
        </pre>
      )}
    </div>
  );
}
