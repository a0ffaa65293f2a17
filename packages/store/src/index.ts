export { FileMarkStore } from './file-mark-store.js';
export { JsonSupervisionStore } from './json-supervision-store.js';
export type { Logger } from './logger.js';
export { readHead } from './read-head.js';
export { SqliteTicketStore } from './sqlite-ticket-store.js';
export type { SqliteTicketStoreOptions } from './sqlite-ticket-store.js';
