/** One message to the broker, always with QoS 1. */
export interface Publication {
  readonly topic: string;
  /** Empty clears a retained topic. */
  readonly payload: string;
  readonly retain: boolean;
  /** Set where it may have reached the broker already, on a connection that was lost. */
  readonly dup: boolean;
  /** Seconds after which the broker forgets it; null for never. */
  readonly expiry: number | null;
  /** Request and response: where the answer goes, with a request; and what tells which request it belongs to. */
  readonly responseTopic?: string;
  readonly correlation?: Buffer;
}

/**
 * What the broker said to a publication. `refused`: never, for instance because of its access list. `later`: not now, for
 * instance because its queue is full. A connection that is lost says nothing.
 */
export type Answer =
  { readonly kind: 'taken' } | { readonly kind: 'refused' | 'later'; readonly text: string };
