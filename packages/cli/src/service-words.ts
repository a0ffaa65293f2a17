import type { Command } from 'commander';
import type { VerbContext } from './verb.js';

/**
 * The words of a verb that takes `[HOST] SERVICE`. One word is the service, as it ever was.
 *
 * @param needed whether there must be any.
 */
export function takesHostAndService(
  command: Command,
  needed: 'always' | 'unless-resumed' = 'always',
): Command {
  return command
    .argument(
      needed === 'always' ? '<host-or-service>' : '[host-or-service]',
      'the host or hosts, where two words follow; else the service',
    )
    .argument('[service]', 'the service')
    .usage('[options] [host] <service>');
}

/** What they say, and the context of the host that is meant. Throws a UsageError where `--host` names another. */
export function hostAndService(
  context: VerbContext,
  first: string,
  second: string | undefined,
): { readonly context: VerbContext; readonly service: string } {
  return second === undefined ? { context, service: first } : { context: context.on(first), service: second };
}
