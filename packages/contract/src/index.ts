export * from './catalog.js';
export * from './errors.js';
export * from './events.js';
export * from './names.js';
export * from './operation.js';
export * from './replies.js';
export * from './requests.js';
export * from './state.js';
