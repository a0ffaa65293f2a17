/** Who knows when an instance is ready: it runs, and its startup and readiness checks pass. */
export interface Readiness {
  /**
   * Resolves when the instance is ready, also where it has yet to be seen to start. Rejects with `not-ready` when it ends
   * or its startup checks have failed, and with the signal's reason.
   */
  whenReady(service: string, id: number, signal: AbortSignal): Promise<void>;
}
