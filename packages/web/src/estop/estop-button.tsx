import { Button } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconAlertOctagon } from '@tabler/icons-react';
import { useIsLive, useRobotState } from '../live/robot-context.js';
import { useEstop, useEstopState, useEstopSwitch, useHasTickets } from './estop-context.js';

/** What it is, and what it is not. */
export const ESTOP_MEANS = 'Stops what tickets move; it is no safety function.';

/**
 * The e-stop of tickets: one press stops. It is never disabled but for viewers, asks nothing, and is sent each time it is
 * pressed. It says that the robot is e-stopped only while the robot says so.
 */
export function EstopButton() {
  const estop = useEstopSwitch();
  const has = useHasTickets();
  const viewer = useRobotState(
    ({ access }) => access.state === 'granted' && access.session.role === 'viewer',
  );
  const sending = useEstopState((state) => state.sending > 0);
  const live = useIsLive();
  const active = useEstop()?.active === true && live;
  const press = (): void => void (has !== false && !viewer && estop.press());
  useHotkeys([['mod+,', press]], []);
  if (has === false) return null;
  const means = viewer
    ? `${ESTOP_MEANS} Your role is viewer: it takes an operator’s.`
    : `${ESTOP_MEANS} (Ctrl + ,)`;
  return (
    <span className="estop" title={means}>
      <Button
        color="red"
        size="lg"
        fullWidth
        mih={56}
        leftSection={<IconAlertOctagon size={28} aria-hidden />}
        onClick={press}
        disabled={viewer}
        data-active={active}
        aria-describedby="estop-means"
        aria-keyshortcuts="Control+,"
      >
        {sending ? 'Sending…' : active ? 'E-stopped' : 'E-stop'}
      </Button>
      <span id="estop-means" className="unseen">
        {means}
      </span>
    </span>
  );
}
