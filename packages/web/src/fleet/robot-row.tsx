import { isAway, standingOf } from '@rovi/client/browser';
import type { SeenRobot } from '@rovi/client/browser';
import { memo } from 'react';
import { Link } from 'wouter';
import { agoText } from '../format/words.js';
import { useRobotAge } from './fleet-context.js';
import { robotMatter } from './fleet-list.js';
import { StandingBadge } from './standing-badge.js';

/** One robot on a line. What it said last is grey where it is away, and where nothing is heard. */
export const RobotRow = memo(function RobotRow({
  robot,
  live,
  selected,
  selectable,
  onSelect,
}: {
  robot: SeenRobot;
  live: boolean;
  selected: boolean;
  selectable: boolean;
  onSelect: (robot: string, selected: boolean) => void;
}) {
  const standing = standingOf(robot);
  const away = isAway(standing) || !live;
  const { report } = robot;
  const matter = robotMatter(robot);
  return (
    <div className="fleet-robot" data-away={away}>
      <label className="fleet-pick">
        <input
          type="checkbox"
          checked={selected}
          disabled={!selectable || (isAway(standing) && !selected)}
          onChange={({ currentTarget }) => onSelect(robot.robot, currentTarget.checked)}
          aria-label={`Select ${robot.robot}`}
        />
      </label>
      <Link href={`/fleet/${encodeURIComponent(robot.robot)}`} className="fleet-name">
        {robot.robot}
      </Link>
      <span className="fleet-standing">
        <StandingBadge standing={standing} live={live} />
      </span>
      <span className="fleet-active">
        <Active report={report} away={away} />
      </span>
      <span className="fleet-matter" title={matter}>
        {matter}
      </span>
      <Seen robot={robot} />
    </div>
  );
});

function Active({ report, away }: { report: SeenRobot['report']; away: boolean }) {
  if (report === null) return <span className="soft">–</span>;
  const { active, known, stacks } = report;
  const state = stacks.find(({ name }) => name === active)?.state.toLowerCase();
  if (away) return <>was {known ? (active ?? 'at rest') : 'not known'}</>;
  if (!known) return <>not known</>;
  if (active === null) return <span className="soft">at rest</span>;
  return (
    <>
      <strong>{active}</strong>
      {state !== undefined && state !== 'running' && ` ${state}`}
    </>
  );
}

function Seen({ robot }: { robot: SeenRobot }) {
  const age = useRobotAge(robot);
  return <span className="fleet-seen figures">{age === null ? 'not known' : agoText(age)}</span>;
}
