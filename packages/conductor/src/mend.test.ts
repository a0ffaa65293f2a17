import { readFileSync } from 'node:fs';
import type { ExitCause } from '@rovi/contract';
import { stackSchema } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { mendSteps } from './mend.js';

const entry = stackSchema.parse({
  description: 'Navigation',
  launch: { package: 'rovi_bringup', file: 'nav.launch.py' },
  timeouts: { stop: 17 },
});

const steps = (cause: Partial<ExitCause>, messages: readonly string[] = []): string[] =>
  mendSteps({
    stack: 'nav',
    unit: 'rovi-nav.service',
    cause: { result: 'exit-code', exit_status: null, signal: null, text: '', ...cause },
    messages,
    entry,
    lockWait: 5,
  });

const text = (...given: Parameters<typeof steps>): string => steps(...given).join('\n');

const runner = readFileSync(new URL('../../../run_stack.sh', import.meta.url), 'utf8');
const [, header = ''] = /# Exit codes, [^\n]*\n((?:#[^\n]*\n)+?)#\n/.exec(runner) ?? [];
const codes = [...header.matchAll(/\b(\d\d) \w/g)].map(([, code]) => Number(code));

describe('what to do', () => {
  it('is known for each exit code of the runner, and is another for each', () => {
    expect(codes.sort()).toEqual([64, 69, 71, 72, 73, 74, 75, 78]);
    const all = [...codes, 0, 1, 200, 203, 216, 217, 226].map((code) => text({ exit_status: code }));
    expect(new Set(all).size).toBe(all.length);
  });

  it.each<[string, Partial<ExitCause>, RegExp]>([
    ['a launch that failed', { exit_status: 1 }, /ros2 launch rovi_bringup nav\.launch\.py/],
    ['no memory', { result: 'oom-kill', signal: 'SIGKILL' }, /journalctl -k/],
    [
      'SIGKILL',
      { result: 'signal', signal: 'SIGKILL' },
      /out of memory.*somebody or something sent SIGKILL/s,
    ],
    ['a crash', { result: 'core-dump', signal: 'SIGSEGV' }, /SIGSEGV.*coredumpctl info rovi-nav\.service/s],
    ['a forbidden call', { result: 'core-dump', signal: 'SIGSYS' }, /docs\/security\.md/],
    ['a kill', { result: 'signal', signal: 'SIGTERM' }, /sent SIGTERM/],
    ['a time limit', { result: 'timeout', signal: 'SIGKILL' }, /within 17 s.*longer than 15 s/s],
    ['a watchdog', { result: 'watchdog', signal: 'SIGABRT' }, /systemctl cat rovi-nav\.service/],
    ['too many starts', { result: 'start-limit-hit' }, /reset-failed rovi-nav\.service/],
    ['the gateway', { exit_status: 72 }, /systemctl start rovi-gateway\.service/],
    ['another code', { exit_status: 42 }, /Read the last lines/],
  ])('after %s', (_name, cause, expected) => {
    expect(text(cause)).toMatch(expected);
    expect(steps(cause).at(-1)).toContain('rovictl stack start nav');
  });

  it('names the node that died first, and not those that the launch ended', () => {
    const died = (node: string, pid: number, code: number): string =>
      `[ERROR] [${node}]: process has died [pid ${pid}, exit code ${code}, cmd 'x'].`;
    const said = [
      'something',
      died('amcl-1', 7, -2),
      died('controller_server-2', 8, -11),
      died('planner-3', 9, 1),
    ];
    const [first] = steps({ exit_status: 1 }, said);
    expect(first).toMatch(/^controller_server died first, of SIGSEGV: .*coredumpctl info 8/);
    expect(steps({ exit_status: 1 }, [died('planner-3', 9, 4)])[0]).toBe(
      'planner died first, with exit code 4: read what it said before that.',
    );
    expect(text({ exit_status: 1 }, said.slice(0, 2))).not.toContain('died first');
  });
});
