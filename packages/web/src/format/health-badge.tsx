import type { HealthWord } from '@rovi/contract';
import { useIsLive } from '../live/robot-context.js';
import { ToneIcon } from './state-badge.js';
import { healthTones } from './tone.js';

/** Health by colour, word and icon; nothing where there is none to tell of. While the link is not live, what it was. */
export function HealthBadge({ health, text }: { health: HealthWord; text?: string }) {
  const live = useIsLive();
  if (health === 'none') return null;
  const tone = live ? healthTones[health] : 'unknown';
  return (
    <span className="health" data-tone={tone} title={text}>
      <ToneIcon tone={tone} size={16} />
      {live || health === 'unknown' ? health : `was ${health}`}
    </span>
  );
}
