import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { KEPT_SAMPLES } from '../live/figures.js';

const HEIGHT = 56;

/** A figure over the last two minutes, with its present value in words. */
export function Sparkline({
  label,
  values,
  text,
  least,
  live,
}: {
  label: string;
  /** Oldest first; null where a value was not known. */
  values: readonly (number | null)[];
  /** A value as people read it. */
  text: (value: number) => string;
  /** The scale never ends below this: small changes of small figures are no mountains. */
  least: number;
  /** False: the last value is not the present one. */
  live: boolean;
}) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const last = values.at(-1) ?? null;
  const highest = values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const colour = getComputedStyle(element).getPropertyValue('--sparkline').trim();
    const chart = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        axes: [{ show: false }, { show: false }],
        padding: [4, 0, 2, 0],
        scales: {
          x: { time: false, range: [0, KEPT_SAMPLES - 1] },
          y: { range: (_plot, _low, high) => [0, Math.max(least, (high ?? 0) * 1.1)] },
        },
        series: [{}, { stroke: colour, width: 2, fill: `${colour}33`, points: { show: false } }],
      },
      [[], []],
      element,
    );
    plot.current = chart;
    const watch = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: HEIGHT }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [least]);

  useEffect(() => {
    const first = KEPT_SAMPLES - values.length;
    plot.current?.setData([values.map((_, index) => first + index), [...values]]);
  }, [values, least]);

  const now = last === null || !live ? 'not known' : text(last);
  return (
    <figure className="sparkline">
      <figcaption>
        <span className="soft">{label}</span>
        <strong>{now}</strong>
      </figcaption>
      <div
        ref={place}
        role="img"
        aria-label={`${label} in the last two minutes: now ${now}, at most ${text(highest)}`}
        style={{ height: HEIGHT }}
      />
    </figure>
  );
}
