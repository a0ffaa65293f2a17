import { Argument, Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { completionFor } from './candidates.js';

const program = new Command('rovictl')
  .option('--catalog <file>', 'catalog')
  .addCommand(
    new Command('stack')
      .addCommand(new Command('start').argument('<name>').option('--reason <text>', 'why'))
      .addCommand(new Command('list')),
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
  .addCommand(new Command('__complete'), { hidden: true });

const words = async (...typed: string[]) =>
  (await completionFor(program, typed, () => Promise.resolve(['nav', 'teleop']))).candidates.map(
    ({ value }) => value,
  );

describe('completion', () => {
  it.each([
    [[''], ['stack', 'logs', 'plan', 'completion']],
    [
      ['plan', 'st'],
      ['start', 'stop', 'stop-all'],
    ],
    [['plan', 'stop', 't'], ['teleop']],
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
      ['nav', 'teleop', 'gateway'],
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
    expect((await completionFor(program, ['--catalog', ''], () => Promise.resolve([]))).files).toBe(true);
  });
});
