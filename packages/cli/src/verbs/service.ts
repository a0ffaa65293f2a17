import { Command } from 'commander';
import type { VerbContext } from '../verb.js';
import { serviceHealthVerb } from './service-health.js';
import { serviceListVerb } from './service-list.js';
import { serviceLogsVerb } from './service-logs.js';
import { serviceRestartVerb } from './service-restart.js';
import { serviceScaleVerb } from './service-scale.js';
import { serviceStartVerb } from './service-start.js';
import { serviceStatusVerb } from './service-status.js';
import { serviceStopVerb } from './service-stop.js';
import { serviceWhyVerb } from './service-why.js';

/** `rovictl service list|status|start|stop|restart|scale|logs|health|why`. */
export function serviceVerb(context: VerbContext): Command {
  return new Command('service')
    .description('list, start, stop, restart and scale services, and say how they are and why')
    .helpCommand(false)
    .addCommand(serviceListVerb(context))
    .addCommand(serviceStatusVerb(context))
    .addCommand(serviceStartVerb(context))
    .addCommand(serviceStopVerb(context))
    .addCommand(serviceRestartVerb(context))
    .addCommand(serviceScaleVerb(context))
    .addCommand(serviceLogsVerb(context))
    .addCommand(serviceHealthVerb(context))
    .addCommand(serviceWhyVerb(context));
}
