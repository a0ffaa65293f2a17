import { useLayoutEffect, useState } from 'react';
import type { RefObject } from 'react';

/** Pixels of a row that are not its columns: edge and padding, as in logs.css. */
const EDGES_PX = { wide: 4 + 8 + 12, narrow: 4 + 8 + 8 };
/** Characters of time and priority with the gaps after them, as in logs.css. */
const BEFORE = { wide: 12 + 8 + 2, narrow: 8 + 7 + 2 };

/** How many characters of a wrapped text fit beside each other in the element; null where nothing is wrapped. */
export function useTextColumns(place: RefObject<HTMLElement | null>, wraps: boolean): number | null {
  const [columns, setColumns] = useState<number | null>(null);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null || !wraps) return;
    const pencil = document.createElement('canvas').getContext('2d');
    const measure = (): void => {
      if (pencil === null) return;
      pencil.font = getComputedStyle(element).font;
      const character = pencil.measureText('0'.repeat(100)).width / 100;
      const size = matchMedia('(max-width: 860px)').matches ? 'narrow' : 'wide';
      const width = element.clientWidth - EDGES_PX[size] - BEFORE[size] * character;
      setColumns(Math.max(8, Math.floor(width / character + 0.01)));
    };
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    return () => watch.disconnect();
  }, [place, wraps]);
  return wraps ? columns : null;
}
