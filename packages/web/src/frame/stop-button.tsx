import { Button } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconHandStop } from '@tabler/icons-react';
import { useCommander, useCommanderState } from '../command/commander-context.js';
import { useMayCommand, useRobotState } from '../live/robot-context.js';

/**
 * Stops whatever runs on the robot, with one touch. It is never disabled and asks nothing: a second touch sends it once
 * more, also while the link looks lost, for what looks lost may still carry it.
 */
export function StopButton() {
  const commander = useCommander();
  const allowed = useMayCommand();
  // A robot of services alone has nothing that it stops: a button that does nothing would be trusted.
  const hasStacks = useRobotState(({ view }) => view === null || view.snapshot.stacks.length > 0);
  const sending = useCommanderState(({ sending: wishes }) => wishes.some(({ kind }) => kind === 'stop-all'));
  const stop = (): void => void (allowed && commander.wish({ kind: 'stop-all', stack: null }));
  useHotkeys([['mod+.', stop]], []);
  if (!allowed || !hasStacks) return null;
  return (
    <Button
      className="stop"
      color="red"
      size="lg"
      leftSection={<IconHandStop size={26} aria-hidden />}
      onClick={stop}
      aria-label="Stop everything on the robot"
      aria-keyshortcuts="Control+."
      title="Stop everything on the robot (Ctrl + .)"
    >
      {sending ? 'Stopping…' : 'Stop'}
    </Button>
  );
}
