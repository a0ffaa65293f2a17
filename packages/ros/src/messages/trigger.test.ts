import { RoviError } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { sampleOperation } from './sample-snapshot.fixture.js';
import { refusalOf, triggerOf } from './trigger.js';

const problem = {
  code: 'start-failed',
  message: 'nav did not start',
  mend: 'Look at its log.',
  context: {},
} as const;

describe('the response of std_srvs/Trigger', () => {
  it('is a success only where the operation succeeded', () => {
    expect(triggerOf(sampleOperation())).toEqual({
      success: true,
      message: 'succeeded: switched from teleop to nav',
    });
    for (const outcome of ['failed', 'cancelled', 'running'] as const) {
      expect(triggerOf(sampleOperation({ outcome, problem })).success).toBe(false);
      expect(triggerOf(sampleOperation({ outcome })).success).toBe(false);
    }
  });

  it('names the code first, then what went wrong, then what to do', () => {
    expect(triggerOf(sampleOperation({ outcome: 'failed', problem })).message).toBe(
      'start-failed: nav did not start\nLook at its log.',
    );
    expect(triggerOf(sampleOperation({ outcome: 'failed', message: 'odd' })).message).toBe('internal: odd');
  });

  it('carries the warnings of a success', () => {
    const warnings = ['ODOM is 0, expected 1'];
    expect(triggerOf(sampleOperation({ warnings })).message.split('\n')).toEqual([
      'succeeded: switched from teleop to nav',
      'ODOM is 0, expected 1',
    ]);
  });

  it('tells why a command was not begun', () => {
    expect(refusalOf(new RoviError('stack-busy', 'teleop holds the robot', { mend: 'Switch.' }))).toEqual({
      success: false,
      message: 'stack-busy: teleop holds the robot\nSwitch.',
    });
    expect(refusalOf(new RoviError('stack-unknown', 'no such stack')).message).toBe(
      'stack-unknown: no such stack',
    );
    expect(refusalOf(new TypeError('a defect'))).toMatchObject({
      success: false,
      message: expect.stringMatching(/^internal: /) as string,
    });
  });
});
