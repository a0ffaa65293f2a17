import { describe, expect, it } from 'vitest';
import { UnitRecord, unitRow } from './unit-record.js';

const variant = (signature: string, value: unknown) => ({ signature, value });

describe('UnitRecord', () => {
  it('begins as a unit that does not exist', () => {
    expect(new UnitRecord('a.service').reading).toMatchObject({
      loadState: 'not-found',
      activeState: 'inactive',
      invocationId: null,
      conditionResult: true,
    });
  });

  it('takes a condition that was never looked at for met, in whatever order the properties come', () => {
    const record = new UnitRecord('a.service');
    record.merge({ ConditionResult: variant('b', false), ConditionTimestamp: variant('t', 0n) });
    expect(record.reading.conditionResult).toBe(true);
    record.merge({ ConditionResult: variant('b', false), ConditionTimestamp: variant('t', 7n) });
    expect(record.reading.conditionResult).toBe(false);
    record.merge({ ConditionTimestamp: variant('t', 8n), ConditionResult: variant('b', true) });
    expect(record.reading.conditionResult).toBe(true);
  });

  it('keeps the last invocation when systemd has forgotten it', () => {
    const record = new UnitRecord('a.service');
    record.merge({ InvocationID: variant('ay', Buffer.alloc(16, 0xab)) });
    record.merge({ InvocationID: variant('ay', Buffer.alloc(0)) });
    record.forgetRun();
    expect(record.reading.invocationId).toBe('ab'.repeat(16));
  });

  describe('of a unit that systemd has unloaded', () => {
    const id = (byte: number) => ({ InvocationID: variant('ay', Buffer.alloc(byte === 0 ? 0 : 16, byte)) });
    const end = (code: number, status: number, result: string) => ({
      Result: variant('s', result),
      ExecMainCode: variant('i', code),
      ExecMainStatus: variant('i', status),
    });
    const ended = (): UnitRecord => {
      const record = new UnitRecord('a.service');
      record.merge({ ...end(1, 7, 'success'), ...id(0xab) });
      record.merge(id(0));
      record.merge(end(0, 0, 'success'));
      return record;
    };

    it('knows how the last run ended, though systemd says that there was none', () => {
      expect(ended().reading).toMatchObject({ execMainCode: 1, execMainStatus: 7, result: 'success' });
    });

    it('knows nothing more of it once there is a new run, in whatever order it is told', () => {
      const record = ended();
      record.merge(end(0, 0, 'success'));
      record.merge(id(0xcd));
      expect(record.reading).toMatchObject({
        execMainCode: 0,
        execMainStatus: 0,
        invocationId: 'cd'.repeat(16),
      });
      const quick = ended();
      quick.merge(end(1, 3, 'exit-code'));
      quick.merge(id(0xcd));
      expect(quick.reading).toMatchObject({ execMainCode: 1, execMainStatus: 3, result: 'exit-code' });
    });

    it('is not taken for one that never ran, where it was unloaded between two answers', () => {
      const record = new UnitRecord('a.service');
      record.merge({ ...end(1, 7, 'exit-code'), ...id(0xab) });
      record.mergeAnswer('InvocationID', variant('ay', Buffer.alloc(16, 0xab)));
      record.mergeAnswer('Result', variant('s', 'success'));
      record.mergeAnswer('ExecMainCode', variant('i', 0));
      record.mergeAnswer('ExecMainStatus', variant('i', 0));
      expect(record.reading).toMatchObject({ execMainCode: 1, execMainStatus: 7, result: 'exit-code' });
      // What systemd tells of itself holds, and what it answers of another run.
      record.merge({ Result: variant('s', 'success') });
      expect(record.reading.result).toBe('success');
      record.mergeAnswer('InvocationID', variant('ay', Buffer.alloc(16, 0xcd)));
      record.mergeAnswer('ExecMainCode', variant('i', 0));
      record.mergeAnswer('ExecMainStatus', variant('i', 0));
      expect(record.reading).toMatchObject({ execMainCode: 0, execMainStatus: 0, result: 'success' });
    });

    it('hears of a start that was refused', () => {
      const record = ended();
      record.merge(end(0, 0, 'start-limit-hit'));
      expect(record.reading.result).toBe('start-limit-hit');
    });
  });

  it('keeps the type of a job while its number stays', () => {
    const record = new UnitRecord('a.service');
    record.merge({ Job: variant('(uo)', [5, '/org/freedesktop/systemd1/job/5']) });
    expect(record.reading.job).toEqual({ id: 5, type: 'unknown' });
    expect(record.setJobType(4, 'stop')).toBe(false);
    expect(record.setJobType(5, 'start')).toBe(true);
    record.merge({ Job: variant('(uo)', [5, '/org/freedesktop/systemd1/job/5']) });
    expect(record.reading.job).toEqual({ id: 5, type: 'start' });
    record.merge({ Job: variant('(uo)', [0, '/']) });
    expect(record.reading.job).toBeNull();
  });

  it('an inactive row has no main process, but is no proof that its control group is empty', () => {
    const record = new UnitRecord('a.service');
    record.merge({ MainPID: variant('u', 9), ControlGroup: variant('s', '/x.slice/a.service') });
    record.mergeRow(unitRow(['a.service', '', 'loaded', 'inactive', 'dead', '', '/', 0, '', '/']));
    expect(record.reading).toMatchObject({ mainPid: null, controlGroup: '/x.slice/a.service', job: null });
    expect(record.lastGroup).toBe('/x.slice/a.service');
  });
});
