import { Argument, Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { completionFor } from './candidates.js';

const program = new Command('rovictl')
  .option('--catalog <file>', 'catalog')
  .option('--host <name>', 'host')
  .addCommand(
    new Command('stack')
      .addCommand(new Command('start').argument('<name>').option('--reason <text>', 'why'))
      .addCommand(new Command('list')),
  )
  .addCommand(
    new Command('service')
      .addCommand(new Command('status').argument('<service>'))
      .addCommand(new Command('stop').argument('<host-or-service>').argument('[service]'))
      .addCommand(new Command('scale').argument('<service>').argument('<n>')),
  )
  .addCommand(
    new Command('ticket')
      .addCommand(
        new Command('create')
          .argument('<command>')
          .addOption(new Option('--priority <p>', 'turn').choices(['low', 'high'])),
      )
      .addCommand(new Command('show').argument('<ticket>')),
  )
  .addCommand(
    new Command('logs')
      .argument('[name]')
      .option('-f, --follow', 'follow')
      .option('-p, --priority <level>', 'level'),
  )
  .addCommand(
    new Command('plan')
      .addArgument(new Argument('<command>').choices(['start', 'stop', 'stop-all']))
      .argument('[name]'),
  )
  .addCommand(new Command('completion').addArgument(new Argument('<shell>').choices(['bash', 'zsh'])))
  .addCommand(
    new Command('fleet')
      .addCommand(new Command('status').argument('[robots...]'))
      .addCommand(new Command('runs').argument('[run]'))
      .addCommand(
        new Command('run')
          .argument('<command...>')
          .option('--on <robots>')
          .option('--state <states>')
          .option('--active <stack>')
          .option('--all'),
      ),
  )
  .addCommand(new Command('__complete'), { hidden: true });

const words = async (...typed: string[]) =>
  (
    await completionFor(program, typed, () =>
      Promise.resolve({
        stacks: ['nav', 'teleop'],
        services: ['video'],
        tickets: ['tick-20251108-a3f7e9c0'],
        ticketCommands: ['drive', 'stop'],
        hosts: ['local', 'yard'],
        groups: ['@outdoor', 'all'],
        robots: ['r-1', 'r-2'],
        runs: ['run-7'],
      }),
    )
  ).candidates.map(({ value }) => value);

describe('completion', () => {
  it.each([
    [[''], ['stack', 'service', 'ticket', 'logs', 'plan', 'completion', 'fleet']],
    [
      ['fleet', 'status', 'r-1', 'r'],
      ['r-1', 'r-2'],
    ],
    [['fleet', 'runs', ''], ['run-7']],
    [
      ['fleet', 'run', 's'],
      ['stack', 'service', 'stop-all'],
    ],
    [
      ['fleet', 'run', '--all', 'service', 'r'],
      ['restart', 'rolling-restart'],
    ],
    [['fleet', 'run', 'stack', 'switch', 'n'], ['nav']],
    [['fleet', 'run', 'service', 'stop', ''], ['video']],
    [['fleet', 'run', 'stop-all', ''], []],
    [['fleet', 'run', '--on', 'r-1,'], ['r-1,r-2']],
    [['fleet', 'run', '--state', 'warn,not'], ['warn,not-well']],
    [
      ['fleet', 'run', '--active', 'n'],
      ['nav', 'none'],
    ],

    [
      ['plan', 'st'],
      ['start', 'stop', 'stop-all'],
    ],
    [['plan', 'stop', 't'], ['teleop']],
    [['plan', 'stop', 'v'], ['video']],
    [['service', 'status', ''], ['video']],
    [['service', 'sc'], ['scale']],
    [
      ['--host', ''],
      ['local', 'yard', '@outdoor', 'all'],
    ],
    [
      ['--host', 'yard,'],
      ['yard,local', 'yard,@outdoor', 'yard,all'],
    ],
    [['--host', 'local,@'], ['local,@outdoor']],
    [['service', 'stop', 'yard,l'], ['yard,local']],
    [['--host', 'y', 'stack', 'start', 't'], ['teleop']],
    [
      ['service', 'stop', ''],
      ['video', 'local', 'yard', '@outdoor', 'all'],
    ],
    [['service', 'stop', 'yard', ''], ['video']],
    [['ticket', 'create', 'd'], ['drive']],
    [
      ['ticket', 'create', '--priority', ''],
      ['low', 'high'],
    ],
    [['ticket', 'show', 't'], ['tick-20251108-a3f7e9c0']],
    [
      ['stack', ''],
      ['start', 'list'],
    ],
    [
      ['stack', 'start', ''],
      ['nav', 'teleop'],
    ],
    [['stack', 'start', 't'], ['teleop']],
    [['stack', 'start', 'nav', ''], []],
    [['stack', 'start', '--reason', 'because', 'n'], ['nav']],
    [['stack', 'start', '--reason', ''], []],
    [
      ['logs', '-f', ''],
      ['nav', 'teleop', 'video', 'gateway'],
    ],
    [['logs', '-p', 'w'], ['warning']],
    [['--catalog', 'x', 'comp'], ['completion']],
    [['completion', 'b'], ['bash']],
    [['logs', '--f'], ['--follow']],
    [
      ['stack', 'start', '--', ''],
      ['nav', 'teleop'],
    ],
  ])('%j → %j', async (typed, expected) => {
    expect(await words(...typed)).toEqual(expected);
  });

  it('asks for files where a file is meant', async () => {
    expect(
      (await completionFor(program, ['--catalog', ''], () => Promise.reject(new Error('not needed')))).files,
    ).toBe(true);
  });
});
