import { RoviError } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { modelConductor } from './model-conductor.fixture.js';

const actor = { name: 'olga', face: 'cli', verified: true } as const;
const origin = { transport: 'unix', peer: null, via: 'socket', role: 'operator' } as const;
const NAV = 'rovi-nav.service';

async function robot() {
  const made = await modelConductor(['nav', 'teleop']);
  const maintain = (target: string | null) =>
    made.conductor.maintain({ target, reason: 'new wheels', until: null }, { actor, origin, reason: '' });
  const end = (target: string | null) => made.conductor.endMaintenance(target, { actor, origin, reason: '' });
  return { ...made, maintain, end };
}

function refusal(work: () => unknown): RoviError {
  try {
    work();
  } catch (error) {
    if (error instanceof RoviError) return error;
  }
  throw new Error('not refused');
}

describe('a stack in maintenance', () => {
  it('is not started, restarted or switched to, and the refusal names who, why and until when', async () => {
    const { run, maintain, model, conductor, through, end } = await robot();
    await maintain('nav');
    for (const kind of ['start', 'restart', 'switch'] as const) {
      expect(refusal(() => run(kind, 'nav'))).toMatchObject({
        code: 'in-maintenance',
        message: expect.stringMatching(/^nav is in maintenance since .* by olga, .*: new wheels$/) as string,
      });
    }
    expect(model.sent).toEqual([]);
    expect(conductor.snapshot()).toMatchObject({
      maintenance: [{ target: 'nav' }],
      stacks: [{ state: 'MAINTENANCE', verdict: { level: 'ok' } }, { state: 'STOPPED' }],
    });
    expect((await through('start', 'teleop')).outcome).toBe('succeeded');
    await end('nav');
    expect((await through('switch', 'nav')).outcome).toBe('succeeded');
  });

  it('goes on while it runs, and is stopped like any other', async () => {
    const { maintain, through, conductor } = await robot();
    await through('start', 'nav');
    await maintain(null);
    expect(conductor.snapshot().stacks[0]).toMatchObject({ state: 'RUNNING' });
    expect((await through('stop', 'nav')).outcome).toBe('succeeded');
    expect(conductor.snapshot().stacks[0]).toMatchObject({ state: 'MAINTENANCE' });
  });

  it('with the robot in maintenance no stack starts', async () => {
    const { maintain, run } = await robot();
    await maintain(null);
    expect(refusal(() => run('start', 'teleop')).message).toMatch(/^the robot is in maintenance/);
  });

  it('is found out where the mark was set past the conductor: systemd refuses, and the reason is told', async () => {
    const { model, maintenanceMarks, through } = await robot();
    model.marked.add(NAV);
    expect((await through('start', 'nav')).problem).toMatchObject({ code: 'start-skipped' });
    maintenanceMarks.marks.set('nav', 'do not touch');
    expect((await through('start', 'nav')).problem).toMatchObject({
      code: 'in-maintenance',
      message: expect.stringContaining('do not touch') as string,
    });
    await expect(through('start', 'nav')).rejects.toMatchObject({ code: 'in-maintenance' });
  });

  it('is told as events, and written down with who did it', async () => {
    const { conductor, maintain, end, audit } = await robot();
    const told: string[] = [];
    conductor.subscribe(({ type }) => told.push(type));
    await maintain('nav');
    expect(told).toEqual(['stack', 'maintenance', 'incident']);
    await end('nav');
    await end('nav').catch(() => undefined);
    expect(
      audit.map(({ command, target, decision, code, reason }) => [command, target, decision, code, reason]),
    ).toEqual([
      ['maintain', 'nav', 'accepted', null, 'new wheels'],
      ['end-maintenance', 'nav', 'accepted', null, ''],
      ['end-maintenance', 'nav', 'refused', 'not-found', ''],
    ]);
  });
});
