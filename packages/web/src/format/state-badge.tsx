import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleX,
  IconHelpCircle,
  IconPlayerStop,
  IconRefresh,
} from '@tabler/icons-react';
import type { StackState, VerdictLevel } from '@rovi/contract';
import { useIsLive } from '../live/robot-context.js';
import { stateWord, toneOf } from './tone.js';
import type { Tone } from './tone.js';

const icons: Readonly<Record<Tone, typeof IconCircleCheck>> = {
  good: IconCircleCheck,
  busy: IconRefresh,
  warn: IconAlertTriangle,
  bad: IconCircleX,
  rest: IconPlayerStop,
  unknown: IconHelpCircle,
};

/** The icon of a tone; says nothing to a screen reader, for the word beside it does. */
export function ToneIcon({ tone, size = 20 }: { tone: Tone; size?: number }) {
  const Icon = icons[tone];
  return <Icon size={size} stroke={2} aria-hidden className={tone === 'busy' ? 'turns' : undefined} />;
}

/** A state by colour, word and icon. While the link is not live it says what it was, as unknown. */
export function StateBadge({
  state,
  level,
  large = false,
  awaited = false,
}: {
  state: StackState;
  level: VerdictLevel;
  large?: boolean;
  /** It is being started: what is not whole yet is no warning. */
  awaited?: boolean;
}) {
  const live = useIsLive();
  const present = toneOf(state, level);
  const tone = !live ? 'unknown' : awaited && present === 'warn' ? 'busy' : present;
  return (
    <span className={large ? 'badge badge-large' : 'badge'} data-tone={tone}>
      <ToneIcon tone={tone} size={large ? 28 : 18} />
      {stateWord(state, live)}
    </span>
  );
}
