/**
 * The little of rclnodejs 2 that the ROS process uses. Its own types are not there without it, and name exports that do
 * not exist at run time: it has a default export only.
 */
export interface Rcl {
  readonly Context: { defaultContext(): unknown };
  readonly Node: new (
    name: string,
    namespace: string,
    context: unknown,
    options: unknown,
    args?: readonly string[],
    useGlobalArguments?: boolean,
  ) => RclNode;
  readonly NodeOptions: new (startParameterServices?: boolean) => unknown;
  readonly QoS: {
    new (history: number, depth: number, reliability: number, durability: number): unknown;
    readonly HistoryPolicy: Readonly<Record<string, number>>;
    readonly ReliabilityPolicy: Readonly<Record<string, number>>;
    readonly DurabilityPolicy: Readonly<Record<string, number>>;
  };
  init(context: unknown, argv: readonly string[]): Promise<void>;
  shutdown(context?: unknown): Promise<void> | void;
}

export interface RclPublisher {
  /** How many subscriptions it has found. */
  readonly subscriptionCount: number;
  publish(message: unknown): void;
}

export interface RclResponse {
  send(response: unknown): void;
}

export interface RclNode {
  createPublisher(type: string, topic: string, options: { qos: unknown }): RclPublisher;
  destroyPublisher(publisher: RclPublisher): void;
  createService(
    type: string,
    name: string,
    options: object,
    callback: (request: Record<string, unknown>, response: RclResponse) => void,
  ): unknown;
  createSubscription(
    type: string,
    topic: string,
    options: { qos: unknown; isRaw: boolean },
    callback: (message: unknown) => void,
  ): unknown;
  destroySubscription(subscription: unknown): void;
  getTopicNamesAndTypes(noDemangle?: boolean): { name: string; types: string[] }[];
  getNodeNamesAndNamespaces(): { name: string; namespace: string }[];
  countPublishers(topic: string): number;
  spin(timeoutMs: number): void;
  destroy(): void;
}
