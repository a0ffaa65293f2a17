export interface TransportRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds until the answer is complete; for a stream, until it begins and between any two pieces of it. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface TransportAnswer {
  readonly status: number;
  readonly body: string;
}

export interface TransportStream {
  readonly status: number;
  readonly contentType: string;
  /** Pieces as they come. Throws a RoviError when the connection fails or is silent for too long. */
  readonly chunks: AsyncIterable<string>;
}

/** How the client reaches a gateway. Rejects with a RoviError, or with the signal's reason when that aborts. */
export interface Transport {
  call(request: TransportRequest): Promise<TransportAnswer>;
  stream(request: TransportRequest): Promise<TransportStream>;
}
