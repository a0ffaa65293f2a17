import { RoviError, type Operation } from '@rovi/contract';

/** Who proved the stop. */
export type Stopped =
  | { readonly by: 'gateway'; readonly operation: Operation }
  | { readonly by: 'systemctl'; readonly message: string };

export interface StopWays {
  /** The gateway's own stop. */
  readonly gateway: Promise<Operation>;
  /** The stop with systemctl; begun at most once. Resolves with one sentence of what it did. */
  readonly systemctl: () => Promise<string>;
  /** Root needs nobody's leave to stop a unit: neither polkit nor the gateway may keep it waiting. */
  readonly root: boolean;
  /** Tells the person why systemctl is begun, or what is waited for. */
  readonly say: (text: string) => void;
  /** What is waited for, as words after "waiting for". */
  readonly awaited: () => string;
  /** What to do where waiting is no answer. */
  readonly advice: string;
  /** The person's Ctrl-C: after it nothing new is begun. */
  readonly signal: AbortSignal;
}

/** Milliseconds that root waits for the gateway before it stops the unit with systemctl as well. */
const ROOT_MS = 2_000;
/** Milliseconds after which a person is told what is waited for. */
const REMINDER_MS = 5_000;

/**
 * The errors after which a stop is worth trying past the gateway: all but those that say that there is nothing of this
 * name to stop, or that it is stopped and has left processes behind, which systemctl would not end either.
 */
const fallbackCodes: ReadonlySet<string> = new Set([
  'gateway-unreachable',
  'socket-denied',
  'bus-unavailable',
  'bus-timeout',
  'polkit-unavailable',
  'authorization-required',
  'not-authorized',
  'stop-failed',
  // A gateway that is told to end cancels its operations, stops too.
  'operation-cancelled',
  'internal',
]);

/**
 * A stop that gets through: by the gateway, and where that fails or, for root, is not quick, with systemctl. Resolves
 * with whichever proves the stop first; rejects where neither does, with systemctl's error where that was tried.
 */
export function stopEitherWay(ways: StopWays): Promise<Stopped> {
  const { gateway, systemctl, root, say, awaited, advice, signal } = ways;
  let past: Promise<Stopped> | null = null;
  let reminder = setTimeout(remind, REMINDER_MS);
  function remind(): void {
    say(`rovictl: still waiting for ${awaited()}\n  mend: ${advice}\n`);
  }
  const begin = (why: string): Promise<Stopped> => {
    if (past === null) {
      clearTimeout(reminder);
      reminder = setTimeout(() => {
        say(`rovictl: still waiting for systemctl, which waits for systemd and polkit\n  mend: ${advice}\n`);
      }, REMINDER_MS);
      say(why);
      past = systemctl().then((message) => ({ by: 'systemctl', message }));
    }
    return past;
  };
  const first = gateway.then(
    (operation): Stopped => ({ by: 'gateway', operation }),
    (error: unknown) => {
      const { code, message } = RoviError.from(error);
      if (signal.aborted || !fallbackCodes.has(code)) throw error;
      return begin(`rovictl: ${message}\n  Stopping past the gateway, with systemctl …\n`);
    },
  );
  return new Promise<Stopped>((resolve, reject) => {
    const asWell = root
      ? setTimeout(() => {
          if (signal.aborted) return;
          const why = `rovictl: not stopped after ${String(ROOT_MS / 1000)} s: waiting for ${awaited()}\n`;
          // Its failure counts only once the gateway's stop has failed too.
          begin(`${why}  Stopping past the gateway as well, with systemctl …\n`).then(
            resolve,
            () => undefined,
          );
        }, ROOT_MS)
      : undefined;
    void first.then(resolve, reject).finally(() => {
      clearTimeout(asWell);
    });
  }).finally(() => {
    clearTimeout(reminder);
  });
}
