import { Command } from 'commander';
import type { VerbContext } from '../verb.js';
import { hostAddVerb } from './host-add.js';
import { hostListVerb } from './host-list.js';
import { hostRemoveVerb } from './host-remove.js';
import { hostTestVerb } from './host-test.js';

/** `rovictl host add|list|remove|test`. */
export function hostVerb(context: VerbContext): Command {
  return new Command('host')
    .description('the robots that --host may name: add, list, remove and try them')
    .helpCommand(false)
    .addCommand(hostAddVerb(context))
    .addCommand(hostListVerb(context))
    .addCommand(hostRemoveVerb(context))
    .addCommand(hostTestVerb(context));
}
