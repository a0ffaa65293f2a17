/** Somebody stops a service that supervision has plans for, through Rovi or past it: nothing starts it again. */
import type { Supervision } from '@rovi/contract';
import { afterEach, expect, test } from 'vitest';
import { held, HeldServices, unit } from './held-services.js';

const looping = held({
  restart: 'on-failure',
  restart_delay: 0,
  // Long enough for what a story does in a cool-down.
  crash_loop: { starts: 2, window: 30, cooldown: 8, tries: 1 },
});
const ailing = held({
  restart: 'on-failure',
  health: [
    {
      probe: { type: 'command', command: ['/usr/bin/test', '!', '-e', '/run/rovi/sick-all'] },
      interval: 0.2,
      failures: 2,
    },
  ],
  on_unhealthy: { action: 'restart', attempts: 1, backoff: 2 },
});
const story = new HeldServices('stop-in-supervision', {
  stopped: looping,
  past: looping,
  begun: looping,
  tried: looping,
  calm: ailing,
  mended: ailing,
});
const { installed } = story;

function inPhase(name: string, ...phases: Supervision['phase'][]) {
  return story.shown(`${name} ${phases.join(' or ')}`, (all) =>
    all.some(
      (one) =>
        one.name === name && one.instances.some(({ supervision }) => phases.includes(supervision.phase)),
    ),
  );
}
async function loops(name: string): Promise<void> {
  await story.set(`bad-${name}-1`);
  await installed.systemctl(['start', unit(name)]);
  await inPhase(name, 'cooldown', 'trying', 'gave-up');
}

afterEach(() => story.rest());

test('in a cool-down: what was stopped, by the API or by systemctl, or was started, is not tried any more', async () => {
  await loops('stopped');
  await loops('past');
  await installed.api.stopService('stopped');
  await installed.systemctl(['stop', unit('past')]);
  await inPhase('past', 'watching');
  await loops('begun');
  await story.clear('bad-begun-1');
  await installed.systemctl(['reset-failed', unit('begun')]);
  await installed.systemctl(['start', unit('begun')]);
  await inPhase('begun', 'watching');
  const names = ['stopped', 'past', 'begun'];
  const runs = await Promise.all(names.map((name) => installed.run(unit(name))));
  await loops('tried');
  await inPhase('tried', 'gave-up');
  expect(await Promise.all(names.map((name) => installed.run(unit(name))))).toEqual(runs);
  for (const name of ['stopped', 'past'])
    expect((await story.service(name)).instances[0]?.supervision).toMatchObject({
      phase: 'watching',
      next_at: null,
    });
});

test('in the pause before a restart of what is unhealthy', async () => {
  await installed.api.startService('calm');
  await story.set('sick-all');
  await inPhase('calm', 'backoff', 'gave-up');
  await installed.api.stopService('calm');
  const run = await installed.run(unit('calm'));
  await installed.systemctl(['start', unit('mended')]);
  await inPhase('mended', 'gave-up');
  expect(await installed.run(unit('calm'))).toEqual(run);
  expect(await story.service('calm')).toMatchObject({ state: 'STOPPED', level: 'ok' });
});

installed.expectNoWarningsBut(
  /rovi-(stopped|past|begun|tried)\.service: (Main process exited|Failed with result|Start request repeated)/,
  /Failed to start rovi-(stopped|past|begun|tried)/,
);
