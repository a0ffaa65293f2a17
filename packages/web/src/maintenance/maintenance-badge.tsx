import { Button } from '@mantine/core';
import { IconTool } from '@tabler/icons-react';
import { actorText, sentence } from '../format/words.js';
import { useIsLive, useMayCommand, useRobotState, useRobotTime } from '../live/robot-context.js';
import { useMaintainer, useMaintainerState } from './maintainer-context.js';
import { maintenanceOf, untilText } from './maintenance-of.js';

/** The unit's own maintenance: why, by whom, until when, and how to end it; or that the robot is in one. */
export function MaintenanceBadge({ target }: { target: string }) {
  const now = useRobotTime();
  const maintenance = useRobotState(({ view }) =>
    view === null ? null : maintenanceOf(target, view.snapshot.maintenance),
  );
  if (maintenance === null || now === null) return null;
  // The robot's own has its banner on every view.
  if (maintenance.target === null)
    return <p className="soft small">Not while the robot is in maintenance.</p>;
  return (
    <div className="maintained" data-tone="rest">
      <IconTool size={18} aria-hidden />
      <span>
        <strong>In maintenance</strong> {untilText(maintenance, now)}: {sentence(maintenance.reason)}{' '}
        <span className="soft">By {actorText(maintenance.actor.name)}.</span>
      </span>
      <EndMaintenance target={target} />
    </div>
  );
}

/** Ends it; nothing for a viewer. */
export function EndMaintenance({ target }: { target: string | null }) {
  const maintainer = useMaintainer();
  const allowed = useMayCommand();
  const live = useIsLive();
  const sending = useMaintainerState((state) => state.sending);
  if (!allowed) return null;
  return (
    <Button
      variant="default"
      aria-label={`End maintenance of ${target ?? 'the robot'}`}
      disabled={!live}
      loading={sending}
      onClick={() => void maintainer.end(target)}
    >
      End maintenance
    </Button>
  );
}
