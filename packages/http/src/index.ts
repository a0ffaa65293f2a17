export type { EventStreamOptions } from './event-stream.js';
export type { HttpFace, HttpFaceOptions } from './http-face.js';
export { createHttpFace } from './http-face.js';
