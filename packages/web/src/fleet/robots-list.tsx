import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import { groupTitles } from './fleet-list.js';
import type { FleetRow } from './fleet-list.js';
import { RobotRow } from './robot-row.js';

/** Height of a robot's line and of a group's title, in pixels; as in fleet.css. */
const ROBOT_PX = 56;
const NARROW_ROBOT_PX = 96;
const GROUP_PX = 52;
const NARROW = '(max-width: 860px)';

/** Robots by group, of which only those that can be seen are in the document. */
export function RobotsList({
  rows,
  live,
  selectable,
  selected,
  onSelect,
}: {
  rows: readonly FleetRow[];
  live: boolean;
  selectable: boolean;
  selected: ReadonlySet<string>;
  onSelect: (robot: string, selected: boolean) => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const narrow = useNarrow();
  // What stands above the list comes and goes.
  useLayoutEffect(() => {
    const measure = (): void => {
      const element = place.current;
      if (element !== null) setTop(Math.round(element.getBoundingClientRect().top + scrollY));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: (index) => (rows[index]?.kind === 'group' ? GROUP_PX : narrow ? NARROW_ROBOT_PX : ROBOT_PX),
    getItemKey: (index) => keyOf(rows[index]),
    scrollMargin: top,
    overscan: 10,
    useFlushSync: false,
  });
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, rows, narrow]);
  return (
    <div
      ref={place}
      role="list"
      aria-label="Robots"
      className="card fleet-list"
      data-live={live}
      style={{ height: virtualizer.getTotalSize() }}
    >
      {virtualizer.getVirtualItems().map(({ index, key, start, size }) => {
        const row = rows[index];
        if (row === undefined) return null;
        return (
          <div
            key={key}
            role="listitem"
            aria-posinset={index + 1}
            aria-setsize={rows.length}
            className="fleet-place"
            style={{ height: size, transform: `translateY(${start - top}px)` }}
          >
            {row.kind === 'group' ? (
              <h2 className="fleet-group">
                {groupTitles[row.group]} <span className="soft figures">{row.count}</span>
              </h2>
            ) : (
              <RobotRow
                robot={row.robot}
                live={live}
                selectable={selectable}
                selected={selected.has(row.robot.robot)}
                onSelect={onSelect}
              />
            )}
          </div>
        );
      })}
    </div>
  );
}

function keyOf(row: FleetRow | undefined): string {
  if (row === undefined) return '';
  return row.kind === 'group' ? `group ${row.group}` : `robot ${row.robot.robot}`;
}

function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useLayoutEffect(() => {
    const query = matchMedia(NARROW);
    const changed = (): void => setNarrow(query.matches);
    query.addEventListener('change', changed);
    return () => query.removeEventListener('change', changed);
  }, []);
  return narrow;
}
