import { driveParamsSchema, noParamsSchema, paramsJsonSchema, stackTicketParamsSchema } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { boundsText, fieldsOf, readNumber, readParams } from './params-fields.js';

const drive = fieldsOf(paramsJsonSchema(driveParamsSchema));

describe('fieldsOf', () => {
  it('has the params of the real commands with units and bounds', () => {
    expect(drive.map(({ name, label, kind, unit, required }) => [name, label, kind, unit, required])).toEqual(
      [
        ['speed', 'Speed', 'number', 'm/s', true],
        ['direction', 'Direction', 'number', '°', false],
        ['duration_seconds', 'Duration', 'number', 's', true],
      ],
    );
    expect(drive.map(boundsText)).toEqual(['more than 0 m/s', 'from -360 to 360°', 'at least 0.05 s']);
    expect(fieldsOf(paramsJsonSchema(noParamsSchema))).toEqual([]);
    expect(fieldsOf(paramsJsonSchema(stackTicketParamsSchema))).toMatchObject([
      { name: 'stack', kind: 'text', required: true, unit: '' },
    ]);
  });

  it('has what the catalog allows', () => {
    const limits = {
      speed: { maximum: 0.6 },
      direction: { multipleOf: 180 },
      duration_seconds: { maximum: 9 },
    };
    const fields = fieldsOf(paramsJsonSchema(driveParamsSchema, limits));
    expect(fields.map(boundsText)).toEqual([
      'more than 0 m/s, at most 0.6 m/s',
      'a multiple of 180°, from -360 to 360°',
      'from 0.05 to 9 s',
    ]);
    const texts = { speed: '0,61', direction: '90', duration_seconds: '9' };
    expect(readParams(fields, texts).faults).toEqual({
      speed: 'It must be more than 0 m/s, at most 0.6 m/s.',
      direction: 'It must be a multiple of 180°, from -360 to 360°.',
    });
    expect(readParams(fields, { ...texts, speed: '0,6', direction: '-180' }).faults).toEqual({});
    const [stack] = fieldsOf(
      paramsJsonSchema(stackTicketParamsSchema, { stack: { enum: ['nav', 'teleop'] } }),
    );
    expect(stack).toMatchObject({ kind: 'choice', choices: ['nav', 'teleop'], required: true, initial: '' });
  });

  it('has other kinds, too, and JSON for what it does not know', () => {
    const fields = fieldsOf({
      properties: {
        mode: { enum: ['slow', 'fast'], default: 'slow' },
        count: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
        loud: { type: 'boolean', default: false },
        points: { type: 'array' },
      },
      required: ['mode', 'points'],
    });
    expect(fields.map(({ name, kind, required, initial }) => [name, kind, required, initial])).toEqual([
      ['mode', 'choice', false, 'slow'],
      ['count', 'integer', false, ''],
      ['loud', 'flag', false, 'false'],
      ['points', 'json', true, ''],
    ]);
    expect(fields.map(boundsText)).toEqual(['', 'at least 1', '', '']);
    const texts = { count: '2', loud: 'true', points: '[1, 2]' };
    expect(readParams(fields, texts)).toEqual({
      params: { mode: 'slow', count: 2, loud: true, points: [1, 2] },
      faults: {},
    });
    expect(readParams(fields, { count: '1.5', points: '[1' }).faults).toEqual({
      count: 'A whole number is needed.',
      points: 'JSON is needed.',
    });
  });
});

describe('readParams', () => {
  it('reads what was entered, has defaults for what was not touched, and leaves out what was emptied', () => {
    const entered = { speed: ' 1,5 ', duration_seconds: '2' };
    expect(readParams(drive, entered)).toEqual({
      params: { speed: 1.5, direction: 0, duration_seconds: 2 },
      faults: {},
    });
    expect(readParams(drive, { ...entered, direction: '' }).params).toEqual({
      speed: 1.5,
      duration_seconds: 2,
    });
  });

  it('says what is wrong, at its place', () => {
    expect(readParams(drive, { speed: '0', direction: '400', duration_seconds: '' }).faults).toEqual({
      speed: 'It must be more than 0 m/s.',
      direction: 'It must be from -360 to 360°.',
      duration_seconds: 'Needed.',
    });
    expect(readParams(drive, { speed: 'fast', duration_seconds: '0.04' }).faults).toEqual({
      speed: 'A number is needed.',
      duration_seconds: 'It must be at least 0.05 s.',
    });
  });
});

describe('readNumber', () => {
  it.each(['', ' ', '1e400', 'NaN', 'Infinity', '0x10', '1.2.3', '1,000.5', '--1', 'e5', '.'])(
    'takes %j for none',
    (text) => expect(readNumber(text)).toBeNull(),
  );

  it('takes what people write', () => {
    expect(['1', '-1.5', '+2', '.5', '2.', '1e-2', '0,25'].map(readNumber)).toEqual([
      1, -1.5, 2, 0.5, 2, 0.01, 0.25,
    ]);
  });
});
