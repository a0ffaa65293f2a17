import { describe, expect, it } from 'vitest';
import { dependencyProbe } from './dependency-probe.js';
import { phrase } from './phrase.js';
import { ProbeRegistry } from './probe-registry.js';
import { targetOf, within } from './probe-target.fixture.js';
import { processProbe } from './process-probe.js';

const probes = new ProbeRegistry().add(processProbe).add(dependencyProbe);

describe('process', () => {
  it.each([
    [{}, undefined, true, '1 process alive'],
    [{}, 'video.py', true, 'video.py is alive, pid 41'],
    [{}, 'ffmpeg', false, 'no process ffmpeg among 1 process'],
    [{ processes: [] }, undefined, false, 'rovi-video.service has no processes'],
    [{ active: false }, undefined, false, 'rovi-video.service is not active'],
    [{ active: null }, undefined, null, 'systemd cannot be asked about rovi-video.service'],
    [{ processes: null }, undefined, null, 'its processes have not been read yet'],
  ] as const)('%o with %s is %s', async (change, process, ok, text) => {
    const kind = { type: 'process' as const, ...(process === undefined ? {} : { process }) };
    expect(await probes.probe(kind, targetOf(change), within(100))).toMatchObject({ ok, text });
  });
});

it.each([
  [true, true, 'bus is ready'],
  [false, false, 'bus is not ready'],
  [null, null, 'it is not known whether bus is ready'],
] as const)('dependency that is ready: %s is %s', async (ready, ok, text) => {
  const target = targetOf({ isReady: (name) => (name === 'bus' ? ready : null) });
  expect(await probes.probe({ type: 'dependency', service: 'bus' }, target, within(100))).toMatchObject({
    ok,
    text,
  });
});

describe('the registry', () => {
  it('says of a kind that it does not have that it has none', async () => {
    expect(await new ProbeRegistry().probe({ type: 'process' }, targetOf(), within(100))).toEqual({
      ok: null,
      text: 'this gateway has no probe of type process',
      figures: {},
    });
  });

  it('takes a kind of its user, and a defect in it for no look at all', async () => {
    const own = new ProbeRegistry().add({ type: 'process', look: () => Promise.reject(new Error('oh\nno')) });
    expect(await own.probe({ type: 'process' }, targetOf(), within(100))).toEqual({
      ok: null,
      text: 'the probe failed: oh no',
      figures: {},
    });
  });

  it('gives texts of one line that command no terminal', () => {
    expect(phrase('a\r\n\u001b]0;title\u0007b\u202egnp')).toBe('a ]0;title b gnp');
    expect([...phrase('\u{1f600}'.repeat(300))]).toHaveLength(200);
  });
});
