export { CommandError } from './command.js';
export type { CommandOptions, CommandResult } from './command.js';
export { makeImage, setUpPodman } from './containers.js';
export type { ImageOptions } from './containers.js';
export { assertHostCanBoot, missingHostTools, REPOSITORY } from './host.js';
export type { MissingTool } from './host.js';
export {
  bringRclnodejs,
  bringRealRos,
  hasRealRos,
  realRosEnvironment,
  realRosSetupFiles,
  realRosShell,
} from './real-ros.js';
export { Robot } from './robot.js';
export type { BootOptions } from './robot.js';
export { TestbedError } from './testbed-error.js';
export { keepJournal, unexpectedWarnings } from './journal.js';
export { RosGraph } from './ros-graph.js';
export type { GraphMessage, GraphNode, GraphOrder, GraphTopic } from './ros-graph.js';
export type { Diagnostics } from './cdr-reader.js';
export { installRclnodejs, openRosGraph, rclnodejsFiles } from './stand-in-rclnodejs.js';
export type { RclnodejsOptions } from './stand-in-rclnodejs.js';
export { installRos, installRovi, setStack } from './stand-in-ros.js';
export type { InstallOptions, StackBehaviour, StandInNode } from './stand-in-ros.js';
