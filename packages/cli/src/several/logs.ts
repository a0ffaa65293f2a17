import { RoviError, type LogEntry, type Problem } from '@rovi/contract';
import { jsonLine, printable } from '../control-codes.js';
import { openTargets, type TargetClient } from '../hosts/targets.js';
import { namedJournal, requireServiceFor, type LogsFlags, type NamedJournal } from '../named-journal.js';
import { endWith, UsageError, type VerbContext } from '../verb.js';
import { HostLogLines } from '../views/host-log-lines.js';
import { hostFaultsText } from '../views/hosts.js';
import { AT_ONCE, eachAtOnce } from './at-once.js';
import { exitCodeOfAll } from './host-outcome.js';
import { orAborted } from './send.js';
import { untilInterrupt } from './until-interrupt.js';

/** The journal of one host, and what it held when it was asked. */
interface HostJournal {
  readonly host: string;
  /** Null where it could not be had. */
  readonly journal: NamedJournal | null;
  readonly entries: readonly LogEntry[];
  readonly problem: Problem | null;
}

/**
 * Shows the journals of several hosts as one: what is there in the order of its time, then, where it is followed, what
 * comes as it comes. Each by its own gateway; those that have none to show are told of on standard error.
 */
export async function logsOfSeveral(
  context: VerbContext,
  name: string | undefined,
  flags: LogsFlags,
): Promise<void> {
  requireServiceFor(name, flags);
  const { terminal } = context;
  const clients = await openTargets(context, { mayAsk: false });
  const lines = new HostLogLines(
    clients.map(({ target }) => target.name),
    terminal.colour,
  );
  const show = (host: string, entry: LogEntry): void => {
    terminal.out(flags.json ? jsonLine({ host, ...entry }) : lines.line(host, entry, Date.now()));
  };
  await untilInterrupt(async (signal) => {
    const journals = await eachAtOnce(clients, AT_ONCE, (one) => read(one, name, flags, signal));
    if (signal.aborted) return;
    for (const { host, entry } of inOrder(journals)) show(host, entry);
    terminal.err(hostFaultsText(journals, terminal.errColour));
    const faults =
      flags.follow === true
        ? await followAll(journals, { show, say: (text) => terminal.err(text), signal })
        : journals;
    endWith(
      exitCodeOfAll(
        faults.map(({ problem }) => ({ problem, outcome: problem === null ? 'succeeded' : 'failed' })),
      ),
    );
  });
}

async function read(
  { target, client }: TargetClient,
  name: string | undefined,
  flags: LogsFlags,
  signal: AbortSignal,
): Promise<HostJournal> {
  const host = target.name;
  try {
    const journal = await namedJournal(await orAborted(client(), signal), name, flags, signal);
    return { host, journal, entries: await journal.read(signal), problem: null };
  } catch (error) {
    return { host, journal: null, entries: [], problem: problemOf(error) };
  }
}

/** Entries of all hosts by their time; of one host in its own order, whatever its clock did meanwhile. */
function inOrder(journals: readonly HostJournal[]): { readonly host: string; readonly entry: LogEntry }[] {
  return journals
    .flatMap(({ host, entries }) => {
      let latest = -Infinity;
      return entries.map((entry) => {
        latest = Math.max(latest, Date.parse(entry.at));
        return { host, entry, at: latest };
      });
    })
    .sort((one, other) => one.at - other.at);
}

/** Resolves when all have ended: by Ctrl-C, or each by a fault of its own. */
function followAll(
  journals: readonly HostJournal[],
  {
    show,
    say,
    signal,
  }: {
    readonly show: (host: string, entry: LogEntry) => void;
    readonly say: (text: string) => void;
    readonly signal: AbortSignal;
  },
): Promise<{ readonly problem: Problem | null }[]> {
  return Promise.all(
    journals.map(async ({ host, journal, entries, problem }) => {
      if (journal === null) return { problem };
      const after = entries.at(-1)?.cursor;
      try {
        const coming = journal.follow({
          ...(after === undefined ? {} : { after }),
          signal,
          reconnect: true,
          onDisconnect: (error) => {
            say(
              `rovictl: ${printable(host)}: link lost: ${printable(error.message)}; waiting for the gateway\n`,
            );
          },
        });
        for await (const entry of coming) show(host, entry);
        return { problem: null };
      } catch (error) {
        if (signal.aborted) return { problem: null };
        const fault = problemOf(error);
        say(`rovictl: ${printable(host)}: ${printable(fault.message)} [${fault.code}]\n`);
        return { problem: fault };
      }
    }),
  );
}

/** A stack that is not active there is a fault of that host, not of the command line. */
function problemOf(error: unknown): Problem {
  return (
    error instanceof UsageError ? new RoviError('not-found', error.message) : RoviError.from(error)
  ).toProblem();
}
