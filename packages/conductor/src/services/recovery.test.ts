import { RoviError } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { modelConductor } from '../model-conductor.fixture.js';

const request = {
  actor: { name: 'olga', face: 'cli', verified: true },
  origin: { transport: 'unix', peer: null, via: 'socket', role: 'operator' },
  reason: 'after the storm',
} as const;
const NAV = 'rovi-nav.service';

async function robot() {
  const made = await modelConductor(['nav', 'teleop']);
  const recovered = async () => {
    const done = made.conductor.recover(request);
    await made.clock.advance(100);
    return done;
  };
  return { ...made, recovered };
}

describe('a recovery', () => {
  it('has nothing to do on a robot that is well', async () => {
    const { recovered, audit } = await robot();
    expect(await recovered()).toEqual({
      reset: [],
      refused: [],
      supervision: [],
      changes: [],
      message: 'nothing was to be set right',
    });
    expect(audit).toMatchObject([{ command: 'recover', decision: 'accepted', reason: 'after the storm' }]);
  });

  it('has failures forgotten, and tells what is different', async () => {
    const { recovered, model, conductor, through, clock } = await robot();
    await through('start', 'nav');
    model.crash(NAV);
    await clock.advance(1_000);
    const told: unknown[] = [];
    conductor.subscribe((event) => event.type === 'incident' && told.push(event.incident));
    expect(await recovered()).toMatchObject({
      reset: [NAV],
      refused: [],
      changes: ['nav: FAILED, now STOPPED'],
      message: `the failures of ${NAV} are forgotten`,
    });
    expect(told).toMatchObject([{ type: 'recovery', data: { reset: [NAV] } }]);
    expect(model.alive()).toEqual([]);
  });

  it('says what an admin does where polkit does not let it', async () => {
    const { recovered, model, through, clock } = await robot();
    await through('start', 'nav');
    model.crash(NAV);
    await clock.advance(1_000);
    model.resetFailed = () => Promise.reject(new RoviError('not-authorized', 'polkit said no'));
    expect(await recovered()).toMatchObject({
      reset: [],
      refused: [{ unit: NAV, message: `an admin: systemctl reset-failed ${NAV}` }],
      message: `${NAV} could not be reset`,
    });
  });
});
