import type {
  DriveMessage,
  RosDriveEnd,
  RosProbe,
  RosProbeResult,
  RosScan,
  RosService,
  RosTopic,
} from '@rovi/contract';

/** A topic as the transport is told of it. */
export interface TopicSpec extends RosTopic {
  /** True: left out, without a fault, where the message's package is not in the sourced overlay. */
  readonly optional: boolean;
}

/** A service as the transport is told of it. */
export interface ServiceSpec extends RosService {
  readonly optional: boolean;
}

/** All that the face offers: fixed for the life of a transport. */
export interface RosSpec {
  /** Absolute, without a trailing slash. */
  readonly namespace: string;
  readonly node: string;
  readonly topics: readonly TopicSpec[];
  readonly services: readonly ServiceSpec[];
}

/** A message, request or response: plain values under the names of its ROS fields. Stamps are `{sec, nanosec}`. */
export type RosMessage = Readonly<Record<string, unknown>>;

/** How a transport is. `detail` as in FaceStatus. */
export interface TransportStatus {
  readonly state: 'off' | 'starting' | 'on' | 'failing';
  readonly text: string;
  readonly mend: string;
  readonly pid: number | null;
  readonly restarts: number;
  readonly detail: Readonly<Record<string, string>>;
}

/** The messages of motion. A ROS may lack them: then all else works. */
export const TWIST = 'geometry_msgs/msg/Twist';
export const TWIST_STAMPED = 'geometry_msgs/msg/TwistStamped';
export const ODOMETRY = 'nav_msgs/msg/Odometry';
export const LASER_SCAN = 'sensor_msgs/msg/LaserScan';
export const motionTypes: readonly string[] = [TWIST, TWIST_STAMPED, ODOMETRY, LASER_SCAN];

/** The type by which a base is told. */
export function driveType(message: DriveMessage): string {
  return message === 'twist' ? TWIST : TWIST_STAMPED;
}

/** How the base is stopped: zeros on this topic. */
export interface HaltOrder {
  readonly topic: string;
  readonly message: DriveMessage;
  /** In the header of a stamped message. */
  readonly frame_id: string;
  /** Hz. */
  readonly rate: number;
}

/** How the base is moved: velocities on this topic, at this rate, for so long. */
export interface DriveOrder extends HaltOrder {
  /** m/s. */
  readonly x: number;
  readonly y: number;
  readonly duration_ms: number;
  /** Where the distance is measured; null: nowhere. */
  readonly odometry: string | null;
}

/** What a transport tells while it runs. */
export interface TransportListener {
  /** Called for each change. */
  readonly status: (status: TransportStatus) => void;
  /**
   * The topics named are there and empty, or may have missed messages: everything that is latched is to be published
   * again. Optional topics that are left out are not among them.
   */
  readonly resync: (topics: ReadonlySet<string>) => void;
  /** A service was called. `respond` may be called later, once; where the caller or the process is gone it does nothing. */
  readonly call: (service: string, request: RosMessage, respond: (response: RosMessage) => void) => void;
}

/**
 * A way into a ROS graph. The first is a process with rclnodejs; a DDS without a ROS installation can be another.
 * Nothing here throws or waits but {@link probe} and {@link stop}.
 */
export interface RosTransport {
  start(spec: RosSpec, listener: TransportListener): void;
  /** Publishes where the topic is there; drops the message where it is not. Order is kept. */
  publish(topic: string, message: RosMessage): void;
  /** Starts anew, also where it was off. */
  restart(): void;
  probe(probe: RosProbe, signal?: AbortSignal): Promise<RosProbeResult>;
  /** Lets what was published go out (at most a second), then leaves the graph. */
  stop(): Promise<void>;
}

/** A way into a ROS graph by which the base is moved, and looks around: the transport of the face, beside it. */
export interface MotionTransport {
  /** How the transport is now: what its listener was told last. */
  readonly status: TransportStatus;
  /** Whether messages of this one of {@link motionTypes} can be sent and read now. */
  speaks(type: string): boolean;
  /**
   * Moves the base; resolves when it has been told to stop, whatever the reason. An abort tells it in the same turn.
   * Rejects where nobody can be told any more, or nobody says so.
   */
  drive(order: DriveOrder, signal: AbortSignal): Promise<RosDriveEnd>;
  /** Tells the base to stop, in this turn; where nobody can be told, as the first thing when somebody can. */
  halt(order: HaltOrder): void;
  /** The next `sensor_msgs/msg/LaserScan` on this topic. Rejects where none comes. */
  scan(topic: string, signal: AbortSignal): Promise<RosScan>;
}
