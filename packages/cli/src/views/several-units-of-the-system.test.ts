import { sampleService } from '@rovi/contract/sample-service';
import pc from 'picocolors';
import { expect, it } from 'vitest';
import { hostStatesText } from './host-states.js';
import { sampleSnapshot, sampleUnitImpact } from './sample-state.js';
import { severalImpactText } from './several-impact.js';

const colour = pc.createColors(false);

it('says what ends with a unit of the system that Rovi does not know of, and on which robots', () => {
  const hits = ['yard', 'hall'].map((host) => ({ host, robot: host, impact: sampleUnitImpact }));
  hits.push({
    host: 'dock',
    robot: 'dock',
    impact: { ...sampleUnitImpact, affects: [], beyond: [], text: 'nothing' },
  });
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
