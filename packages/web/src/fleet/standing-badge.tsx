import { isAway } from '@rovi/client/browser';
import type { FleetStanding } from '@rovi/client/browser';
import { IconCloudOff, IconPlugConnectedX } from '@tabler/icons-react';
import type { StackState, VerdictLevel } from '@rovi/contract';
import { ToneIcon } from '../format/state-badge.js';
import { stateWord, toneOf } from '../format/tone.js';
import type { Tone } from '../format/tone.js';

const looks: Readonly<Record<FleetStanding, { tone: Tone; word: string }>> = {
  well: { tone: 'good', word: 'Well' },
  warn: { tone: 'warn', word: 'Warning' },
  error: { tone: 'bad', word: 'Error' },
  unknown: { tone: 'unknown', word: 'Unknown' },
  stale: { tone: 'rest', word: 'Stale' },
  offline: { tone: 'rest', word: 'Offline' },
};

/** How a robot is by colour, word and icon. With `live` false it says what it was when it was heard last. */
export function StandingBadge({ standing, live }: { standing: FleetStanding; live: boolean }) {
  const { tone, word } = looks[standing];
  const away = isAway(standing);
  const shown = live || away ? tone : 'unknown';
  return (
    <span className="badge" data-tone={shown}>
      {standing === 'offline' ? (
        <IconPlugConnectedX size={18} aria-hidden />
      ) : standing === 'stale' ? (
        <IconCloudOff size={18} aria-hidden />
      ) : (
        <ToneIcon tone={shown} size={18} />
      )}
      {live || away ? word : `Was ${word.toLowerCase()}`}
    </span>
  );
}

/** The state of a robot's unit. `present` is false for what a robot said of then. */
export function UnitBadge({
  state,
  level,
  present,
}: {
  state: StackState;
  level: VerdictLevel;
  present: boolean;
}) {
  const tone = present ? toneOf(state, level) : 'unknown';
  return (
    <span className="badge" data-tone={tone}>
      <ToneIcon tone={tone} size={18} />
      {stateWord(state, present)}
    </span>
  );
}
