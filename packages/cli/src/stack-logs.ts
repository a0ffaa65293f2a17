import process from 'node:process';
import { GATEWAY_UNIT, stackUnit, unitBaseName, type LogEntry } from '@rovi/contract';
import { EXIT } from './exit-codes.js';
import { isUnreachable } from './gateway-fallback.js';
import { jsonLine, printable } from './control-codes.js';
import { endWith, UsageError, type VerbContext } from './verb.js';
import { logLine } from './views/log-line.js';

/** What `rovictl logs` was asked for. */
export interface LogsFlags {
  follow?: true;
  lines: number;
  invocation?: string;
  priority?: number;
  json?: true;
}

/** Shows the journal of a stack through the gateway, or with journalctl where that does not answer. */
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
    if (name === 'gateway') return await showJournal(context, GATEWAY_UNIT, flags, show, over.signal);
    const client = await context.client();
    const stack = name ?? (await client.active({ signal: over.signal })).active;
    if (stack === null) throw new UsageError('no stack is active: name one (rovictl stack list)');
    const selection = {
      lines: flags.lines,
      ...(flags.invocation === undefined ? {} : { invocation: flags.invocation }),
      ...(flags.priority === undefined ? {} : { priority: flags.priority }),
    };
    if (flags.follow !== true) {
      for (const entry of await client.logs(stack, { ...selection, signal: over.signal })) show(entry);
      return;
    }
    // The first attempt must reach the gateway: without it, journalctl is the better answer than waiting.
    await client.health({ signal: over.signal, timeout: 5_000 });
    const entries = client.followLogs(stack, {
      ...selection,
      signal: over.signal,
      reconnect: true,
      onDisconnect: (error) => {
        terminal.err(`rovictl: link lost: ${printable(error.message)}; waiting for the gateway\n`);
      },
    });
    for await (const entry of entries) show(entry);
  } catch (error) {
    if (over.signal.aborted) return;
    if (!isUnreachable(error) || name === undefined || !unitBaseName.safeParse(name).success) throw error;
    terminal.err(`rovictl: gateway not reachable: read with journalctl (${printable(error.message)})\n`);
    endWith(EXIT.unreachable);
    await showJournal(context, stackUnit(name), flags, show, over.signal);
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
  unit: string,
  flags: LogsFlags,
  show: (entry: LogEntry) => void,
  signal: AbortSignal,
): Promise<void> {
  const { readJournal } = await import('./journalctl.js');
  const { readInvocation } = await import('./unit-invocation.js');
  const { invocation, ...selection } = flags;
  const run = invocation === 'latest' ? await readInvocation(unit) : (invocation ?? null);
  const complaint = (text: string): void => {
    terminal.err(`journalctl: ${printable(text)}\n`);
  };
  const content = await readJournal(
    unit,
    { ...selection, invocation: run },
    { entry: show, complaint },
    signal,
  );
  if (!content) endWith(EXIT.unreachable);
}
