import '@mantine/core/styles/InlineInput.css';
import '@mantine/core/styles/Switch.css';
import './logs.css';
import { Button, NativeSelect } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconArrowDown } from '@tabler/icons-react';
import type { Snapshot } from '@rovi/contract';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { useStore } from 'zustand';
import { Note } from '../format/note.js';
import { useRobot, useRobotState } from '../live/robot-context.js';
import { copyText, downloadText } from './hand-over.js';
import { RING_BOUNDS } from './line-ring.js';
import { selectedLines } from './line-selection.js';
import type { LineSelection } from './line-selection.js';
import { LogBanner } from './log-banner.js';
import { LogFeed } from './log-feed.js';
import type { FeedLink } from './log-feed.js';
import { LogLines } from './log-lines.js';
import type { LogLinesHandle } from './log-lines.js';
import { logFileName, logText } from './log-text.js';
import { LINE_CHOICES, LogToolbar } from './log-toolbar.js';
import type { LogChoice } from './log-toolbar.js';
import { serviceOf } from './service-of.js';
import { useTextSearch } from './use-text-search.js';

/** `/services/logs/:name`: the journal of one unit; with `?run=` only of that run, from its first line. */
export default function LogsView({ name }: { name: string }) {
  const asked = new URLSearchParams(useSearch()).get('run');
  const run = asked !== null && /^[0-9a-f]{32}$/.test(asked) ? asked : null;
  return <UnitLogs key={`${name} ${run}`} name={name} onlyRun={run} />;
}

function UnitLogs({ name, onlyRun }: { name: string; onlyRun: string | null }) {
  const { client, clock, store } = useRobot();
  const narrow = useMediaQuery('(max-width: 860px)', undefined, { getInitialValueInEffect: false });
  const [choice, setChoice] = useState<LogChoice>({
    wanted: { text: '', isPattern: false },
    priority: 7,
    source: null,
    run: null,
    onlyRun: false,
    wraps: narrow,
    lines: onlyRun === null ? LINE_CHOICES[0] : RING_BOUNDS.lines,
  });
  const { lines } = choice;
  const feed = useMemo(
    () =>
      new LogFeed(client, { name, lines, invocation: onlyRun }, () => {
        const { clockOffset } = store.getState();
        return clockOffset === null ? Infinity : clock.now() + clockOffset;
      }),
    [client, clock, store, name, lines, onlyRun],
  );
  const { link, version } = useStore(feed.store);
  useEffect(() => {
    feed.start();
    return () => feed.stop();
  }, [feed]);

  const { search, problem } = useTextSearch(choice.wanted);
  const { priority, source } = choice;
  const run = choice.onlyRun ? choice.run : null;
  useEffect(() => feed.apply({ priority, source, run, search }), [feed, priority, source, run, search]);

  return (
    <section className="logs" aria-labelledby="logs">
      <div className="log-head">
        <h1 id="logs">Logs</h1>
        <UnitChoice name={name} />
        <LinkWords link={link} />
      </div>
      {onlyRun !== null && <OneRun name={name} run={onlyRun} />}
      <LogBanner link={link} onRetry={() => feed.start()} />
      <Shown
        key={lines}
        feed={feed}
        version={version}
        link={link}
        name={name}
        choice={choice}
        onChoose={(change) => setChoice((before) => ({ ...before, ...change }))}
        searchProblem={problem}
      />
    </section>
  );
}

function Shown({
  feed,
  version,
  link,
  name,
  choice,
  onChoose,
  searchProblem,
}: {
  feed: LogFeed;
  version: number;
  link: FeedLink;
  name: string;
  choice: LogChoice;
  onChoose: (change: Partial<LogChoice>) => void;
  searchProblem: string | null;
}) {
  const { book } = feed;
  const robotName = useRobotState(({ view }) => view?.snapshot.robot ?? 'rovi');
  const hasStreams = useRobotState(
    ({ view }) => view?.snapshot.services.some((one) => one.name === serviceOf(name).name) ?? false,
  );
  const presentRun = useRobotState(({ view }) => runOf(view?.snapshot ?? null, name));
  /** The number of the first line that was not there when following ended; null while it follows. */
  const [leftAt, setLeftAt] = useState<number | null>(null);
  const [selection, setSelection] = useState<LineSelection>(null);
  const [said, setSaid] = useState('');
  const handle = useRef<LogLinesHandle>(null);

  const follow = (follows: boolean): void =>
    setLeftAt((before) => (follows ? null : (before ?? book.ring.read)));
  const unseen = leftAt === null ? 0 : book.length - book.placeOf(leftAt);
  const selected = selection === null ? 0 : selectedLines(book, selection).length;

  const chosen = (): string => logText(selected > 0 ? selectedLines(book, selection) : book.shown());
  const copy = async (): Promise<void> => {
    const count = (selected > 0 ? selected : book.length).toLocaleString();
    setSaid(
      (await copyText(chosen())) ? `${count} lines copied.` : 'This browser does not let the page copy.',
    );
  };
  const download = (): void => {
    downloadText(chosen(), logFileName(robotName, name, Date.now()));
    setSaid(`${(selected > 0 ? selected : book.length).toLocaleString()} lines downloaded.`);
  };
  const jump = (id: string): void => {
    onChoose({ run: id });
    for (const line of book.shown()) if (line.run === id) return handle.current?.show(line.number);
  };

  return (
    <>
      <LogToolbar
        choice={choice}
        hasStreams={hasStreams}
        onChoose={onChoose}
        searchProblem={searchProblem}
        runs={book.ring.runs}
        presentRun={presentRun}
        onRun={jump}
        selected={selected}
        onCopy={() => void copy()}
        onDownload={download}
      />
      <div className="card log-card">
        <LogLines
          ref={handle}
          book={book}
          version={version}
          label={`Lines of ${name}`}
          wraps={choice.wraps}
          follows={leftAt === null}
          onFollow={follow}
          selection={selection}
          onSelect={setSelection}
          onCopy={() => void copy()}
        />
        {book.length === 0 && <Empty link={link} kept={book.ring.length} onShowAll={() => onChoose(ALL)} />}
        {leftAt !== null && (
          <Button
            className="log-newest"
            leftSection={<IconArrowDown size={20} aria-hidden />}
            onClick={() => follow(true)}
          >
            Newest{unseen > 0 ? ` (${unseen.toLocaleString()} new)` : ''}
          </Button>
        )}
      </div>
      <p className="log-count soft small">
        <span className="figures">
          {book.length.toLocaleString()} of {book.ring.length.toLocaleString()} lines shown
        </span>
        {book.ring.dropped > 0 && (
          <span>
            The oldest {book.ring.dropped.toLocaleString()} were let go of: this page keeps{' '}
            {RING_BOUNDS.lines.toLocaleString()} lines, or 16 million characters.
          </span>
        )}
        <span role="status">{said}</span>
      </p>
    </>
  );
}

const ALL: Partial<LogChoice> = {
  wanted: { text: '', isPattern: false },
  priority: 7,
  source: null,
  onlyRun: false,
};

function Empty({ link, kept, onShowAll }: { link: FeedLink; kept: number; onShowAll: () => void }) {
  if (kept > 0) {
    return (
      <div className="log-empty">
        <p>None of the {kept.toLocaleString()} lines is what the filters ask for.</p>
        <Button variant="default" onClick={onShowAll}>
          Show all
        </Button>
      </div>
    );
  }
  if (link.state === 'lost' || link.state === 'ended') return null;
  return (
    <p className="log-empty">
      {link.state === 'following'
        ? 'There is no line yet. What is written appears here.'
        : 'Reading the journal…'}
    </p>
  );
}

function OneRun({ name, run }: { name: string; run: string }) {
  const [, go] = useLocation();
  return (
    <Note tone="rest" title={`Only run ${run.slice(0, 8)}`}>
      <div className="actions">
        <Button variant="default" onClick={() => go(`/logs/${name}`)}>
          Show all runs of {name}
        </Button>
      </div>
    </Note>
  );
}

function UnitChoice({ name }: { name: string }) {
  const [, go] = useLocation();
  const stacks = useRobotState(({ view }) => view?.snapshot.stacks);
  const services = useRobotState(({ view }) => view?.snapshot.services);
  const names = [
    'gateway',
    ...(stacks ?? []).map((stack) => stack.name),
    ...(services ?? []).flatMap(({ name: service, max, instances }) =>
      max === 1 ? [service] : instances.map(({ id }) => `${service}@${id}`),
    ),
  ];
  return (
    <NativeSelect
      aria-label="Unit"
      size="md"
      value={name}
      onChange={({ currentTarget: { value } }) => go(`/logs/${value}`)}
      data={names.includes(name) ? names : [name, ...names]}
    />
  );
}

const words: Readonly<Record<FeedLink['state'], { tone: string; text: string }>> = {
  connecting: { tone: 'busy', text: 'Connecting' },
  reading: { tone: 'busy', text: 'Reading' },
  following: { tone: 'good', text: 'New lines appear by themselves' },
  lost: { tone: 'warn', text: 'Interrupted' },
  ended: { tone: 'bad', text: 'Ended' },
};

function LinkWords({ link }: { link: FeedLink }) {
  const { tone, text } = words[link.state];
  return (
    <span className="chip" data-tone={tone} role="status">
      {text}
    </span>
  );
}

function runOf(
  snapshot: Pick<Snapshot, 'gateway' | 'stacks' | 'services'> | null,
  name: string,
): string | null {
  if (name === 'gateway') return snapshot?.gateway?.invocation_id ?? null;
  const { name: service, instance } = serviceOf(name);
  const found = snapshot?.services.find((one) => one.name === service)?.instances;
  if (found !== undefined) {
    return (
      (instance === null ? found[0] : found.find(({ id }) => id === instance))?.unit.invocation_id ?? null
    );
  }
  return snapshot?.stacks.find((stack) => stack.name === name)?.unit.invocation_id ?? null;
}
