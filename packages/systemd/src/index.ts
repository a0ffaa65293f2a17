export { DEFAULT_SYSTEM_BUS } from './bus-address.js';
export type { DbusUnitManagerOptions } from './dbus-unit-manager.js';
export { DbusUnitManager } from './dbus-unit-manager.js';
export { FlockStackLock } from './flock-stack-lock.js';
export { JournalctlJournal } from './journalctl-journal.js';
export type { Logger } from './logger.js';
export { silentLogger } from './logger.js';
export type { SystemdNotifierOptions } from './systemd-notifier.js';
export { SystemdNotifier } from './systemd-notifier.js';
