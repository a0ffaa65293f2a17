import type { SupervisedService } from '@rovi/contract';
import { Link } from 'wouter';
import { StateBadge } from '../format/state-badge.js';
import { useRobotState } from '../live/robot-context.js';

/** What a service needs and what needs it, each with how it is. */
export function ServiceTies({ service }: { service: SupervisedService }) {
  const { requires, wants, conflicts, required_by: requiredBy, wanted_by: wantedBy } = service;
  const kinds = [
    { title: 'Requires', note: 'started before it; stops it when it stops', names: requires },
    { title: 'Wants', note: 'started before it if it can be', names: wants },
    { title: 'Required by', note: 'stops with it', names: requiredBy },
    { title: 'Wanted by', note: 'runs without it', names: wantedBy },
    { title: 'Conflicts with', note: 'never runs beside it', names: conflicts },
  ].filter(({ names }) => names.length > 0);
  if (kinds.length === 0) return <p className="soft">It needs no other service, and none needs it.</p>;
  return (
    <div className="service-ties">
      {kinds.map(({ title, note, names }) => (
        <div key={title}>
          <h3>{title}</h3>
          <p className="soft small">{note}</p>
          <ul>
            {names.map((name) => (
              <li key={name}>
                <Other name={name} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

function Other({ name }: { name: string }) {
  const other = useRobotState(({ view }) => view?.snapshot.services.find((one) => one.name === name) ?? null);
  return (
    <>
      <Link href={`/service/${name}`} className="unit-name">
        {name}
      </Link>
      {other !== null && <StateBadge state={other.state} level={other.level} />}
    </>
  );
}
