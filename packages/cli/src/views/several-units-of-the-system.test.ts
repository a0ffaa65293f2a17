import type { Impact } from '@rovi/contract';
import { sampleService } from '@rovi/contract/sample-service';
import pc from 'picocolors';
import { expect, it } from 'vitest';
import { hostStatesText } from './host-states.js';
import { sampleSnapshot } from './sample-state.js';
import { severalImpactText } from './several-impact.js';

const colour = pc.createColors(false);

const impact: Impact = {
  command: 'stop',
  stack: null,
  service: 'engine',
  at: '2026-03-01T12:00:00.000Z',
  affects: [
    {
      name: 'engine',
      unit: 'podman.service',
      effect: 'stops',
      state: 'RUNNING',
      level: 'ok',
      text: 'running',
      invocation_id: 'ab',
      since: null,
      processes: 1,
    },
  ],
  waves: [{ effect: 'stops', units: ['podman.service'] }],
  confirm: true,
  beyond: ['all containers'],
  refusal: null,
  text: 'stops podman.service (running); affects all containers',
  token: 'x',
};

it('says what ends with a unit of the system that Rovi does not know of, and on which robots', () => {
  const hits = ['yard', 'hall'].map((host) => ({ host, robot: host, impact }));
  hits.push({ host: 'dock', robot: 'dock', impact: { ...impact, affects: [], beyond: [], text: 'nothing' } });
  expect(severalImpactText('stop engine on 3 robots', hits, { now: 0, colour })).toMatch(
    /^stop engine on 3 robots: stops 2 units on 2 robots; affects all containers on yard, hall\n/,
  );
});

it('names a critical unit that is down among what is not well', () => {
  const engine = sampleService('engine', {
    critical: true,
    managed: 'system',
    state: 'STOPPED',
    text: 'stopped',
  });
  const shown = (service: typeof engine) => {
    const answer = sampleSnapshot({ services: [service] });
    return hostStatesText([{ host: 'yard', robot: 'rovi', answer, problem: null }], { colour, width: 200 });
  };
  expect(shown(engine)).toMatch(/ nav +engine +/);
  expect(shown({ ...engine, critical: false })).toMatch(/ nav +none +/);
});
