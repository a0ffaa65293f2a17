import { expect, it } from 'vitest';
import { UsageError } from '../verb.js';
import { fleetCommandOf } from './command-words.js';

it('reads the words that mean a command', () => {
  expect(fleetCommandOf(['stack', 'switch', 'nav'])).toEqual({ kind: 'switch', stack: 'nav' });
  expect(fleetCommandOf(['service', 'stop', 'api'])).toEqual({ kind: 'service-stop', service: 'api' });
  expect(fleetCommandOf(['service', 'rolling-restart', 'api'])).toEqual({
    kind: 'service-rolling-restart',
    service: 'api',
  });
  expect(fleetCommandOf(['stop-all'])).toEqual({ kind: 'stop-all' });
  expect(fleetCommandOf(['estop'])).toEqual({ kind: 'estop' });
});

it('a rolling restart of a service is one instance at a time too; of anything else it is what it is', () => {
  expect(fleetCommandOf(['service', 'restart', 'api'], { rolling: true }).kind).toBe(
    'service-rolling-restart',
  );
  expect(fleetCommandOf(['service', 'start', 'api'], { rolling: true }).kind).toBe('service-start');
  expect(fleetCommandOf(['stack', 'restart', 'nav'], { rolling: true }).kind).toBe('restart');
});

it.each([
  [[]],
  [['stack']],
  [['stack', 'start']],
  [['stack', 'rolling-restart', 'nav']],
  [['stack', 'start', 'nav', 'teleop']],
  [['stack', 'start', '../nav']],
  [['service', 'switch', 'api']],
  [['service', 'constructor', 'api']],
  [['stop-all', 'nav']],
  [['start', 'nav']],
])('refuses %j, which means none', (words) => {
  expect(() => fleetCommandOf(words)).toThrow(UsageError);
});
