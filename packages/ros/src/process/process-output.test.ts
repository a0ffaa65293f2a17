import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ProcessOutput } from './process-output.js';

function followed() {
  const told: string[] = [];
  const output = new ProcessOutput((line) => told.push(line));
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  output.follow(stdout);
  output.follow(stderr);
  const ended = async () => {
    await Promise.all(
      [stdout, stderr].map(
        (stream) => new Promise<void>((resolve) => stream.end(resolve).once('end', resolve)),
      ),
    );
    await new Promise(setImmediate);
  };
  return { told, output, stdout, stderr, ended };
}

describe('what a process prints', () => {
  it('is told line by line, however it comes, and its last line is kept', async () => {
    const { told, output, stdout, ended } = followed();
    for (const piece of ['first\nsec', 'ond', '\n\n  \n', 'ünf', 'inished']) stdout.write(piece);
    await ended();
    expect(told).toEqual(['first', 'second', 'ünfinished']);
    expect(output.last).toBe('ünfinished');
  });

  it('is not mixed up between stdout and stderr', async () => {
    const { told, stdout, stderr, ended } = followed();
    stdout.write('half of ');
    await new Promise(setImmediate);
    stderr.write('an error\n');
    await new Promise(setImmediate);
    stdout.write('a line\n');
    await ended();
    expect(told).toEqual(['an error', 'half of a line']);
  });

  it('keeps a character whole that comes in two pieces', async () => {
    const { told, stdout, ended } = followed();
    const bytes = Buffer.from('5 € left\n');
    stdout.write(bytes.subarray(0, 3));
    await new Promise(setImmediate);
    stdout.write(bytes.subarray(3));
    await ended();
    expect(told).toEqual(['5 € left']);
  });

  it('has no last line where it said nothing', async () => {
    const { told, output, stdout, ended } = followed();
    stdout.write('\n \n');
    await ended();
    expect(told).toEqual([]);
    expect(output.last).toBe('');
  });

  it('is cut: neither an endless line nor endless lines fill a journal', async () => {
    const { told, output, stdout, stderr, ended } = followed();
    for (let index = 0; index < 50; index += 1) stderr.write('x'.repeat(1000));
    stdout.write('talk\n'.repeat(5000));
    stdout.write('the last words\n');
    await ended();
    expect(told).toHaveLength(200);
    expect(told.at(-1)).toBe('(more is left out for a minute)');
    expect(Math.max(...told.map(({ length }) => length))).toBeLessThanOrEqual(1000);
    expect(['the last words', 'x'.repeat(1000)]).toContain(output.last);
  });
});
