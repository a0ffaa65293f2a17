import { Command } from 'commander';
import type { VerbContext } from '../verb.js';

/** `rovictl service why NAME`: why it is as it is, and what to do. */
export function serviceWhyVerb(context: VerbContext): Command {
  return new Command('why')
    .description('why a service does not run, or not well: cause, failed checks, next try, what to do')
    .argument('<service>', 'the service')
    .action(async (name: string) => {
      const { terminal } = context;
      const { findService } = await import('../find-service.js');
      const { serviceWhyText } = await import('../views/service-why.js');
      const snapshot = await (await context.client()).state();
      const service = findService(snapshot, name);
      terminal.out(serviceWhyText({ service, snapshot, now: Date.now(), colour: terminal.colour }));
    });
}
