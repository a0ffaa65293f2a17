export type { FacePolicy } from './face-spec.js';
export { faceSpec } from './face-spec.js';
export { NoRosTransport } from './no-ros-transport.js';
export { ProcessRosTransport } from './process/process-ros-transport.js';
export type { ProcessRosTransportOptions } from './process/process-ros-transport.js';
export { RosMotionBase } from './ros-motion-base.js';
export type { RosMotionBaseOptions } from './ros-motion-base.js';
export { RosScanner } from './ros-scanner.js';
export type { RosScannerOptions } from './ros-scanner.js';
export { RosFace } from './ros-face.js';
export type { RosFaceOptions } from './ros-face.js';
export type {
  DriveOrder,
  HaltOrder,
  MotionTransport,
  RosMessage,
  RosSpec,
  RosTransport,
  ServiceSpec,
  TopicSpec,
  TransportListener,
  TransportStatus,
} from './ros-transport.js';
