import { Button } from '@mantine/core';
import { isAway, standingOf } from '@rovi/client/browser';
import type { SeenRobot } from '@rovi/client/browser';
import { IconArrowLeft, IconRefresh } from '@tabler/icons-react';
import type { Snapshot } from '@rovi/contract';
import { Link } from 'wouter';
import { ProblemNote } from '../command/problem-note.js';
import { Note } from '../format/note.js';
import { agoText, momentText, sentence } from '../format/words.js';
import { ActionBar } from './action-bar.js';
import { useFleetIsLive, useFleetState, useRobotAge } from './fleet-context.js';
import { robotMatter, unitsOf } from './fleet-list.js';
import { StandingBadge, UnitBadge } from './standing-badge.js';
import { useLook } from './use-look.js';

/** One robot of the fleet: as it says itself now, else as it said last, marked as that. */
export function RobotDetail({ name }: { name: string }) {
  const robot = useFleetState(({ view }) => view?.robots.get(name) ?? null);
  const known = useFleetState(({ view }) => view !== null);
  return (
    <div className="fleet-detail">
      <Link href="/fleet" className="fleet-back">
        <IconArrowLeft size={20} aria-hidden />
        All robots
      </Link>
      {robot !== null ? (
        <Detail key={name} robot={robot} />
      ) : (
        <>
          <h1>{name}</h1>
          <p className="soft">
            {known ? 'The fleet’s broker has never told of a robot of this name.' : 'Asking the gateway…'}
          </p>
        </>
      )}
    </div>
  );
}

function Detail({ robot }: { robot: SeenRobot }) {
  const live = useFleetIsLive();
  const age = useRobotAge(robot);
  const standing = standingOf(robot);
  const away = isAway(standing) || !live;
  const { snapshot, problem, looking, again } = useLook(robot, live);
  const matter = robotMatter(robot);
  const seen = age === null ? 'not known' : agoText(age);
  return (
    <>
      <div className="section-head">
        <h1>{robot.robot}</h1>
        <StandingBadge standing={standing} live={live} />
        <span className="soft figures">Last heard {seen}</span>
        <Button
          variant="default"
          leftSection={<IconRefresh size={20} aria-hidden />}
          disabled={away}
          loading={looking}
          onClick={again}
        >
          Look again
        </Button>
      </div>
      {matter !== '' && (
        <Note tone={away ? 'unknown' : 'warn'} title={away ? 'The robot is away' : 'What is the matter'}>
          <p>{sentence(matter)}</p>
        </Note>
      )}
      {problem !== null && (
        <ProblemNote title="The robot could not be asked: this is its last report" problem={problem} />
      )}
      {snapshot !== null ? (
        <Told snapshot={snapshot} present={!away} />
      ) : looking ? (
        <p className="soft">Asking the robot…</p>
      ) : (
        <LastReport robot={robot} seen={seen} present={!away} />
      )}
      <ActionBar robots={[robot.robot]} {...unitsOf([robot])} />
    </>
  );
}

/** What the robot itself has just said. */
function Told({ snapshot, present }: { snapshot: Snapshot; present: boolean }) {
  // Its clock need not be right: its moments are reckoned on it alone.
  const at = Date.parse(snapshot.at);
  const { stacks, services, maintenance, bus, operation } = snapshot;
  return (
    <div className="fleet-told" data-away={!present}>
      <p className="soft">
        {present ? 'Its own answer' : 'What it answered'}, as of {momentText(snapshot.at, at)} by its clock.
        Version {snapshot.version}.
      </p>
      {!bus.connected && (
        <Note tone="unknown" title="The robot cannot ask systemd">
          <p>{sentence(bus.error ?? 'No reason given')}</p>
        </Note>
      )}
      {maintenance.map(({ target, reason }) => (
        <Note
          key={target ?? ''}
          tone="warn"
          title={target === null ? 'The robot is in maintenance' : `${target} is in maintenance`}
        >
          <p>{sentence(reason)}</p>
        </Note>
      ))}
      {operation !== null && <p>Under way: {sentence(operation.message)}</p>}
      <Units
        title="Stacks"
        present={present}
        units={stacks.map(({ name, state, verdict }) => ({
          name,
          state,
          level: verdict.level,
          text: verdict.text,
          health: name === snapshot.active ? 'active' : '',
        }))}
      />
      <Units
        title="Services"
        present={present}
        units={services.map(({ name, state, level, text, health }) => ({
          name,
          state,
          level,
          text,
          health: health === 'none' ? '' : health,
        }))}
      />
    </div>
  );
}

/** What it said when it was heard last. */
function LastReport({ robot, seen, present }: { robot: SeenRobot; seen: string; present: boolean }) {
  const { report } = robot;
  if (report === null) return <p className="soft">It has never told how it is.</p>;
  return (
    <div className="fleet-told" data-away={!present}>
      <p className="soft">
        Its last report, {seen}: {sentence(report.text)} Version {report.version}.
        {report.cut && ' It has more units than it tells of.'}
      </p>
      <Units
        title="Stacks"
        present={present}
        units={report.stacks.map((unit) => ({
          ...unit,
          text: '',
          health: unit.name === report.active ? 'active' : '',
        }))}
      />
      <Units
        title="Services"
        present={present}
        units={report.services.map((unit) => ({
          ...unit,
          text: '',
          health: unit.health === 'none' ? '' : unit.health,
        }))}
      />
    </div>
  );
}

function Units({
  title,
  units,
  present,
}: {
  title: string;
  units: readonly {
    name: string;
    state: Snapshot['stacks'][number]['state'];
    level: Snapshot['stacks'][number]['verdict']['level'];
    text: string;
    health: string;
  }[];
  present: boolean;
}) {
  if (units.length === 0) return null;
  return (
    <section className="card" aria-label={title}>
      <h2>{title}</h2>
      <ul className="fleet-units">
        {units.map(({ name, state, level, text, health }) => (
          <li key={name}>
            <strong>{name}</strong>
            <UnitBadge state={state} level={level} present={present} />
            {health !== '' && <span className="small">{present ? health : `was ${health}`}</span>}
            <span className="soft">{text === '' ? '' : sentence(text)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
