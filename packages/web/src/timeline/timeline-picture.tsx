import { useElementSize } from '@mantine/hooks';
import {
  IconAlertTriangleFilled,
  IconArrowsExchange,
  IconHandStop,
  IconPlayerPlay,
  IconPlayerStop,
  IconRotate,
  IconStack2,
} from '@tabler/icons-react';
import { scaleTime } from 'd3-scale';
import type { Operation } from '@rovi/contract';
import { useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { Link } from 'wouter';
import type { Lane } from './lanes.js';
import { rowsOf } from './timeline-items.js';
import type { Item, Row, Window } from './timeline-items.js';

/** Pixels: of one row, of its name above, of what is drawn below that, of the axis at the bottom. */
const ROW = 54;
const NAME = 20;
const BAR = 24;
const AXIS = 28;
const EDGE = 14;

/**
 * The units' states as lanes over time, with the commands above them. One stop of the Tab key: inside, arrows go from
 * thing to thing, and what is looked at is told below.
 */
export function TimelinePicture({
  lanes,
  operations,
  window,
}: {
  lanes: readonly Lane[];
  operations: readonly Operation[];
  window: Window;
}) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const place = useRef<SVGSVGElement>(null);
  const [looked, setLooked] = useState<string | null>(null);
  const scale = scaleTime()
    .domain([window.from, window.to])
    .range([EDGE, Math.max(width - EDGE, EDGE + 1)]);
  const rows = rowsOf({ lanes, operations }, window, (at) => scale(at));
  const items = rows.flatMap((row) => row.items);
  const shown = items.find(({ key }) => key === looked) ?? null;
  const stop = shown ?? items.at(-1) ?? null;
  const height = rows.length * ROW + AXIS;

  const look = (item: Item): void => {
    setLooked(item.key);
    place.current?.querySelector<SVGGElement>(`[data-key="${CSS.escape(item.key)}"]`)?.focus();
  };
  const pressed = (event: KeyboardEvent): void => {
    const next = stop === null ? null : neighbour(rows, stop, event.key);
    if (next === null) return;
    event.preventDefault();
    look(next);
  };

  return (
    <figure className="card timeline-card">
      <div ref={ref} className="timeline-picture" style={{ height }}>
        {width > 0 && (
          <svg
            ref={place}
            width={width}
            height={height}
            role="group"
            aria-label="States over time. Arrow keys go from one to the next. The same is in the list below."
            onKeyDown={pressed}
          >
            <Axis scale={scale} window={window} width={width} height={height} />
            {rows.map((row, index) => (
              <g key={row.name} transform={`translate(0 ${index * ROW})`}>
                <text x={EDGE} y={15} className="timeline-name" aria-hidden>
                  {row.name}
                </text>
                {row.items.map((item) => (
                  <g
                    key={item.key}
                    data-key={item.key}
                    data-tone={item.tone}
                    data-kind={item.kind}
                    data-looked={item.key === looked}
                    className="timeline-item"
                    role="button"
                    aria-label={[...several(item), ...item.text].join(' ')}
                    tabIndex={item.key === stop?.key ? 0 : -1}
                    onFocus={() => setLooked(item.key)}
                    onPointerEnter={() => setLooked(item.key)}
                    onClick={() => look(item)}
                  >
                    <Shape item={item} operations={operations} />
                  </g>
                ))}
              </g>
            ))}
            <Stems rows={rows} />
          </svg>
        )}
      </div>
      <figcaption className="timeline-told" aria-live="polite" data-tone={shown?.tone ?? 'rest'}>
        {shown === null ? (
          <p className="soft">Touch, point at or go to anything above to read what it is.</p>
        ) : (
          <>
            {shown.text.map((text) => (
              <p key={text}>{text}</p>
            ))}
            {shown.logs !== null && (
              <Link
                className="timeline-logs"
                href={`/logs/${shown.logs.unit}${shown.logs.run === null ? '' : `?run=${shown.logs.run}`}`}
              >
                {shown.logs.run === null ? `Logs of ${shown.logs.unit}` : 'Logs of this run'}
              </Link>
            )}
          </>
        )}
      </figcaption>
    </figure>
  );
}

/** The thing that an arrow key leads to; null for other keys and at the ends. */
function neighbour(rows: readonly Row[], item: Item, key: string): Item | null {
  const row = rows.findIndex(({ items }) => items.includes(item));
  const items = rows[row]?.items ?? [];
  const at = items.indexOf(item);
  if (key === 'ArrowRight') return items[at + 1] ?? null;
  if (key === 'ArrowLeft') return items[at - 1] ?? null;
  if (key === 'Home') return items[0] ?? null;
  if (key === 'End') return items.at(-1) ?? null;
  if (key !== 'ArrowDown' && key !== 'ArrowUp') return null;
  const step = key === 'ArrowDown' ? 1 : -1;
  for (let other = row + step; rows[other] !== undefined; other += step) {
    const there = rows[other]?.items ?? [];
    const nearest = there.toSorted((a, b) => Math.abs(a.x - item.x) - Math.abs(b.x - item.x))[0];
    if (nearest !== undefined) return nearest;
  }
  return null;
}

/** What the number on a mark that stands for several commands says. */
function several({ kind, text }: Item): string[] {
  return kind === 'commands' && text.length > 1 ? [`${text.length} commands.`] : [];
}

const icons = {
  start: IconPlayerPlay,
  stop: IconPlayerStop,
  'stop-all': IconHandStop,
  restart: IconRotate,
  switch: IconArrowsExchange,
  scale: IconStack2,
  'rolling-restart': IconRotate,
};

function Shape({ item, operations }: { item: Item; operations: readonly Operation[] }) {
  const { kind, x, width, word } = item;
  const middle = NAME + BAR / 2;
  if (kind === 'commands') {
    const only = operations.find(({ id }) => id === item.key);
    const Icon = only === undefined ? null : icons[only.kind];
    return (
      <>
        <circle cx={x} cy={middle} r={13} />
        {Icon === null ? (
          <text x={x} y={middle + 5} textAnchor="middle">
            {word}
          </text>
        ) : (
          <Icon x={x - 8} y={middle - 8} size={16} aria-hidden />
        )}
      </>
    );
  }
  if (kind === 'crash') {
    return (
      <>
        <circle cx={x} cy={middle} r={15} />
        <IconAlertTriangleFilled x={x - 10} y={middle - 11} size={20} aria-hidden />
      </>
    );
  }
  const rest = word === 'Stopped';
  return (
    <>
      <rect x={x} y={NAME - 2} width={Math.max(width, 10)} height={BAR + 4} className="timeline-reach" />
      <rect
        x={x}
        y={rest ? middle - 4 : NAME}
        width={Math.max(width, 3)}
        height={rest ? 8 : BAR}
        rx={Math.min(4, Math.max(width, 3) / 2)}
        className="timeline-bar"
      />
      {!rest && width > word.length * 9 + 28 && (
        <text x={x + 22} y={middle + 5}>
          {word}
        </text>
      )}
    </>
  );
}

/** From each command down to the lanes of the units it is about. */
function Stems({ rows }: { rows: readonly Row[] }) {
  const top = NAME + BAR / 2 + 13;
  return (rows[0]?.items ?? []).flatMap(({ x, units, key, tone }) => {
    const last = Math.max(
      ...units.map((unit) => (unit === null ? rows.length - 1 : rows.findIndex(({ name }) => name === unit))),
    );
    if (last < 1) return [];
    const bottom = last * ROW + NAME + BAR;
    return [<line key={key} className="timeline-stem" data-tone={tone} x1={x} x2={x} y1={top} y2={bottom} />];
  });
}

function Axis({
  scale,
  window,
  width,
  height,
}: {
  scale: ReturnType<typeof scaleTime<number, number>>;
  window: Window;
  width: number;
  height: number;
}) {
  const ticks = scale.ticks(Math.max(2, Math.floor(width / 130)));
  const seconds = ticks.some((tick) => tick.getSeconds() !== 0);
  const days = window.to - window.from > 36 * 3_600_000;
  return (
    <g className="timeline-axis" aria-hidden>
      {ticks.map((tick) => (
        <g key={tick.getTime()} transform={`translate(${scale(tick)} 0)`}>
          <line y1={ROW} y2={height - AXIS} />
          <text y={height - 8} textAnchor="middle">
            {tickText(tick, { seconds, days })}
          </text>
        </g>
      ))}
    </g>
  );
}

function tickText(tick: Date, { seconds, days }: { seconds: boolean; days: boolean }): string {
  if (days && tick.getHours() === 0 && tick.getMinutes() === 0)
    return tick.toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
  return tick.toLocaleTimeString(undefined, {
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds ? { second: '2-digit' } : {}),
    hourCycle: 'h23',
  });
}
