import './fleet.css';
import { Button } from '@mantine/core';
import { isAway, standingOf } from '@rovi/client/browser';
import type { FleetView as Told } from '@rovi/client/browser';
import { useMemo, useState } from 'react';
import { ProblemNote } from '../command/problem-note.js';
import { Note } from '../format/note.js';
import { agoText, sentence } from '../format/words.js';
import {
  useEachSecond,
  useIsLive,
  useMayCommand,
  useRobotState,
  useRobotTime,
} from '../live/robot-context.js';
import { ActionBar } from './action-bar.js';
import {
  FleetContext,
  useFleet,
  useFleetCommanderState,
  useFleetIsLive,
  useFleetState,
  useNewFleet,
  useWhyNot,
} from './fleet-context.js';
import { FleetFilterBar } from './fleet-filter-bar.js';
import { commandable, fleetRows, groupCounts, unitsOf } from './fleet-list.js';
import type { FleetFilter } from './fleet-list.js';
import { QuestionDialog } from './question-dialog.js';
import { RobotDetail } from './robot-detail.js';
import { RobotsList } from './robots-list.js';
import { robotsText } from './robots-text.js';
import { RunCard } from './run-card.js';

/** `/services/fleet` and `/services/fleet/ROBOT`: many robots by the broker that this gateway observes. */
export default function FleetView({ robot }: { robot: string | null }) {
  const fleet = useNewFleet();
  return (
    <FleetContext value={fleet}>
      <div className="fleet">
        <Matters />
        <Runs />
        <BarIsOfOne />
        {robot === null ? <Robots /> : <RobotDetail name={robot} />}
      </div>
      <QuestionDialog />
    </FleetContext>
  );
}

/** The buttons above are always there, and of one robot: nobody may take them for the fleet's. */
function BarIsOfOne() {
  const name = useRobotState(({ view }) => view?.snapshot.robot ?? null);
  const allowed = useMayCommand();
  if (name === null || !allowed) return null;
  return (
    <p className="soft">
      Stop and E-stop in the bar above are of <strong>{name}</strong> alone.
    </p>
  );
}

/** Why nothing that is shown is of now, and why the last command was not taken. */
function Matters() {
  const { commander, feed } = useFleet();
  const live = useIsLive();
  const link = useFleetState((state) => state.link);
  const broker = useFleetState(({ view }) => view?.broker ?? null);
  const key = useFleetState(({ view }) => (view === null ? undefined : view.key));
  const problem = useFleetCommanderState((state) => state.problem);
  return (
    <>
      {live && link.state === 'lost' && (
        <Note tone="unknown" title="The fleet is not heard of">
          <p>{sentence(link.problem.message)} What is shown is what was. It is tried again.</p>
        </Note>
      )}
      {live && link.state === 'ended' && (
        <>
          <ProblemNote title="The fleet cannot be shown" problem={link.problem} />
          <div className="actions">
            <Button variant="default" onClick={() => feed.start()}>
              Try again
            </Button>
          </div>
        </>
      )}
      {live && broker?.connected === false && <BrokerLost broker={broker} />}
      {live && key === null && (
        <Note tone="busy" title="This gateway can only look">
          <p>It has no key that robots know. Its admin makes one: see docs/fleet.md.</p>
        </Note>
      )}
      {problem !== null && (
        <ProblemNote
          title={
            problem.code === 'gateway-unreachable'
              ? 'The command may not have arrived'
              : 'The command was not taken'
          }
          problem={problem}
          onClose={() => commander.dismiss()}
        />
      )}
    </>
  );
}

function BrokerLost({ broker }: { broker: Told['broker'] }) {
  useEachSecond();
  const now = useRobotTime();
  const ago = now === null ? '' : `, ${agoText(Math.max(0, now - Date.parse(broker.since)))}`;
  return (
    <Note tone="bad" title={`This gateway has lost the fleet’s broker${ago}`}>
      <p>
        {sentence(broker.text === '' ? `${broker.address} does not answer` : broker.text)} Nothing is known of
        now: each robot is shown as it was heard last, and none can be commanded from here.
      </p>
    </Note>
  );
}

/** Runs that go on, and those begun here until they were read. */
function Runs() {
  const { commander } = useFleet();
  const live = useFleetIsLive();
  const runs = useFleetState(({ view }) => view?.runs);
  const begun = useFleetCommanderState((state) => state.begun);
  const shown = (runs ?? []).filter(({ id, ended_at: ended }) => ended === null || begun.includes(id));
  const forgotten = begun.filter((id) => runs !== undefined && !runs.some((run) => run.id === id));
  return (
    <>
      {shown.map((run) => (
        <RunCard
          key={run.id}
          run={run}
          live={live}
          onClose={begun.includes(run.id) ? () => commander.forget(run.id) : undefined}
        />
      ))}
      {live &&
        forgotten.map((id) => (
          <Note
            key={id}
            tone="unknown"
            title="The gateway has forgotten a command"
            onClose={() => commander.forget(id)}
          >
            <p>It was restarted. What was not done by then is not known: look at the robots.</p>
          </Note>
        ))}
    </>
  );
}

function Robots() {
  const live = useFleetIsLive();
  const whyNot = useWhyNot();
  const robots = useFleetState(({ view }) => view?.robots);
  const [filter, setFilter] = useState<FleetFilter>({ group: null, text: '' });
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const begun = useFleetCommanderState((state) => state.begun.length);
  const [counted, setCounted] = useState(begun);
  if (counted !== begun) {
    setCounted(begun);
    // The next command is to robots that were chosen for it.
    if (begun > counted) setPicked(new Set());
  }
  const rows = useMemo(() => fleetRows(robots?.values() ?? [], filter), [robots, filter]);
  const counts = useMemo(() => groupCounts(robots?.values() ?? []), [robots]);
  if (robots === undefined) {
    return (
      <>
        <h1>Fleet</h1>
        <p className="soft">Asking the gateway…</p>
      </>
    );
  }
  const all = commandable(rows);
  const selected = [...picked].filter((name) => robots.has(name));
  const hidden = selected.filter(
    (name) => !rows.some((row) => row.kind === 'robot' && row.robot.robot === name),
  );
  const gone = selected.filter((name) => {
    const robot = robots.get(name);
    return robot !== undefined && isAway(standingOf(robot));
  });
  const select = (name: string, on: boolean): void =>
    setPicked((before) => {
      const next = new Set(before);
      if (on) next.add(name);
      else next.delete(name);
      return next;
    });
  const found = rows.filter(({ kind }) => kind === 'robot').length;
  return (
    <>
      <div className="section-head">
        <h1>Fleet</h1>
        <p className="soft" role="status">
          {found === robots.size ? robotsText(robots.size) : `${found} of ${robotsText(robots.size)}`}
        </p>
        {whyNot === null && (
          <Button
            variant="default"
            disabled={all.length === 0}
            onClick={() => setPicked((before) => new Set([...before, ...all]))}
          >
            Select {found === robots.size ? 'all that are there' : 'all of these'} ({all.length})
          </Button>
        )}
      </div>
      <FleetFilterBar filter={filter} counts={counts} total={robots.size} onFilter={setFilter} />
      {selected.length > 0 && (
        <>
          <ActionBar
            robots={selected}
            {...unitsOf(selected.flatMap((name) => robots.get(name) ?? []))}
            onClear={() => setPicked(new Set())}
          />
          {hidden.length + gone.length > 0 && (
            <p className="soft small">
              {hidden.length > 0 && `${robotsText(hidden.length)} selected that the filter hides. `}
              {gone.length > 0 && `${robotsText(gone.length)} selected that went away meanwhile.`}
            </p>
          )}
        </>
      )}
      {rows.length === 0 ? (
        <p className="card soft">
          {robots.size === 0 ? 'No robot has told the broker of itself yet.' : 'None are so.'}
        </p>
      ) : (
        <RobotsList
          rows={rows}
          live={live}
          selectable={whyNot === null}
          selected={picked}
          onSelect={select}
        />
      )}
    </>
  );
}
