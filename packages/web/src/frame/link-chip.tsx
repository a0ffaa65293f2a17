import { IconPlugConnected, IconPlugConnectedX, IconRefresh } from '@tabler/icons-react';
import { agoText } from '../format/words.js';
import { useAge, useRobotState } from '../live/robot-context.js';

/** How the link to the robot is; while it is lost, how old what is shown is. */
export function LinkChip() {
  const link = useRobotState((state) => state.link.state);
  const shown = useRobotState(({ view }) => view !== null);
  const age = useAge();
  if (link === 'live') {
    return (
      <span className="chip" data-tone="good">
        <IconPlugConnected size={18} aria-hidden />
        Live
      </span>
    );
  }
  if (link === 'connecting') {
    return (
      <span className="chip" data-tone="busy">
        <IconRefresh size={18} aria-hidden className="turns" />
        Connecting
      </span>
    );
  }
  return (
    <span className="chip" data-tone="bad">
      <IconPlugConnectedX size={18} aria-hidden />
      Link lost{shown && age !== null ? `, shown: ${agoText(age)}` : ''}
    </span>
  );
}
