import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageMeter } from './usage-meter.js';

/** A unit that uses half a core, on a clock of the test's own. */
function half() {
  const state = { now: 0, reads: 0, cpu: (ms: number): number | null => ms / 2000 };
  const meter = new UsageMeter(
    () => {
      state.reads += 1;
      return Promise.resolve({ cpu_seconds: state.cpu(state.now), memory_bytes: 5, source: 'cgroup' });
    },
    () => state.now,
  );
  const at = (ms: number, run = 'a') => {
    state.now = ms;
    return meter.of('rovi-nav.service', run);
  };
  return { state, at, meter };
}

describe('UsageMeter', () => {
  it('has no percentage at first, and one a second later', async () => {
    const { at } = half();
    expect(await at(0)).toEqual({ cpu_percent: null, memory_bytes: 5 });
    expect(await at(999)).toMatchObject({ cpu_percent: null });
    expect(await at(1400)).toMatchObject({ cpu_percent: 50 });
  });

  it('never counts over less than a second, whoever asks when, and never over half a minute', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.nat(50), fc.nat(3000), fc.nat(60_000)), { minLength: 2, maxLength: 60 }),
        async (pauses) => {
          const { state, at } = half();
          // What was used up to a moment is the moment itself squared: a percentage tells its own window.
          state.cpu = (ms) => (ms / 1000) ** 2;
          let now = 0;
          for (const pause of pauses) {
            now += pause;
            const looks = state.reads;
            const { cpu_percent: percent } = await at(now);
            if (percent === null || state.reads === looks) continue;
            // (b² − a²) / (b − a) = a + b, so that the window b − a is 2b − (a + b).
            const window = 2 * (now / 1000) - percent / 100;
            expect(window).toBeGreaterThanOrEqual(0.99);
            expect(window).toBeLessThanOrEqual(31);
          }
        },
      ),
    );
  });

  it('looks once for many who ask at once, and not again for those who come right after', async () => {
    const { state, meter } = half();
    await Promise.all(Array.from({ length: 50 }, () => meter.of('rovi-nav.service', 'a')));
    state.now = 300;
    await meter.of('rovi-nav.service', 'a');
    expect(state.reads).toBe(1);
  });

  it('begins anew with another run, and where the figure shrank', async () => {
    const { state, at } = half();
    await at(0);
    expect((await at(1500)).cpu_percent).toBe(50);
    expect((await at(3000, 'b')).cpu_percent).toBeNull();
    expect((await at(4500, 'b')).cpu_percent).toBe(50);
    state.cpu = () => 0.1;
    expect((await at(6000, 'b')).cpu_percent).toBeNull();
    expect((await at(7500, 'b')).cpu_percent).toBe(0);
  });

  it('has nothing of what cannot be read', async () => {
    const { state, at } = half();
    state.cpu = () => null;
    await at(0);
    expect(await at(2000)).toEqual({ cpu_percent: null, memory_bytes: 5 });
    const away = new UsageMeter(() => Promise.reject(new Error('gone')));
    expect(await away.of('x', null)).toEqual({ cpu_percent: null, memory_bytes: null });
  });
});
