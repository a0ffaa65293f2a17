import { Button } from '@mantine/core';
import { IconPlayerPlay, IconPlayerStop, IconRepeat } from '@tabler/icons-react';
import type { Ticket } from '@rovi/contract';
import { isFinalTicketStatus } from '@rovi/contract';
import { useIsLive, useMayCommand } from '../live/robot-context.js';
import type { TicketCommands } from './use-ticket-commands.js';

/**
 * What may be commanded of a ticket in its status; nothing for a viewer. Cancel can be pressed always, also while the
 * link looks lost or another command is under way: it may be what stops the robot.
 */
export function TicketActions({ ticket, commands }: { ticket: Ticket; commands: TicketCommands }) {
  const allowed = useMayCommand();
  const live = useIsLive();
  if (!allowed) return null;
  const { id, status } = ticket;
  const { sending } = commands;
  return (
    <div className="actions">
      {status === 'pending' && (
        <Button
          leftSection={<IconPlayerPlay size={20} aria-hidden />}
          disabled={!live || sending}
          onClick={() => void commands.execute(id, false)}
          aria-label={`Execute ${id}`}
        >
          Execute
        </Button>
      )}
      {status === 'failed' && (
        <Button
          leftSection={<IconRepeat size={20} aria-hidden />}
          disabled={!live || sending}
          onClick={() => void commands.execute(id, true)}
          aria-label={`Run ${id} again`}
        >
          Run again
        </Button>
      )}
      {!isFinalTicketStatus(status) && (
        <Button
          variant={status === 'executing' ? 'filled' : 'default'}
          color="red"
          leftSection={<IconPlayerStop size={20} aria-hidden />}
          onClick={() => void commands.cancel(id)}
          aria-label={`Cancel ${id}`}
        >
          Cancel
        </Button>
      )}
    </div>
  );
}
