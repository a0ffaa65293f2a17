import { CommanderError } from 'commander';
import { EXIT } from './exit-codes.js';
import { buildProgram } from './program.js';
import { processTerminal } from './terminal.js';
import { UsageError } from './verb.js';

// Replaced by the bundler, which knows only the global `process`: it must not be imported here.
const version = process.env.ROVI_VERSION ?? '0.0.0-dev';
const terminal = processTerminal();

try {
  await buildProgram(terminal, version).parseAsync(process.argv);
} catch (error) {
  process.exitCode = await report(error);
}

async function report(error: unknown): Promise<number> {
  // commander has printed its own message; what it calls 1 is always a wrong command line.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof UsageError) {
    terminal.err(`rovictl: ${error.message}\n`);
    return EXIT.usage;
  }
  const { reportFailure } = await import('./failure.js');
  return reportFailure(terminal, error);
}
