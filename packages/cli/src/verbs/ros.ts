import { Command, InvalidArgumentError } from 'commander';
import type { RosProbe } from '@rovi/contract';
import { json } from '../control-codes.js';
import { EXIT } from '../exit-codes.js';
import { endWith, type VerbContext } from '../verb.js';

interface Flags {
  json?: true;
}

/** `rovictl ros status|probe|restart`: the ROS face and the graph around it. */
export function rosVerb(context: VerbContext): Command {
  return new Command('ros')
    .description('the ROS face: how it is, what it offers, what the ROS graph looks like')
    .helpCommand(false)
    .addCommand(statusCommand(context))
    .addCommand(probeCommand(context))
    .addCommand(restartCommand(context));
}

function statusCommand(context: VerbContext): Command {
  return new Command('status')
    .description('show the face, its topics and its services')
    .option('--json', 'as JSON')
    .action(async (flags: Flags) => {
      const { terminal } = context;
      const status = await (await context.client()).ros();
      const { rosStatusText } = await import('../views/ros.js');
      terminal.out(flags.json ? json(status) : rosStatusText(status, Date.now(), terminal.colour));
    });
}

function probeCommand(context: VerbContext): Command {
  const run = async (probe: RosProbe, flags: Flags): Promise<void> => {
    const result = await (await context.client()).rosProbe(probe);
    const { rosProbeText } = await import('../views/ros.js');
    context.terminal.out(flags.json ? json(result) : rosProbeText(result, context.terminal.colour));
    if (!result.ok) endWith(EXIT.failed);
  };
  return new Command('probe')
    .description('exit 0 if ROS, a node or a topic is there and alive, else 1')
    .helpCommand(false)
    .addCommand(
      new Command('available')
        .description('is the ROS face on')
        .option('--json', 'as JSON')
        .action((flags: Flags) => run({ kind: 'available' }, flags)),
    )
    .addCommand(
      new Command('node')
        .description('is a node in the graph')
        .argument('<node>', 'its full name, such as /amcl')
        .option('--json', 'as JSON')
        .action((name: string, flags: Flags) => run({ kind: 'node', name }, flags)),
    )
    .addCommand(
      new Command('topic')
        .description('do messages arrive on a topic')
        .argument('<topic>', 'its full name, such as /scan')
        .option('--window <seconds>', 'how long to listen', positive, 2)
        .option('--min-rate <hertz>', 'messages a second that are enough', positive, 0)
        .option('--json', 'as JSON')
        .action((name: string, flags: Flags & { window: number; minRate: number }) =>
          run(
            { kind: 'topic', name, window_ms: Math.round(flags.window * 1000), min_rate: flags.minRate },
            flags,
          ),
        ),
    );
}

function restartCommand(context: VerbContext): Command {
  return new Command('restart')
    .description('start the ROS process anew, after what it lacked was mended; gateway and stacks go on')
    .option('--json', 'as JSON')
    .action(async (flags: Flags) => {
      const { terminal } = context;
      const connection = await context.client();
      await connection.rosRestart();
      const { rosSettled } = await import('../ros-settled.js');
      const status = await rosSettled(connection);
      const { rosStatusText } = await import('../views/ros.js');
      terminal.out(flags.json ? json(status) : rosStatusText(status, Date.now(), terminal.colour));
      if (status.face.state !== 'on') endWith(EXIT.failed);
    });
}

function positive(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number) || number < 0) {
    throw new InvalidArgumentError('expected a number that is not negative.');
  }
  return number;
}
