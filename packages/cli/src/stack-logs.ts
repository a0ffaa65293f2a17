import { spawn } from 'node:child_process';
import process from 'node:process';
import { GATEWAY_UNIT, RoviError, stackUnit, unitBaseName, type LogEntry } from '@rovi/contract';
import { EXIT } from './exit-codes.js';
import { isUnreachable } from './gateway-fallback.js';
import { printable } from './problem-context.js';
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
  if (name === 'gateway') return runJournalctl(GATEWAY_UNIT, flags);
  const { terminal } = context;
  const client = await context.client();
  const over = new AbortController();
  const end = (): void => {
    over.abort(new Error('interrupted'));
  };
  process.once('SIGINT', end);
  const show = (entry: LogEntry): void => {
    terminal.out(flags.json ? `${JSON.stringify(entry)}\n` : logLine(entry, Date.now(), terminal.colour));
  };
  try {
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
    await runJournalctl(stackUnit(name), flags);
  } finally {
    process.off('SIGINT', end);
  }
}

/** Hands over to journalctl: its own words, its own pager, its own exit code mapped to ours. */
async function runJournalctl(unit: string, flags: LogsFlags): Promise<void> {
  const { readInvocation } = await import('./unit-invocation.js');
  const invocation = flags.invocation === 'latest' ? await readInvocation(unit) : (flags.invocation ?? null);
  const args = journalctlArguments(unit, flags, invocation);
  await new Promise<void>((resolve, reject) => {
    // Ctrl-C reaches journalctl by itself; this process only waits for it.
    const ignore = (): void => undefined;
    process.on('SIGINT', ignore);
    const child = spawn('journalctl', args, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', (cause) => {
      reject(
        new RoviError('journal-unavailable', 'journalctl cannot be run', {
          mend: 'Install systemd, or read the journal on the robot.',
          cause,
        }),
      );
    });
    child.on('close', (code) => {
      process.off('SIGINT', ignore);
      if (code !== 0 && code !== null) endWith(EXIT.unreachable);
      resolve();
    });
  });
}

/** journalctl's command line for what was asked: of one run both what the unit wrote and what systemd said of it. */
export function journalctlArguments(unit: string, flags: LogsFlags, invocation: string | null): string[] {
  return [
    '--no-pager',
    `--lines=${String(flags.lines)}`,
    `--output=${flags.json ? 'json' : 'short-iso'}`,
    ...(flags.follow ? ['--follow'] : []),
    ...(flags.priority === undefined ? [] : [`--priority=${String(flags.priority)}`]),
    ...(invocation === null
      ? [`--unit=${unit}`]
      : [`_SYSTEMD_INVOCATION_ID=${invocation}`, '+', `INVOCATION_ID=${invocation}`]),
  ];
}
