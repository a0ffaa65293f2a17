/** The connection to the catalog's MQTT broker, as health probes see it. */
export interface MqttLink {
  /** Whether the broker answers now. */
  readonly connected: boolean;
  /** How long ago the last message on this topic came, in milliseconds; null where none came since it is watched. */
  lastMessage(topic: string): { readonly ageMs: number } | null;
  /** Subscribes to the topic, without wildcards, until the link ends; more than once is once. Never throws, never waits. */
  watch(topic: string): void;
}
