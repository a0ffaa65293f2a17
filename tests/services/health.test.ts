import { setTimeout as delay } from 'node:timers/promises';
import type { CheckStatus, InstanceHealth, RoviEvent } from '@rovi/contract';
import { parse, stringify } from 'yaml';
import { afterAll, expect, test } from 'vitest';
import { InstalledRobot, shippedCatalog } from '../installed-robot.js';

const WEB = 'rovi-web.service';
const INTERVAL = 0.5;
const TIMEOUT = 1;
const FAILURES = 3;
/** Seconds until a service that hangs is called unhealthy: it hangs just after a look, and each look takes its timeout. */
const BOUND = FAILURES * (INTERVAL + TIMEOUT);
/** Services beside it, whose looks must go on as before. */
const OTHERS = Array.from({ length: 12 }, (_, index) => `other${index + 1}`);

/** Answers /health, from the port that it is told. */
const SERVER = `
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status": "healthy"}')
    def log_message(self, *words): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
`;

const looked = (probe: object, more: object = {}): object => ({
  probe,
  interval: INTERVAL,
  timeout: TIMEOUT,
  failures: FAILURES,
  ...more,
});
const sleeper = (health: readonly object[]): object => ({
  description: 'sleeps',
  command: ['/usr/bin/sleep', 'infinity'],
  health,
});

const rovi = new InstalledRobot('health', {
  prepare: (robot) => robot.writeFile('/opt/web.py', SERVER),
  catalog: stringify({
    ...(parse(shippedCatalog()) as object),
    services: {
      web: {
        description: 'Web',
        command: ['/usr/bin/python3', '/opt/web.py', '8123'],
        ports: [{ name: 'api', port: 8123 }],
        health: [looked({ type: 'http', port: 'api', path: '/health', body: '"healthy"' })],
      },
      ...Object.fromEntries(
        OTHERS.map((name) => [name, sleeper([looked({ type: 'process', process: 'sleep' })])]),
      ),
      kinds: sleeper([
        looked({ type: 'tcp', port: 8123 }),
        looked({ type: 'command', command: ['/bin/sh', '-c', 'echo $ROVI_UNIT; exit 7'] }, { failures: 1 }),
        looked({ type: 'dependency', service: 'web' }),
        looked({ type: 'i2c', bus: 251 }, { timeout: 5 }),
        looked({ type: 'ros' }),
      ]),
    },
  }),
});

/** What the gateway tells, for as long as the file's tests run. */
const incidents: string[] = [];
const ear = new AbortController();
afterAll(() => ear.abort());

async function hear(events: AsyncIterable<RoviEvent>): Promise<void> {
  for await (const event of events) {
    if (event.type === 'incident') incidents.push(`${event.incident.type} ${event.incident.service ?? ''}`);
  }
}

async function healthOf(name: string): Promise<InstanceHealth> {
  const { services } = await rovi.api.state();
  const health = services.find((service) => service.name === name)?.instances[0]?.health;
  if (health === undefined) throw new Error(`${name} is not shown`);
  return health;
}

const waitForHealth = (name: string, status: InstanceHealth['status']): Promise<InstanceHealth> =>
  rovi.robot.waitFor(
    `${name} to be ${status}`,
    async () => {
      const health = await healthOf(name);
      return health.status === status ? health : null;
    },
    20_000,
  );

test('what runs is looked at, by every kind of check that this robot can do', async () => {
  void hear(rovi.api.events({ signal: ear.signal })).catch(() => undefined);
  await rovi.systemctl(['start', WEB, 'rovi-kinds.service', ...OTHERS.map((name) => `rovi-${name}.service`)]);
  for (const name of ['web', ...OTHERS]) await waitForHealth(name, 'healthy');
  await waitForHealth('kinds', 'unhealthy');
  // They all began at once: the first look at the web server's port can be before it listens.
  // And on a busy machine a look can come to the end of its time.
  const seen = async () => {
    const checks: CheckStatus[] = (await healthOf('kinds')).checks;
    return Object.fromEntries(checks.map(({ type, last }) => [type, last?.text]));
  };
  await expect.poll(seen).toMatchObject({
    tcp: expect.stringMatching(/^127\.0\.0\.1:8123 accepts connections/) as string,
    command: 'exit code 7: rovi-kinds.service',
    dependency: 'web is ready',
    // Where i2c-bus could not be compiled it says so instead.
    i2c: expect.stringMatching(/^(\/dev\/i2c-251 is not there|i2c-bus is not installed)$/) as string,
    ros: expect.stringMatching(/^ROS cannot be asked, its face is /) as string,
  });
});

test('an HTTP endpoint that hangs is unhealthy within the time stated, and delays no other look', async () => {
  const pid = Number(await rovi.property(WEB, 'MainPID'));
  const ends = new Map(OTHERS.map((name) => [name, new Map<string, number>()]));
  await rovi.robot.exec(['kill', '-STOP', String(pid)]);
  const hung = performance.now();
  let unhealthyAfter = Number.NaN;
  // Seconds for which a machine that is shared did not let the gateway answer.
  let stalled = 0;
  // Beyond the bound, so that the others are seen while looks hang.
  while (performance.now() - hung < (BOUND + 3) * 1000) {
    const asked = performance.now();
    const { services } = await rovi.api.state();
    stalled += Math.max(0, performance.now() - asked - 100) / 1000;
    for (const { name, instances } of services) {
      const [instance] = instances;
      if (name === 'web' && instance?.health.status === 'unhealthy' && Number.isNaN(unhealthyAfter)) {
        unhealthyAfter = (performance.now() - hung) / 1000;
      }
      const last = instance?.health.checks[0]?.last;
      if (last != null) ends.get(name)?.set(last.at, last.duration_ms);
    }
    // Who asks without a pause keeps half of such a machine busy by himself.
    await delay(20);
  }
  expect(unhealthyAfter).toBeLessThan(BOUND + 1 + stalled);
  expect(await healthOf('web')).toMatchObject({
    text: `liveness http: no answer within ${TIMEOUT} s`,
    ready: true,
  });
  const pausesOf = (looks: ReadonlyMap<string, number>): number[] => {
    const begins = [...looks].map(([at]) => Date.parse(at));
    return begins
      .slice(1)
      .map((begin, index) => begin - (begins[index] ?? Number.NaN))
      .sort((one, other) => one - other);
  };
  const all = [...ends.values()].map(pausesOf);
  expect(all.flat().length).toBeGreaterThan(OTHERS.length * 5);
  // The budget's 250 ms, and what a machine that is shared takes. Most of the time a look hangs: one that delayed others
  // would delay every other of theirs, where a moment in which the machine stands still delays few.
  const usual = all.map((pauses) => pauses[Math.floor(pauses.length * 0.75)] ?? Number.NaN);
  expect(Math.max(...usual)).toBeLessThan(INTERVAL * 1000 + 250 + 250);
  expect(Math.max(...all.flat())).toBeLessThan(INTERVAL * 1000 + 250 + 250 + stalled * 1000 + 1000);
  await rovi.robot.waitFor('the incident', () =>
    Promise.resolve(incidents.includes('service_unhealthy web')),
  );
});

test('it is healthy again once it answers, and faces are told', async () => {
  await rovi.systemctl(['kill', '--signal=CONT', WEB]);
  await waitForHealth('web', 'healthy');
  await rovi.robot.waitFor('the incident', () => Promise.resolve(incidents.includes('service_healthy web')));
  expect(incidents.filter((one) => one.endsWith(' web') && one.includes('healthy'))).toEqual([
    'service_unhealthy web',
    'service_healthy web',
  ]);
});

test('what does not run is not looked at', async () => {
  await rovi.systemctl(['stop', WEB]);
  await rovi.waitForUnit(WEB, 'inactive');
  await rovi.robot.waitFor('no health', async () => {
    const { services } = await rovi.api.state();
    return services.find(({ name }) => name === 'web')?.health === 'none';
  });
  await rovi.robot.waitFor('what depends on it to know', async () =>
    (await healthOf('kinds')).checks.some(({ last }) => last?.text === 'web is not ready'),
  );
});

rovi.expectNoWarningsBut();
