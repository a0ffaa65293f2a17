export type { EventStreamOptions } from './event-stream.js';
export type { HttpFace, HttpFaceOptions } from './http-face.js';
export { createHttpFace } from './http-face.js';
export type { CloseCode } from './open-stream.js';
export { setStreamOwner } from './stream-owner.js';
