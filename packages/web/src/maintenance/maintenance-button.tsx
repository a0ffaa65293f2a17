import { Button } from '@mantine/core';
import { IconTool } from '@tabler/icons-react';
import { useIsLive, useMayCommand, useRobotState } from '../live/robot-context.js';
import { useMaintainer } from './maintainer-context.js';

/** Opens the dialog that begins a maintenance; nothing for a viewer, or where there is one already. */
export function MaintenanceButton({ target }: { target: string | null }) {
  const maintainer = useMaintainer();
  const allowed = useMayCommand();
  const live = useIsLive();
  const begun = useRobotState(
    ({ view }) => view?.snapshot.maintenance.some((one) => one.target === target) ?? false,
  );
  if (!allowed || begun) return null;
  return (
    <Button
      variant="default"
      disabled={!live}
      leftSection={<IconTool size={20} aria-hidden />}
      onClick={() => maintainer.ask(target)}
    >
      Maintenance…
    </Button>
  );
}
