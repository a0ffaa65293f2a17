import type { TicketSettings } from '@rovi/contract';
import type { AuditLog } from '../ports/audit-log.js';
import type { Clock } from '../ports/clock.js';
import type { ConductorApi } from '../ports/conductor-api.js';
import { driveCommand } from './drive-command.js';
import { MemoryTicketStore } from './memory-ticket-store.fixture.js';
import { scanCommand } from './scan-command.js';
import { Simulator } from './simulator.js';
import { stackCommands } from './stack-commands.js';
import { stopCommand } from './stop-command.js';
import { StoredTicketDesk } from './stored-ticket-desk.js';
import { TicketCommandRegistry } from './ticket-command.js';

/** The real desk with every command, over a store in memory and a base that is simulated: for tests of its faces. */
export function modelDesk(given: {
  readonly conductor: ConductorApi;
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly settings: TicketSettings;
  readonly onFault: (error: unknown) => void;
}): { readonly desk: StoredTicketDesk; readonly store: MemoryTicketStore } {
  const registry = new TicketCommandRegistry().add(driveCommand).add(stopCommand).add(scanCommand);
  for (const command of stackCommands) registry.add(command);
  const store = new MemoryTicketStore(given.clock);
  const hands = new Simulator(given.clock);
  return { desk: new StoredTicketDesk({ ...given, store, registry, base: hands, scanner: hands }), store };
}
