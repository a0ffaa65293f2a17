import { describe, expect, it } from 'vitest';
import { deskRig } from './desk-rig.fixture.js';

const paramOf = (rig: Awaited<ReturnType<typeof deskRig>>, command: string, param: string): unknown => {
  const found = rig.desk.commands.find(({ name }) => name === command);
  return (found?.params['properties'] as Readonly<Record<string, unknown>>)[param];
};

describe('what a client is told of params', () => {
  it('has the limits of the catalog beside those of the command', async () => {
    const rig = await deskRig({ drive: { max_speed: 0.6, max_duration: 9, holonomic: false } });
    expect(paramOf(rig, 'drive', 'speed')).toMatchObject({ exclusiveMinimum: 0, maximum: 0.6 });
    expect(paramOf(rig, 'drive', 'duration_seconds')).toMatchObject({ minimum: 0.05, maximum: 9 });
    expect(paramOf(rig, 'drive', 'direction')).toMatchObject({ minimum: -360, multipleOf: 180 });
    // What is told is what is kept to.
    const drive = (params: Readonly<Record<string, number>>): Promise<string> =>
      rig.codeOf(
        rig.create({
          command: 'drive',
          params: { speed: 0.6, duration_seconds: 9, ...params },
          dry_run: true,
        }),
      );
    expect(await drive({ direction: -180 })).toBe('no error');
    for (const beyond of [{ speed: 0.61 }, { duration_seconds: 9.1 }, { direction: 90 }]) {
      expect(await drive(beyond)).toBe('ticket-invalid');
    }
  });

  it('has any direction for a base that has them, and the stacks by name', async () => {
    const rig = await deskRig();
    expect(paramOf(rig, 'drive', 'direction')).not.toHaveProperty('multipleOf');
    expect(paramOf(rig, 'stack.start', 'stack')).toMatchObject({
      enum: expect.arrayContaining(['nav', 'teleop']) as string[],
    });
  });
});
