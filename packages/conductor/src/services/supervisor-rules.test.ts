import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LOOP, maintained, supervised } from './supervisor-rig.fixture.js';

const VIDEO = 'rovi-video.service';

/** Anything that may happen to a service, and for how long nothing else does. */
const happening = fc.record({
  kind: fc.constantFrom(
    'start',
    'stop',
    'command-start',
    'command-stop',
    'crash',
    'reset',
    'crashes-soon',
    'crashes-late',
    'lives',
    'clean',
    'unhealthy',
    'healthy',
    'maintenance',
    'no-maintenance',
    'mark',
    'no-mark',
    'kill-gateway',
    'lose-bus',
    'find-bus',
  ),
  wait: fc.oneof(fc.constantFrom(0, 1, 10, 99, 100, 101, 1_000), fc.integer({ min: 0, max: 60_000 })),
});
type Happening = ReturnType<typeof happening.generate>['value'];
type Rig = Awaited<ReturnType<typeof supervised>>;

async function happens(rig: Rig, { kind, wait }: Happening): Promise<void> {
  const { units, supervisor, clock } = rig;
  switch (kind) {
    case 'start':
      void units.systemctlStart(VIDEO);
      break;
    case 'stop':
      void units.systemctlStop(VIDEO);
      break;
    case 'command-start':
      supervisor.commanded('video');
      void units.systemctlStart(VIDEO);
      break;
    case 'command-stop':
      supervisor.commanded('video');
      void units.systemctlStop(VIDEO);
      break;
    case 'crash':
      units.crash(VIDEO);
      break;
    case 'reset':
      units.systemctlReset(VIDEO);
      break;
    case 'crashes-soon':
      units.behave(VIDEO, 20);
      break;
    case 'crashes-late':
      units.behave(VIDEO, 9_000);
      break;
    case 'lives':
      units.behave(VIDEO, null);
      break;
    case 'clean':
      units.behave(VIDEO, 'clean');
      break;
    case 'unhealthy':
    case 'healthy':
      rig.healthIs(kind);
      break;
    case 'maintenance':
      rig.maintenance = maintained;
      break;
    case 'no-maintenance':
      rig.maintenance = null;
      break;
    case 'mark':
      units.marked.add(VIDEO);
      break;
    case 'no-mark':
      units.marked.clear();
      break;
    case 'kill-gateway':
      await rig.kill();
      await rig.gateway();
      break;
    case 'lose-bus':
      units.loseBus();
      break;
    case 'find-bus':
      units.findBus();
  }
  await clock.advance(wait);
}

/** The automatic starts since somebody last decided anything, or it ran for the window. */
it('never tries more often than the catalog has it, whatever happens', async () => {
  const automatic: Happening['kind'][] = [
    'crash',
    'crashes-soon',
    'crashes-late',
    'unhealthy',
    'maintenance',
    'no-maintenance',
    'mark',
    'no-mark',
    'kill-gateway',
    'lose-bus',
    'find-bus',
  ];
  const step = happening.filter(({ kind }) => automatic.includes(kind));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const rig = await supervised();
      rig.units.behave(VIDEO, 20);
      void rig.units.systemctlStart(VIDEO);
      await rig.clock.advance(1_000);
      for (const each of steps) await happens(rig, each);
      await rig.clock.advance(1_000);
      // Nobody helped it, and no run of it lasts for the window.
      const starts = rig.units.sent.filter(({ verb }) => verb === 'start').length;
      expect(starts).toBeLessThanOrEqual(LOOP.tries + 2);
    }),
    { numRuns: 300 },
  );
});

it('sends nothing in maintenance', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 30 }), async (steps) => {
      const rig = await supervised();
      rig.units.behave(VIDEO, 20);
      for (const each of steps) {
        const held = rig.maintenance !== null;
        const before = rig.units.sent.length;
        await happens(rig, each);
        if (held && rig.maintenance !== null) expect(rig.units.sent.slice(before)).toEqual([]);
      }
    }),
    { numRuns: 300 },
  );
});

it('sends nothing after a stop, of an operator or past the conductor, until somebody starts it', async () => {
  const idle: Happening['kind'][] = ['start', 'command-start'];
  const step = happening.filter(({ kind }) => !idle.includes(kind));
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { maxLength: 20 }),
      fc.array(step, { maxLength: 15 }),
      fc.boolean(),
      async (before, after, past) => {
        const rig = await supervised();
        rig.units.behave(VIDEO, 20);
        for (const each of before) await happens(rig, each);
        // No command is accepted without a bus.
        rig.units.findBus();
        await rig.clock.advance(0);
        if (!past) rig.supervisor.commanded('video');
        void rig.units.systemctlStop(VIDEO);
        const sent = rig.units.sent.length;
        for (const each of after) await happens(rig, each);
        await rig.clock.advance(100_000);
        expect(rig.units.sent.slice(sent)).toEqual([]);
      },
    ),
    { numRuns: 300 },
  );
});

it('sends nothing after it gave up, until somebody commands it', async () => {
  const idle: Happening['kind'][] = ['start', 'command-start', 'command-stop', 'reset', 'stop'];
  const step = happening.filter(({ kind }) => !idle.includes(kind));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (after) => {
      const rig = await supervised();
      rig.units.behave(VIDEO, 20);
      void rig.units.systemctlStart(VIDEO);
      await rig.clock.advance(200_000);
      expect(rig.view().supervision.phase).toBe('gave-up');
      const sent = rig.units.sent.length;
      for (const each of after) await happens(rig, each);
      await rig.clock.advance(100_000);
      expect(rig.units.sent.slice(sent)).toEqual([]);
      expect(rig.view().supervision.phase).toBe('gave-up');
    }),
    { numRuns: 200 },
  );
});

it('counts every end once, also across gateways: the counters never go down and never pass the truth', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 40 }), async (steps) => {
      const rig = await supervised();
      rig.units.behave(VIDEO, 20);
      let last = rig.view();
      for (const each of steps) {
        // Saved within a second.
        if (each.kind === 'kill-gateway') await rig.clock.advance(1_000);
        await happens(rig, each);
        const now = rig.view();
        expect(now.crashes).toBeGreaterThanOrEqual(last.crashes);
        expect(now.restarts).toBeGreaterThanOrEqual(last.restarts);
        expect(now.crashes).toBeLessThanOrEqual(rig.units.crashes);
        last = now;
      }
    }),
    { numRuns: 300 },
  );
});

it('counts all of them while it looks', async () => {
  const away: Happening['kind'][] = ['kill-gateway', 'lose-bus', 'clean'];
  const step = happening.filter(({ kind }) => !away.includes(kind));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const rig = await supervised();
      rig.units.behave(VIDEO, 20);
      for (const each of steps) await happens(rig, each);
      expect(rig.view().crashes).toBe(rig.units.crashes);
    }),
    { numRuns: 200 },
  );
});
