import { RoviError } from '@rovi/contract';

/** True where systemd refused a job because one that cannot be replaced is queued. */
export function isDestructive(error: unknown): boolean {
  return (
    error instanceof RoviError && String(error.context['dbus_error']).endsWith('.TransactionIsDestructive')
  );
}
