import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useImperativeHandle, useLayoutEffect, useRef } from 'react';
import type { KeyboardEvent, MouseEvent, Ref } from 'react';
import type { LineSelection } from './line-selection.js';
import { extended, isSelected } from './line-selection.js';
import type { LogBook } from './log-book.js';
import { LogRow, headingsOf } from './log-row.js';
import { LINE_PX, rowHeight } from './row-height.js';
import { useTextColumns } from './use-text-columns.js';

/** So close to the end is the end. */
const END_PX = 24;
/** Milliseconds after a touch of wheel, key, finger or scroll bar in which scrolling is the person's. */
const BY_HAND_MS = 1_000;

/** What the view around the lines may ask of them. */
export interface LogLinesHandle {
  /** Scrolls to the shown line of this number, and does not follow any more. */
  show(number: number): void;
  /** The place of the first line that can be seen. */
  top(): number;
}

export interface LogLinesProps {
  readonly book: LogBook;
  /** Counts what changed in the book. */
  readonly version: number;
  readonly label: string;
  readonly wraps: boolean;
  readonly follows: boolean;
  readonly onFollow: (follows: boolean) => void;
  readonly selection: LineSelection;
  readonly onSelect: (selection: LineSelection) => void;
  readonly onCopy: () => void;
  readonly ref: Ref<LogLinesHandle>;
}

/** The shown lines, of which only those that can be seen are in the document. */
export function LogLines({
  book,
  version,
  label,
  wraps,
  follows,
  onFollow,
  selection,
  onSelect,
  onCopy,
  ref,
}: LogLinesProps) {
  const place = useRef<HTMLDivElement>(null);
  const byHand = useRef(-Infinity);
  const lastTop = useRef(0);

  const columns = useTextColumns(place, wraps);
  const estimateSize = useCallback(
    (index: number) => {
      const line = book.at(index);
      return line === undefined ? LINE_PX : rowHeight(line, book.at(index - 1), columns);
    },
    [book, columns],
  );
  // eslint-disable-next-line react-hooks/incompatible-library -- no compiler memoizes this page's components
  const virtualizer = useVirtualizer({
    count: book.length,
    getScrollElement: () => place.current,
    estimateSize,
    getItemKey: (index) => book.at(index)?.number ?? -1,
    overscan: 12,
    // What is dropped at the start or filtered away must not move what is being read.
    anchorTo: 'end',
    useFlushSync: false,
  });

  useImperativeHandle(ref, () => ({
    show: (number) => {
      onFollow(false);
      virtualizer.scrollToIndex(book.placeOf(number), { align: 'start' });
      place.current?.focus({ preventScroll: true });
    },
    top: () => virtualizer.range?.startIndex ?? 0,
  }));

  useEffect(() => {
    const top = virtualizer.range?.startIndex ?? 0;
    virtualizer.measure();
    virtualizer.scrollToIndex(top, { align: 'start' });
  }, [virtualizer, columns]);

  useLayoutEffect(() => {
    // To follow is the newer wish: what a key has set in motion before it ends it no more.
    if (follows) byHand.current = -Infinity;
  }, [follows]);

  useLayoutEffect(() => {
    if (follows) virtualizer.scrollToEnd();
  }, [virtualizer, version, follows, wraps]);

  const scrolled = (): void => {
    const element = place.current;
    if (element === null) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    const atEnd = scrollHeight - scrollTop - clientHeight <= END_PX;
    if (performance.now() - byHand.current < BY_HAND_MS) {
      if (atEnd) onFollow(true);
      else if (scrollTop < lastTop.current) onFollow(false);
    }
    lastTop.current = scrollTop;
  };
  const handled = (): void => {
    byHand.current = performance.now();
  };

  const pressed = (event: KeyboardEvent): void => {
    handled();
    const command = event.ctrlKey || event.metaKey;
    if (event.shiftKey && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      const next = extended(
        book,
        selection,
        event.key === 'ArrowDown' ? 1 : -1,
        virtualizer.range?.startIndex ?? 0,
      );
      onFollow(false);
      onSelect(next);
      if (next !== null) virtualizer.scrollToIndex(book.placeOf(next.focus), { align: 'auto' });
    } else if (command && event.key === 'a') {
      const [first, last] = [book.at(0), book.at(book.length - 1)];
      if (first !== undefined && last !== undefined) onSelect({ anchor: first.number, focus: last.number });
    } else if (
      command &&
      event.key === 'c' &&
      selection !== null &&
      document.getSelection()?.isCollapsed !== false
    ) {
      onCopy();
    } else if (event.key === 'Escape' && selection !== null) {
      onSelect(null);
    } else return;
    event.preventDefault();
  };

  const picked = ({ target, shiftKey }: MouseEvent): void => {
    const element = target instanceof Element ? target.closest<HTMLElement>('[data-pick]') : null;
    if (element === null) return;
    const number = Number(element.dataset['pick']);
    onFollow(false);
    if (selection !== null && shiftKey) onSelect({ ...selection, focus: number });
    else
      onSelect(
        selection?.anchor === number && selection.focus === number ? null : { anchor: number, focus: number },
      );
  };

  const { search } = book.filter;
  return (
    <div
      ref={place}
      className="log-lines"
      data-wraps={wraps}
      role="log"
      aria-live="off"
      aria-label={label}
      tabIndex={0}
      onScroll={scrolled}
      onWheel={handled}
      onTouchMove={handled}
      onPointerDown={handled}
      onPointerMove={(event) => void (event.buttons > 0 && handled())}
      onKeyDown={pressed}
      onClick={picked}
    >
      <div className="log-space" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, key, start }) => {
          const line = book.at(index);
          if (line === undefined) return null;
          const { day, run } = headingsOf(line, book.at(index - 1));
          return (
            <div
              key={key}
              className="log-place"
              data-index={index}
              ref={wraps ? virtualizer.measureElement : null}
              style={{ transform: `translateY(${start}px)` }}
            >
              <LogRow
                line={line}
                day={day}
                run={run}
                selected={isSelected(selection, line.number)}
                wraps={wraps}
                search={search}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}
