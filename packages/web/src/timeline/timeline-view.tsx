import '@mantine/core/styles/FloatingIndicator.css';
import '@mantine/core/styles/InlineInput.css';
import '@mantine/core/styles/SegmentedControl.css';
import '@mantine/core/styles/Switch.css';
import './timeline.css';
import { ActionIcon, Button, SegmentedControl } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import type { StackState, SupervisedService, Timeline } from '@rovi/contract';
import { useMemo, useRef, useState } from 'react';
import { ProblemNote } from '../command/problem-note.js';
import { momentText } from '../format/words.js';
import { useRobotState, useRobotTime } from '../live/robot-context.js';
import { HappeningsTable } from './happenings-table.js';
import { knownSince, lanesOf } from './lanes.js';
import { TimelinePicture } from './timeline-picture.js';
import { useTimeline } from './use-timeline.js';

const ZOOMS = [
  { value: '300000', label: '5 min' },
  { value: '3600000', label: '1 h' },
  { value: 'all', label: 'All' },
] as const;

/** `/services/timeline`: what was commanded and what became of the units, as a picture and as a list. */
export default function TimelineView() {
  const { timeline, problem } = useTimeline();
  return (
    <div className="timeline">
      <h1>Timeline</h1>
      {problem !== null && <ProblemNote title="The timeline cannot be read" problem={problem} />}
      {timeline === null ? (
        problem === null && <p className="soft">Reading the timeline…</p>
      ) : (
        <Both timeline={timeline} />
      )}
    </div>
  );
}

function Both({ timeline }: { timeline: Timeline }) {
  const now = useRobotTime() ?? Date.parse(timeline.at);
  const snapshot = useRobotState(({ view }) => view?.snapshot ?? null);
  const [zoom, setZoom] = useState<string>('300000');
  /** The right end of the picture; null while it is now. */
  const [end, setEnd] = useState<number | null>(null);
  const top = useRef<HTMLDivElement>(null);

  const present = useMemo(
    () =>
      new Map<string, StackState>([
        ['gateway', 'RUNNING'],
        ...(snapshot?.stacks ?? []).map(({ name, state }): [string, StackState] => [name, state]),
        ...(snapshot?.services ?? []).flatMap(lanesOfService),
      ]),
    [snapshot],
  );
  const units = useMemo(
    () => [...new Set([...present.keys(), ...timeline.transitions.map(({ name }) => name)])],
    [present, timeline],
  );
  const start = knownSince(timeline);
  const lanes = lanesOf(timeline, present, now);
  const length = zoom === 'all' ? Math.max(now - start, 60_000) : Number(zoom);
  const to = zoom === 'all' ? now : Math.min(end ?? now, now);
  const from = to - length;
  const shift = (by: number): void => {
    const next = to + by;
    setEnd(next >= now ? null : Math.max(next, start + length / 2));
  };
  const show = (at: number): void => {
    if (zoom === 'all') setZoom('3600000');
    const half = (zoom === 'all' ? 3_600_000 : length) / 2;
    setEnd(at + half >= now ? null : at + half);
    top.current?.scrollIntoView({ block: 'center' });
  };

  return (
    <>
      <div className="timeline-choices" ref={top}>
        <SegmentedControl
          aria-label="How much time is shown"
          size="md"
          data={[...ZOOMS]}
          value={zoom}
          onChange={(value) => {
            setZoom(value);
            setEnd(null);
          }}
        />
        {zoom !== 'all' && (
          <>
            <ActionIcon
              variant="default"
              aria-label="Earlier"
              title="Earlier"
              disabled={from <= start}
              onClick={() => shift(-length / 2)}
            >
              <IconChevronLeft size={20} aria-hidden />
            </ActionIcon>
            <ActionIcon
              variant="default"
              aria-label="Later"
              title="Later"
              disabled={end === null}
              onClick={() => shift(length / 2)}
            >
              <IconChevronRight size={20} aria-hidden />
            </ActionIcon>
            {end !== null && (
              <Button variant="default" onClick={() => setEnd(null)}>
                To now
              </Button>
            )}
          </>
        )}
        <p className="soft small">
          Known since {momentText(new Date(start).toISOString(), now)}, when{' '}
          {start === Date.parse(timeline.since) ? 'this run of the gateway began' : 'what is kept begins'}.
        </p>
      </div>
      <TimelinePicture lanes={lanes} operations={timeline.operations} window={{ from, to }} />
      <HappeningsTable timeline={timeline} units={units} onShow={show} />
    </>
  );
}

/** A lane for a service, or for each of its instances where there may be several. */
function lanesOfService({ name, state, max, instances }: SupervisedService): [string, StackState][] {
  if (max === 1) return [[name, state]];
  return instances.map((instance): [string, StackState] => [`${name}@${instance.id}`, instance.state]);
}
