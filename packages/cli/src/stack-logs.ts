import process from 'node:process';
import { GATEWAY_UNIT, unitBaseName, type LogEntry } from '@rovi/contract';
import { EXIT } from './exit-codes.js';
import { isUnreachable, unitWithoutGateway, type JournalOf } from './gateway-fallback.js';
import { jsonLine, printable } from './control-codes.js';
import { namedJournal, requireServiceFor, streamOf, type LogsFlags } from './named-journal.js';
import { endWith, type VerbContext } from './verb.js';
import { logLine } from './views/log-line.js';

/** Shows the journal of a stack or service through the gateway, or where that of this machine does not answer, with journalctl. */
export async function showLogs(
  context: VerbContext,
  name: string | undefined,
  flags: LogsFlags,
): Promise<void> {
  const { terminal } = context;
  const over = new AbortController();
  const end = (): void => {
    over.abort(new Error('interrupted'));
  };
  process.once('SIGINT', end);
  const show = (entry: LogEntry): void => {
    terminal.out(flags.json ? jsonLine(entry) : logLine(entry, Date.now(), terminal.colour));
  };
  try {
    requireServiceFor(name, flags);
    const machine = context.thisMachine();
    if (name === 'gateway' && machine !== null) {
      return await showJournal(context, { unit: GATEWAY_UNIT, streams: false }, flags, {
        show,
        signal: over.signal,
      });
    }
    const client = await context.client();
    const journal = await namedJournal(client, name, flags, over.signal);
    if (flags.follow !== true) {
      for (const entry of await journal.read(over.signal)) show(entry);
      return;
    }
    // The first attempt must reach the gateway: without it, journalctl is the better answer than waiting.
    await client.health({ signal: over.signal, timeout: 5_000 });
    const entries = journal.follow({
      signal: over.signal,
      reconnect: true,
      onDisconnect: (error: Error) => {
        terminal.err(`rovictl: link lost: ${printable(error.message)}; waiting for the gateway\n`);
      },
    });
    for await (const entry of entries) show(entry);
  } catch (error) {
    if (over.signal.aborted) return;
    const machine = context.thisMachine();
    if (machine === null || !isUnreachable(error)) throw error;
    if (name === undefined || !unitBaseName.safeParse(name).success) throw error;
    terminal.err(`rovictl: gateway not reachable: read with journalctl (${printable(error.message)})\n`);
    endWith(EXIT.unreachable);
    const journal = await unitWithoutGateway(machine, name, flags.instance);
    await showJournal(context, journal, flags, { show, signal: over.signal });
  } finally {
    process.off('SIGINT', end);
  }
}

/**
 * The same journal read with journalctl, in the same form. Read in place of the gateway's answer it exits with 5, as
 * `status` does: who may not read the system's journal is told so.
 */
async function showJournal(
  { terminal }: VerbContext,
  { unit, streams }: JournalOf,
  flags: LogsFlags,
  { show, signal }: { readonly show: (entry: LogEntry) => void; readonly signal: AbortSignal },
): Promise<void> {
  const { readJournal } = await import('./journalctl.js');
  const { readInvocation } = await import('./unit-invocation.js');
  const { follow, lines, priority, invocation } = flags;
  const stream = streamOf(flags);
  const run = invocation === 'latest' ? await readInvocation(unit) : (invocation ?? null);
  const complaint = (text: string): void => {
    terminal.err(`journalctl: ${printable(text)}\n`);
  };
  const content = await readJournal(
    unit,
    {
      lines,
      ...(follow === undefined ? {} : { follow }),
      ...(priority === undefined ? {} : { priority }),
      ...(stream === undefined ? {} : { stream }),
      invocation: run,
    },
    { entry: (entry) => show(streams ? entry : { ...entry, stream: null }), complaint },
    signal,
  );
  if (!content) endWith(EXIT.unreachable);
}
