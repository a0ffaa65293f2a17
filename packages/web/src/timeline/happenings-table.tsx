import { Button, NativeSelect, Switch } from '@mantine/core';
import { IconAlertTriangle, IconCommand, IconInfoCircle, IconPoint } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import type { Timeline } from '@rovi/contract';
import { momentText } from '../format/words.js';
import { useRobotTime } from '../live/robot-context.js';
import { commanders, filtered, happenings } from './happenings.js';
import type { Happening, HappeningFilter } from './happenings.js';

/** Rows that are shown at first, and more each time. */
const PAGE = 50;

/** All that happened, newest first, by unit, by who commanded it, or only what failed. */
export function HappeningsTable({
  timeline,
  units,
  onShow,
}: {
  timeline: Timeline;
  units: readonly string[];
  /** Shows the moment in the picture. */
  onShow: (at: number) => void;
}) {
  const [filter, setFilter] = useState<HappeningFilter>({ unit: null, who: null, failuresOnly: false });
  const [count, setCount] = useState(PAGE);
  const all = useMemo(() => happenings(timeline, units), [timeline, units]);
  const listed = filtered(all, filter);
  const change = (part: Partial<HappeningFilter>): void => {
    setFilter({ ...filter, ...part });
    setCount(PAGE);
  };
  return (
    <section aria-labelledby="happenings" className="happenings">
      <h2 id="happenings">The same as a list</h2>
      <div className="timeline-choices">
        <NativeSelect
          label="Unit"
          value={filter.unit ?? ''}
          onChange={({ currentTarget: { value } }) => change({ unit: value === '' ? null : value })}
          data={[{ value: '', label: 'All' }, ...units]}
        />
        <NativeSelect
          label="Commanded by"
          value={filter.who === null ? 'all' : `by ${filter.who}`}
          onChange={({ currentTarget: { value } }) =>
            change({ who: value === 'all' ? null : value.slice('by '.length) })
          }
          data={[
            { value: 'all', label: 'All' },
            { value: 'by ', label: 'Nobody' },
            ...commanders(all).map((name) => ({ value: `by ${name}`, label: name })),
          ]}
        />
        <Switch
          label="Failures only"
          checked={filter.failuresOnly}
          onChange={({ currentTarget: { checked } }) => change({ failuresOnly: checked })}
        />
        <p className="soft small" role="status">
          {listed.length} of {all.length}
        </p>
      </div>
      {listed.length === 0 ? (
        <p className="card soft">Nothing of this kind happened since the gateway began.</p>
      ) : (
        <div className="card table-card" tabIndex={0} role="region" aria-label="What happened">
          {/* The roles say again what the elements are: as cards, by CSS, they would be none to a screen reader. */}
          <table role="table" className="units happenings-table">
            <thead role="rowgroup">
              <tr role="row">
                {['When', 'Unit', 'What', 'Commanded by', 'Why'].map((title) => (
                  <th role="columnheader" scope="col" key={title}>
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody role="rowgroup">
              {listed.slice(0, count).map((one) => (
                <HappeningRow key={one.key} happening={one} onShow={onShow} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {listed.length > count && (
        <Button variant="default" onClick={() => setCount(count + PAGE)}>
          Show {Math.min(PAGE, listed.length - count)} more
        </Button>
      )}
    </section>
  );
}

const marks = {
  command: IconCommand,
  change: IconPoint,
  crash: IconAlertTriangle,
  incident: IconInfoCircle,
};

function HappeningRow({ happening, onShow }: { happening: Happening; onShow: (at: number) => void }) {
  const now = useRobotTime() ?? 0;
  const { at, unit, what, who, why, kind, failed, run } = happening;
  const Icon = marks[kind];
  const moment = new Date(at).toISOString();
  return (
    <tr role="row" data-failed={failed} data-kind={kind}>
      <td role="cell" data-label="When">
        <button
          type="button"
          className="timeline-moment figures"
          onClick={() => onShow(at)}
          title="Show in the picture"
        >
          <time dateTime={moment}>{momentText(moment, now)}</time>
        </button>
      </td>
      <td role="cell" data-label="Unit">
        {unit === null ? (
          'all'
        ) : (
          <Link href={`/logs/${unit}${run === null ? '' : `?run=${run}`}`} className="unit-name">
            {unit}
          </Link>
        )}
      </td>
      <td role="cell" data-label="What">
        <span className="happening-what" data-tone={failed ? 'bad' : kind === 'command' ? 'busy' : 'rest'}>
          <Icon size={18} aria-hidden />
          {what}
        </span>
      </td>
      <td role="cell" data-label="Commanded by">
        {who === null ? 'nobody' : who === '' ? 'not kept' : who}
      </td>
      <td role="cell" data-label="Why">
        {why}
      </td>
    </tr>
  );
}
