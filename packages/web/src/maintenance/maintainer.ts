import type { ApiClient } from '@rovi/client/browser';
import { RoviError } from '@rovi/contract';
import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';

export interface MaintainerState {
  /** What the dialog was opened for: a unit, or null for the robot; undefined while it is closed. */
  readonly asked: string | null | undefined;
  readonly sending: boolean;
  /** Why the last request was not taken; null once another was, or it was read. */
  readonly problem: RoviError | null;
}

/** Milliseconds for the robot to take it. */
const TAKE_MS = 8_000;

/** Begins and ends maintenance. What comes of it, events tell. */
export class Maintainer {
  readonly store: StoreApi<MaintainerState> = createStore<MaintainerState>(() => ({
    asked: undefined,
    sending: false,
    problem: null,
  }));
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** Opens the dialog for a unit, or for the robot. */
  ask(target: string | null): void {
    this.store.setState({ asked: target, problem: null });
  }

  close(): void {
    this.store.setState({ asked: undefined, problem: null });
  }

  /** The problem was read. */
  dismiss(): void {
    this.store.setState({ problem: null });
  }

  /** Begins it; `until` is RFC 3339, null where somebody has to end it. The dialog closes when it is taken. Never rejects. */
  async begin(target: string | null, reason: string, until: string | null): Promise<void> {
    await this.#during(async () => {
      await this.#client.beginMaintenance(target, { reason, until, timeout: TAKE_MS });
      this.store.setState({ asked: undefined });
    });
  }

  /** Never rejects. */
  async end(target: string | null): Promise<void> {
    await this.#during(async () => {
      await this.#client.endMaintenance(target, { timeout: TAKE_MS });
    });
  }

  async #during(work: () => Promise<void>): Promise<void> {
    this.store.setState({ sending: true, problem: null });
    try {
      await work();
    } catch (error) {
      this.store.setState({ problem: RoviError.from(error) });
    } finally {
      this.store.setState({ sending: false });
    }
  }
}
