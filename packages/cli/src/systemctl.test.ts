import { describe, expect, it } from 'vitest';
import { parseShow, verdictOf } from './systemctl.js';

describe('systemctl show', () => {
  it('is read unit by unit', () => {
    const text =
      'Id=rovi-nav.service\nLoadState=loaded\nActiveState=active\nSubState=running\nMainPID=42\nNRestarts=0\nInvocationID=abc\nStateChangeTimestamp=Tue 2023-11-14 22:13:20 UTC\n' +
      '\nId=rovi-teleop.service\nLoadState=not-found\nActiveState=inactive\nMainPID=0\nInvocationID=\nStateChangeTimestamp=\n';
    expect(parseShow(text)).toMatchObject([
      {
        unit: 'rovi-nav.service',
        active_state: 'active',
        main_pid: 42,
        invocation_id: 'abc',
        since: '2023-11-14T22:13:20.000Z',
      },
      {
        unit: 'rovi-teleop.service',
        load_state: 'not-found',
        main_pid: null,
        invocation_id: null,
        since: null,
      },
    ]);
  });
});

describe('a verdict without the gateway', () => {
  it.each([
    ['active', 'RUNNING', 'unit active, processes not known'],
    ['inactive', 'STOPPED', 'unit inactive, processes not known'],
  ] as const)('%s is not judged: its processes were not seen', (active, state, text) => {
    const [unit] = parseShow(`Id=rovi-nav.service\nLoadState=loaded\nActiveState=${active}\n`);
    if (unit === undefined) throw new Error('nothing was read');
    expect(verdictOf(unit, state)).toEqual({ level: 'stale', text });
  });
});
