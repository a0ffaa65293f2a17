import type { RosProbe, RosProbeResult, RosService, RosTopic } from '@rovi/contract';

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
