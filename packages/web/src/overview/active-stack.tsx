import { Button } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCheck,
  IconFileText,
  IconHelpCircle,
  IconPlayerStop,
  IconRefresh,
  IconRotate,
} from '@tabler/icons-react';
import type { ExpectedProcess, Operation, StackStatus } from '@rovi/contract';
import { Link } from 'wouter';
import { useCommander } from '../command/commander-context.js';
import { StateBadge } from '../format/state-badge.js';
import { toneOf } from '../format/tone.js';
import { cpuText, durationText, memoryText, momentText, sentence } from '../format/words.js';
import { useFigures } from '../live/figures-context.js';
import { useIsLive, useMayCommand, useRobotState, useRobotTime } from '../live/robot-context.js';
import { Sparkline } from './sparkline.js';

/** The stack that holds the robot, large; or that none does, or that it is not known. */
export function ActiveStack() {
  const snapshot = useRobotState(({ view }) => view?.snapshot ?? null);
  const live = useIsLive();
  if (snapshot === null) {
    return (
      <section className="card hero" data-tone="unknown" aria-busy="true">
        <p className="eyebrow">Active stack</p>
        <h1>Asking the robot…</h1>
      </section>
    );
  }
  const stack = snapshot.stacks.find(({ name }) => name === snapshot.active);
  if (stack !== undefined) return <Held stack={stack} />;
  return (
    <section className="card hero" data-tone={live && snapshot.known ? 'rest' : 'unknown'}>
      <p className="eyebrow">Active stack</p>
      <h1>{!snapshot.known ? 'Not known' : live ? 'None' : 'There was none'}</h1>
      <p className="verdict">
        {snapshot.known
          ? live
            ? 'No stack holds the robot. Start one below.'
            : 'When it was last heard, no stack held the robot.'
          : 'Which stack holds the robot is not known until systemd answers.'}
      </p>
    </section>
  );
}

function Held({ stack }: { stack: StackStatus }) {
  const live = useIsLive();
  // What is not there yet while it is being started is awaited, not missing.
  const awaited = useRobotState(({ view }) => isStarting(view?.operation ?? null, stack.name));
  const { state, verdict, name } = stack;
  const tone = toneOf(state, verdict.level);
  return (
    <section className="card hero" data-tone={!live ? 'unknown' : awaited && tone === 'warn' ? 'busy' : tone}>
      <div className="hero-head">
        <div>
          <p className="eyebrow">Active stack</p>
          <h1>{name}</h1>
          <p className="soft">{stack.description}</p>
        </div>
        <StateBadge state={state} level={verdict.level} awaited={awaited} large />
      </div>
      <p className="verdict">
        {live ? sentence(verdict.text) : `When it was last heard: ${sentence(verdict.text)}`}{' '}
        {live && <Since stack={stack} />}
      </p>
      <Processes expected={stack.expected} awaited={awaited} />
      <Use name={name} />
      <Actions name={name} />
    </section>
  );
}

function Since({ stack }: { stack: StackStatus }) {
  const now = useRobotTime();
  const { since } = stack.unit;
  if (since === null || now === null) return null;
  return (
    <span className="soft">
      For <strong className="figures">{durationText(now - Date.parse(since))}</strong>, since{' '}
      <time dateTime={since}>{momentText(since, now)}</time>.
    </span>
  );
}

function isStarting(operation: Operation | null, name: string): boolean {
  return operation?.outcome === 'running' && operation.stack === name && operation.kind !== 'stop';
}

function Processes({ expected, awaited }: { expected: readonly ExpectedProcess[]; awaited: boolean }) {
  const live = useIsLive();
  if (expected.length === 0) return null;
  return (
    <ul className="processes" aria-label="Expected processes">
      {expected.map(({ name, present, pid }) => {
        const tone = !live || present === null ? 'unknown' : present ? 'good' : awaited ? 'busy' : 'warn';
        const Icon = { unknown: IconHelpCircle, good: IconCheck, busy: IconRefresh, warn: IconAlertTriangle }[
          tone
        ];
        const word =
          present === null
            ? 'not known'
            : present
              ? `PID ${pid ?? 'not known'}`
              : awaited
                ? 'awaited'
                : 'missing';
        return (
          <li key={name} data-tone={tone}>
            <Icon size={18} aria-hidden />
            <span className="process-name">{name}</span>
            <span className="figures">
              {live || present === null ? word : `was ${present ? 'there' : 'missing'}`}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function Use({ name }: { name: string }) {
  const { figures } = useFigures();
  const live = useIsLive();
  const samples = figures?.history.get(name) ?? [];
  return (
    <div className="use">
      <Sparkline
        label="CPU, of one core"
        values={samples.map(({ cpuPercent }) => cpuPercent)}
        text={cpuText}
        least={20}
        live={live}
      />
      <Sparkline
        label="Memory"
        values={samples.map(({ memoryBytes }) => memoryBytes)}
        text={memoryText}
        least={20e6}
        live={live}
      />
    </div>
  );
}

function Actions({ name }: { name: string }) {
  const commander = useCommander();
  const allowed = useMayCommand();
  const live = useIsLive();
  return (
    <div className="actions">
      {allowed && (
        <>
          <Button
            size="lg"
            className="stop-one"
            variant="default"
            leftSection={<IconPlayerStop size={22} aria-hidden />}
            onClick={() => void commander.wish({ kind: 'stop', stack: name })}
          >
            Stop {name}
          </Button>
          <Button
            size="lg"
            variant="default"
            leftSection={<IconRotate size={22} aria-hidden />}
            disabled={!live}
            onClick={() => void commander.wish({ kind: 'restart', stack: name })}
          >
            Restart
          </Button>
        </>
      )}
      <Button
        size="lg"
        variant="default"
        component={Link}
        href={`/logs/${name}`}
        leftSection={<IconFileText size={22} aria-hidden />}
      >
        Logs
      </Button>
    </div>
  );
}
