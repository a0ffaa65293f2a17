import { blastRadius } from '@rovi/client/browser';
import type { ApiClient, BlastRadius } from '@rovi/client/browser';
import { RoviError } from '@rovi/contract';
import type { FleetCommand } from '@rovi/contract';
import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';

/** Robots above which the person types how many they are. */
const TYPED_ABOVE = 5;
/** Robots of one run, and robots at a time where everything stops: nobody waits for another's stop. */
const ALL_AT_ONCE = 1_000;
/** Milliseconds for the gateway to begin. */
const TAKE_MS = 15_000;

/** What the person is asked before robots are commanded. */
export interface FleetQuestion {
  readonly command: FleetCommand;
  readonly robots: readonly string[];
  /** What the robots say that it would hit; null while they are asked. */
  readonly radius: BlastRadius | null;
}

export interface FleetCommanderState {
  readonly question: FleetQuestion | null;
  readonly sending: boolean;
  /** Why the last one was not taken; null once another was, or it was read. */
  readonly problem: RoviError | null;
  /** The runs that were begun here. */
  readonly begun: readonly string[];
}

/** What is sent to every robot that is meant, whether or not it has answered a question: a stop of everything, and the e-stop. */
export function stopsNow({ kind }: FleetCommand): boolean {
  return kind === 'stop-all' || kind === 'estop';
}

/** Commands several robots for a person: asks them first what it would hit. What comes of it, the fleet's events tell. */
export class FleetCommander {
  readonly store: StoreApi<FleetCommanderState> = createStore<FleetCommanderState>(() => ({
    question: null,
    sending: false,
    problem: null,
    begun: [],
  }));
  readonly #fleet: Pick<ApiClient['fleet'], 'ask' | 'run'>;
  #asking: AbortController | null = null;

  constructor(fleet: Pick<ApiClient['fleet'], 'ask' | 'run'>) {
    this.#fleet = fleet;
  }

  /**
   * A person wants this. A stop of everything can be confirmed at once, all else when the robots have answered; before an
   * e-stop nothing is asked of them. Never rejects.
   */
  async wish(command: FleetCommand, robots: readonly string[]): Promise<void> {
    this.#asking?.abort(new RoviError('internal', 'another question'));
    const asking = new AbortController();
    this.#asking = asking;
    this.store.setState({ question: { command, robots, radius: null }, problem: null });
    if (command.kind === 'estop') return;
    try {
      const answers = await this.#fleet.ask(robots, command, { signal: asking.signal });
      if (asking.signal.aborted) return;
      this.store.setState(({ question }) => ({
        question: question === null ? null : { ...question, radius: blastRadius(answers) },
      }));
    } catch (error) {
      if (asking.signal.aborted) return;
      // A stop of everything needs no answer to be asked for.
      this.store.setState(({ question }) => ({
        question: stopsNow(command) ? question : null,
        problem: RoviError.from(error),
      }));
    }
  }

  /** The person has read it, and wants it. Never rejects. */
  async confirm(reason: string): Promise<void> {
    const { question, sending } = this.store.getState();
    if (question === null || sending) return;
    const targets = targetsOf(question);
    if (targets === null) return;
    const { command } = question;
    this.store.setState({ sending: true });
    try {
      const runs = await Promise.all(
        partsOf(command, targets).map((part) =>
          this.#fleet.run(
            {
              command,
              targets: [...part],
              reason: reason.slice(0, 500),
              ...(stopsNow(command) ? { at_once: ALL_AT_ONCE } : {}),
            },
            { timeout: TAKE_MS },
          ),
        ),
      );
      this.#asking?.abort(new RoviError('internal', 'it is commanded'));
      this.store.setState(({ begun }) => ({
        question: null,
        problem: null,
        begun: [...begun, ...runs.map(({ id }) => id)],
      }));
    } catch (error) {
      this.store.setState({ question: null, problem: RoviError.from(error) });
    } finally {
      this.store.setState({ sending: false });
    }
  }

  /** The person does not want what was asked. */
  cancel(): void {
    this.#asking?.abort(new RoviError('internal', 'not wanted'));
    this.store.setState({ question: null });
  }

  /** The problem was read. */
  dismiss(): void {
    this.store.setState({ problem: null });
  }

  /** A run that was begun here has been read. */
  forget(run: string): void {
    this.store.setState(({ begun }) => ({ begun: begun.filter((id) => id !== run) }));
  }
}

/** Who would be commanded; null while it may not be: robots that have not answered are told to stop, and nothing else. */
export function targetsOf({ command, robots, radius }: FleetQuestion): BlastRadius['targets'] | null {
  // Of a stop that a robot could not be asked about nothing speaks against trying it.
  if (stopsNow(command)) return robots.map((robot) => ({ robot, confirm: null }));
  return radius === null || radius.targets.length === 0 ? null : radius.targets;
}

/** One run each. More robots than one run takes are only stopped. */
function partsOf(command: FleetCommand, targets: BlastRadius['targets']): readonly BlastRadius['targets'][] {
  if (!stopsNow(command)) return [targets];
  return Array.from({ length: Math.ceil(targets.length / ALL_AT_ONCE) }, (_, part) =>
    targets.slice(part * ALL_AT_ONCE, (part + 1) * ALL_AT_ONCE),
  );
}

/** What the person has to type before the command may be sent; null for nothing. */
export function typedFirst(question: FleetQuestion): string | null {
  const targets = targetsOf(question);
  if (targets === null || stopsNow(question.command)) return null;
  return targets.length > TYPED_ABOVE ? String(targets.length) : null;
}
