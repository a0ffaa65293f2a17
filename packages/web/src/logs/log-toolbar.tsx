import { ActionIcon, Button, NativeSelect, Switch, TextInput } from '@mantine/core';
import {
  IconAdjustments,
  IconChevronLeft,
  IconChevronRight,
  IconCopy,
  IconDownload,
  IconSearch,
} from '@tabler/icons-react';
import { useState } from 'react';
import { momentText } from '../format/words.js';
import { useRobotTime } from '../live/robot-context.js';
import type { LoggedRun } from './line-ring.js';
import type { WantedSource } from './log-line.js';
import { PRIORITIES } from './log-line.js';
import type { Wanted } from './use-text-search.js';

/** What the person chose. */
export interface LogChoice {
  readonly wanted: Wanted;
  readonly priority: number;
  readonly source: WantedSource | null;
  /** The run that was jumped to; null before any was. */
  readonly run: string | null;
  readonly onlyRun: boolean;
  readonly wraps: boolean;
  /** Lines to read of what was written before. */
  readonly lines: number;
}

export const LINE_CHOICES = [5_000, 20_000, 100_000] as const;

/** Everything that decides which lines are shown, and what can be done with them. */
export function LogToolbar({
  choice,
  hasStreams,
  onChoose,
  searchProblem,
  runs,
  presentRun,
  onRun,
  selected,
  onCopy,
  onDownload,
}: {
  choice: LogChoice;
  /** Whether it is known which output of the program a line was written to: of services it is. */
  hasStreams: boolean;
  onChoose: (change: Partial<LogChoice>) => void;
  searchProblem: string | null;
  runs: readonly LoggedRun[];
  presentRun: string | null;
  onRun: (id: string) => void;
  /** Lines that are selected. */
  selected: number;
  onCopy: () => void;
  onDownload: () => void;
}) {
  const [open, setOpen] = useState(false);
  const { wanted } = choice;
  return (
    <div className="log-toolbar" data-open={open}>
      <div className="log-search">
        <TextInput
          aria-label="Show only lines with this text"
          placeholder={wanted.isPattern ? 'Regular expression' : 'Text'}
          type="search"
          size="md"
          leftSection={<IconSearch size={18} aria-hidden />}
          value={wanted.text}
          onChange={({ currentTarget: { value: text } }) => onChoose({ wanted: { ...wanted, text } })}
          error={searchProblem === null ? null : `No regular expression: ${searchProblem}`}
          spellCheck={false}
          autoCapitalize="off"
          autoCorrect="off"
        />
        <Switch
          label="Regular expression"
          checked={wanted.isPattern}
          onChange={({ currentTarget: { checked: isPattern } }) =>
            onChoose({ wanted: { ...wanted, isPattern } })
          }
        />
        <Button
          className="log-more"
          variant="default"
          aria-expanded={open}
          leftSection={<IconAdjustments size={20} aria-hidden />}
          onClick={() => setOpen(!open)}
        >
          Filters
        </Button>
      </div>
      <div className="log-choices">
        <NativeSelect
          label="Priority"
          value={choice.priority}
          onChange={({ currentTarget: { value } }) => onChoose({ priority: Number(value) })}
          data={[
            { value: '7', label: 'All' },
            ...[6, 5, 4, 3, 2].map((priority) => ({
              value: String(priority),
              label: `${PRIORITIES[priority]} and worse`,
            })),
          ]}
        />
        <NativeSelect
          label="Written by"
          value={choice.source ?? ''}
          onChange={({ currentTarget: { value } }) =>
            onChoose({ source: value === '' ? null : (value as WantedSource) })
          }
          data={[
            { value: '', label: 'Program and systemd' },
            { value: 'program', label: 'The program' },
            ...(hasStreams
              ? [
                  { value: 'stdout', label: 'The program, stdout' },
                  { value: 'stderr', label: 'The program, stderr' },
                ]
              : []),
            { value: 'systemd', label: 'systemd' },
          ]}
        />
        <RunChoice choice={choice} onChoose={onChoose} runs={runs} presentRun={presentRun} onRun={onRun} />
        <NativeSelect
          label="Read"
          value={choice.lines}
          onChange={({ currentTarget: { value } }) => onChoose({ lines: Number(value) })}
          data={LINE_CHOICES.map((lines) => ({
            value: String(lines),
            label: `last ${lines.toLocaleString()} lines`,
          }))}
        />
        <Switch
          label="Wrap lines"
          checked={choice.wraps}
          onChange={({ currentTarget: { checked: wraps } }) => onChoose({ wraps })}
        />
        <div className="actions">
          <Button variant="default" leftSection={<IconCopy size={20} aria-hidden />} onClick={onCopy}>
            {selected > 0 ? `Copy ${selected.toLocaleString()} selected` : 'Copy all shown'}
          </Button>
          <Button variant="default" leftSection={<IconDownload size={20} aria-hidden />} onClick={onDownload}>
            Download
          </Button>
        </div>
      </div>
    </div>
  );
}

function RunChoice({
  choice,
  onChoose,
  runs,
  presentRun,
  onRun,
}: {
  choice: LogChoice;
  onChoose: (change: Partial<LogChoice>) => void;
  runs: readonly LoggedRun[];
  presentRun: string | null;
  onRun: (id: string) => void;
}) {
  const at = runs.findIndex(({ id }) => id === choice.run);
  const before = at < 0 ? runs.at(-1) : runs[at - 1];
  const after = at < 0 ? undefined : runs[at + 1];
  const now = useRobotTime() ?? 0;
  return (
    <div className="log-runs">
      <ActionIcon
        variant="default"
        aria-label="Jump to the run before"
        title="Jump to the run before"
        disabled={before === undefined}
        onClick={() => before !== undefined && onRun(before.id)}
      >
        <IconChevronLeft size={20} aria-hidden />
      </ActionIcon>
      <NativeSelect
        label="Jump to run"
        value={choice.run ?? ''}
        onChange={({ currentTarget: { value } }) =>
          value === '' ? onChoose({ run: null, onlyRun: false }) : onRun(value)
        }
        data={[
          { value: '', label: runs.length === 0 ? 'None seen' : `${runs.length} seen` },
          ...runs.toReversed().map(({ id, since }) => ({
            value: id,
            label: `${id === presentRun ? 'This run, ' : ''}${momentText(new Date(since).toISOString(), now)} (${id.slice(0, 8)})`,
          })),
        ]}
      />
      <ActionIcon
        variant="default"
        aria-label="Jump to the next run"
        title="Jump to the next run"
        disabled={after === undefined}
        onClick={() => after !== undefined && onRun(after.id)}
      >
        <IconChevronRight size={20} aria-hidden />
      </ActionIcon>
      <Switch
        label="Only this"
        disabled={choice.run === null}
        checked={choice.onlyRun}
        onChange={({ currentTarget: { checked: onlyRun } }) => onChoose({ onlyRun })}
      />
    </div>
  );
}
