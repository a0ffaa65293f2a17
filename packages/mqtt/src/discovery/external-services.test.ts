import { discoveryEventSchema, externalServiceSchema } from '@rovi/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDiscovery } from './discovery-message.js';
import { ExternalServices, MOST_EXTERNAL } from './external-services.js';
import { healthWord } from './health-word.js';

const AT = '2026-01-02T03:04:05.000Z';
const event = (type: string, name: string, more: object = {}) =>
  discoveryEventSchema.parse({ event_type: type, service_data: { service_name: name, ...more } });

describe('folding', () => {
  it('keeps what was registered until it is unregistered, with its newest health', () => {
    const services = new ExternalServices();
    expect(
      services.take(event('service_registered', 'tts', { description: 'Speech', version: '1' }), AT),
    ).toBe('news');
    expect(services.take(event('service_health_changed', 'tts', { health_status: 'Unhealthy' }), AT)).toBe(
      'news',
    );
    const later = '2026-01-02T03:05:00.000Z';
    expect(
      services.take(event('service_registered', 'tts', { description: 'Speech', version: '1' }), later),
    ).toBe('seen');
    expect(services.list).toEqual([
      {
        name: 'tts',
        description: 'Speech',
        version: '1',
        health: 'unhealthy',
        registered_at: AT,
        last_seen: later,
      },
    ]);
    expect(services.take(event('service_unregistered', 'tts'), later)).toBe('news');
    expect(services.take(event('service_unregistered', 'tts'), later)).toBe('none');
    expect(services.list).toEqual([]);
  });

  it('ignores services of the catalog, and lets go of one that becomes one', () => {
    const services = new ExternalServices();
    services.take(event('service_registered', 'camera'), AT);
    expect(services.setOwn(new Set(['camera', 'lidar']))).toBe(true);
    expect(services.take(event('service_registered', 'lidar'), AT)).toBe('none');
    expect(services.list).toEqual([]);
  });

  it('is bounded, and those that are in stay in', () => {
    const services = new ExternalServices();
    for (let count = 0; count < MOST_EXTERNAL; count += 1) {
      expect(services.take(event('service_registered', `s${String(count)}`), AT)).toBe('news');
    }
    expect(services.take(event('service_registered', 'one-more'), AT)).toBe('full');
    expect(services.take(event('service_health_changed', 's0', { health_status: 'down' }), AT)).toBe('news');
    expect(services.list).toHaveLength(MOST_EXTERNAL);
  });

  it('any order of messages gives what a plain list of the last registrations gives', () => {
    const message = fc.record({
      type: fc.constantFrom('service_registered', 'service_unregistered', 'service_health_changed'),
      name: fc.constantFrom('a', 'b', 'own', '__proto__', 'constructor'),
      health: fc.option(fc.constantFrom('healthy', 'DOWN', 'toString', ''), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(message), (messages) => {
        const services = new ExternalServices();
        services.setOwn(new Set(['own']));
        const there = new Set<string>();
        for (const { type, name, health } of messages) {
          services.take(event(type, name, health === undefined ? {} : { health_status: health }), AT);
          if (type === 'service_unregistered') there.delete(name);
          else if (name !== 'own') there.add(name);
        }
        expect(services.list.map(({ name }) => name)).toEqual([...there].sort());
        for (const service of services.list) expect(externalServiceSchema.parse(service)).toEqual(service);
      }),
    );
  });
});

describe('reading', () => {
  it('never throws, and takes nothing that the schema does not', () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
      fc.json().map((inside) => Buffer.from(`{"event_type":"service_registered","service_data":${inside}}`)),
      fc
        .string({ unit: 'binary' })
        .map((name) =>
          Buffer.from(
            JSON.stringify({ event_type: 'service_registered', service_data: { service_name: name } }),
          ),
        ),
    );
    fc.assert(
      fc.property(hostile, (payload) => {
        const read = readDiscovery(payload);
        if (typeof read === 'string') return;
        expect(discoveryEventSchema.parse(read)).toEqual(read);
        // eslint-disable-next-line no-control-regex
        expect(read.service_data.service_name).toMatch(/^[^\u0000-\u001f\u007f-\u009f]+$/);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['too large', Buffer.alloc(16_385, 'a'), /16385 bytes/],
    ['no JSON', Buffer.from('{'), /not JSON/],
    ['deeply nested', Buffer.from('['.repeat(16_000)), /not JSON/],
    [
      'another event',
      Buffer.from('{"event_type":"rm -rf","service_data":{"service_name":"x"}}'),
      /event_type/,
    ],
  ])('says why it does not take what is %s', (_, payload, why) => {
    expect(readDiscovery(payload)).toMatch(why);
  });
});

it.each([
  ['Healthy', 'healthy'],
  [' DEGRADED ', 'degraded'],
  ['critical', 'unhealthy'],
  ['purple', 'unknown'],
  ['constructor', 'unknown'],
  [undefined, 'unknown'],
])('health %j is %s', (said, word) => {
  expect(healthWord(said)).toBe(word);
});
