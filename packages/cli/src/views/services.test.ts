import type { Impact, Transition } from '@rovi/contract';
import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { EventLines } from './event-line.js';
import { healthHistoryText } from './health-history.js';
import { impactText } from './impact.js';
import { shownLength } from './lines.js';
import { recoveryText, reloadText } from './recovery.js';
import { sampleCrashing, sampleInstance, sampleMaintenance, sampleService } from './sample-service.js';
import { before, NOON, sampleSnapshot, sampleUnit, sampleUnitImpact } from './sample-state.js';
import { serviceBlock } from './service-block.js';
import { serviceWhyText } from './service-why.js';
import { serviceText } from './service.js';
import { maintenanceText, servicesText } from './services-table.js';
import { timelineText } from './timeline.js';

const colour = pc.createColors(false);
const at = { now: NOON, colour };

const bus = sampleService('bus', { critical: true, priority: 1, required_by: ['video'] });
const camera = sampleService('camera', {
  instances: [
    sampleInstance(),
    sampleInstance({ id: 2, state: 'STARTING', level: 'warn', text: 'starting', ports: [8091] }),
  ],
  text: '1 of 2 instances running; instance 2 starting',
  level: 'warn',
  wanted: 2,
  max: 4,
});
const snapshot = sampleSnapshot({
  services: [bus, sampleCrashing, camera],
  external: [
    {
      name: 'arm',
      description: 'The arm beside us',
      version: '2.1',
      health: 'degraded',
      registered_at: before(900),
      last_seen: before(3),
    },
  ],
  maintenance: [sampleMaintenance],
});

/** Local times differ by where the tests run. */
const steady = (text: string): string => text.replace(/\d\d:\d\d:\d\d/g, 'hh:mm:ss');

describe('the table of services', () => {
  it('has a line for each, and those of others below', () => {
    expect(steady(servicesText({ snapshot, ...at, width: 120 }))).toMatchInlineSnapshot(`
      "   SERVICE  STATE    HEALTH   INSTANCES  RESTARTS  SINCE     TEXT
      ●  bus      RUNNING  healthy  –          2         hh:mm:ss  running, healthy
      ✗  video    FAILED   –        –          2         hh:mm:ss  crash loop: exit code 3, 5 times within 60 s
      ●  camera   RUNNING  healthy  1/2        4         hh:mm:ss  1 of 2 instances running; instance 2 starting

      EXTERNAL  HEALTH    LAST SEEN  DESCRIPTION
      arm       degraded  3 s ago    The arm beside us, 2.1
      "
    `);
  });

  it.each([40, 60, 80, 100])('fits %i columns and keeps name and state', (width) => {
    const text = servicesText({ snapshot, ...at, width });
    expect(Math.max(...text.split('\n').map(shownLength))).toBeLessThanOrEqual(width);
    expect(text).toMatch(/video +FAILED/);
  });

  it('says so where there are none, and of what was last seen how long ago', () => {
    expect(servicesText({ snapshot: sampleSnapshot(), ...at, width: 80 })).toBe(
      'the catalog has no services\n',
    );
    const lost = sampleService('bus', {
      state: 'UNKNOWN',
      level: 'stale',
      text: 'unknown',
      as_of: before(42),
    });
    const text = servicesText({ snapshot: sampleSnapshot({ services: [lost] }), ...at, width: 120 });
    expect(text).toContain('last seen 42 s ago');
    const absent = { ...lost, level: 'error', text: 'not installed', managed: 'system' } as const;
    expect(
      servicesText({ snapshot: sampleSnapshot({ services: [absent] }), ...at, width: 120 }),
    ).not.toContain('last seen');
  });
});

describe('one service', () => {
  it('shows checks with their last look', () => {
    const service = sampleService('video', { requires: ['bus'], wanted_by: ['camera'] });
    expect(steady(serviceText({ service, snapshot, ...at, width: 80 }))).toMatchInlineSnapshot(`
      "┃ ● VIDEO  RUNNING  The video server
      ┃ running, healthy
      ┃ sensors · priority 100 · started at boot

        since hh:mm:ss (1 min 30 s ago) · PID 812 · port 8090 · 2 restarts · 1 crash
        health healthy
          ✓ liveness http  HTTP 200  took 12 ms, 4 s ago

        requires    ● bus
        wanted by   ● camera
      "
    `);
  });

  it('shows each instance, and what is done about a crash loop', () => {
    expect(steady(serviceText({ service: camera, snapshot, ...at, width: 80 }))).toContain('port 8091');
    expect(steady(serviceText({ service: sampleCrashing, snapshot, ...at, width: 80 }))).toContain(
      'cooldown: crash loop: exit code 3, 5 times within 60 s · 1 of 3 tries made · next at hh:mm:ss, in 18 s · 0 automatic starts left in the window',
    );
  });

  it('explains why it failed, what comes next, and what to do', () => {
    expect(steady(serviceWhyText({ service: sampleCrashing, snapshot, ...at }))).toMatchInlineSnapshot(`
      "✗ video crash loop: exit code 3, 5 times within 60 s
        cooldown: crash loop: exit code 3, 5 times within 60 s · 1 of 3 tries made · next at hh:mm:ss, in 18 s · 0 automatic starts left in the window
        │ opening /dev/video0
        │ no such device
        what to do:
        1. Read what it said: \`rovictl service logs video --invocation latest\`, and \`--stderr\` for its complaints alone.
        2. It is tried again by itself at the time above.
        3. When that is mended: \`rovictl service start video\`.
      "
    `);
    expect(serviceWhyText({ service: bus, snapshot, ...at })).toContain('nothing is wrong with it');
    const kept = sampleService('camera', {
      state: 'MAINTENANCE',
      maintenance: sampleMaintenance,
      instances: [],
    });
    expect(serviceWhyText({ service: kept, snapshot, ...at })).toContain('rovictl maintenance end camera');
  });

  it('has local times where the gateway has its own, also in what lists, watches and plans it', () => {
    const next = before(-20);
    const text = `crash loop: exit code 3; try 2 of 3 at ${next}`;
    const [one = sampleInstance()] = sampleCrashing.instances;
    const supervision = { ...one.supervision, text };
    const service = { ...sampleCrashing, text, instances: [{ ...one, text, supervision }] };
    const all = sampleSnapshot({ services: [service, sampleService('web', { requires: ['video'] })] });
    const change: Transition = {
      ...{
        seq: 1,
        at: before(1),
        name: 'video',
        unit: 'rovi-video.service',
        from: 'STARTING',
        to: 'FAILED',
        level: 'error',
        text,
      },
      ...{ invocation_id: null, failure: null, operation: null },
    };
    const stamp = { seq: 1, at: before(1) };
    const timeline = { boot_id: '', since: before(60), at: before(0), operations: [], incidents: [] };
    const shown = [
      serviceText({ service, snapshot: all, ...at, width: 80 }),
      serviceWhyText({ service, snapshot: all, ...at }),
      serviceWhyText({ service: sampleService('web', { requires: ['video'] }), snapshot: all, ...at }),
      timelineText({ ...timeline, transitions: [change] }, 1, NOON, colour),
      new EventLines(colour).next({ type: 'service', ...stamp, service }, NOON),
    ];
    for (const one of shown) {
      expect(steady(one)).toContain('try 2 of 3 at hh:mm:ss');
      expect(one).not.toContain(next);
    }
  });

  it('says where a container that Podman could not make may lack its image', () => {
    const failure = { result: 'exit-code', exit_status: 125, signal: null, text: 'exit code 125' };
    const why = (container: string | null): string => {
      const instance = sampleInstance({ state: 'FAILED', level: 'error', container, failure });
      const service = { ...sampleCrashing, instances: [instance] };
      return serviceWhyText({ service, snapshot, ...at });
    };
    expect(why('rovi-video')).toContain('whether an image is missing');
    expect(why(null)).not.toContain('image');
  });

  it('counts one of what there is one of', () => {
    const [instance = sampleInstance()] = sampleCrashing.instances;
    const supervision = { ...instance.supervision, starts_left: 1 };
    const service = { ...sampleCrashing, max: 2, wanted: 1, instances: [{ ...instance, supervision }] };
    const shown = serviceText({ service, snapshot, ...at, width: 80 });
    expect(shown).toContain('1 instance wanted, 1 to 2 allowed');
    expect(shown).toContain('1 automatic start left in the window');
  });

  it('shows the last looks of its checks', () => {
    const { id, health } = sampleInstance();
    const look = (ok: boolean | null, duration_ms: number) => ({
      at: before(9),
      ok,
      text: '',
      duration_ms,
      figures: {},
    });
    const results = [look(true, 10), look(false, 2000), look(null, 1), look(true, 12)];
    const history = [{ check: 'liveness http', results }];
    expect(healthHistoryText({ name: 'video', instances: [{ id, health, history }] }, NOON, colour))
      .toMatchInlineSnapshot(`
      "video  healthy
        ✓ liveness http  HTTP 200  took 12 ms, 4 s ago
          ·✗?·  4 looks, median 12 ms, longest 2.0 s
      "
    `);
  });
});

describe('the plan for a service', () => {
  const on = (name: string) => ({
    name,
    unit: `rovi-${name}.service`,
    effect: 'stops' as const,
    state: 'RUNNING' as const,
    level: 'ok' as const,
    text: 'running',
    invocation_id: 'a'.repeat(32),
    since: before(90),
    processes: 1,
  });
  const impact: Impact = {
    command: 'stop',
    stack: null,
    service: 'bus',
    at: before(0),
    affects: [on('recorder'), on('video'), on('bus')],
    waves: [
      { effect: 'stops', units: ['rovi-recorder.service', 'rovi-camera@2.service'] },
      { effect: 'stops', units: ['rovi-bus.service'] },
    ],
    confirm: true,
    beyond: [],
    refusal: null,
    text: 'stops recorder, video and bus',
    token: 't',
  };

  it('has the waves by their number', () => {
    expect(steady(impactText(impact, { ...at, width: 80 }))).toMatchInlineSnapshot(`
      "stop bus: stops recorder, video and bus
         EFFECT  SERVICE   STATE    SINCE                      PROCESSES
      ●  stops   recorder  RUNNING  hh:mm:ss (1 min 30 s ago)  1
      ●  stops   video     RUNNING  hh:mm:ss (1 min 30 s ago)  1
      ●  stops   bus       RUNNING  hh:mm:ss (1 min 30 s ago)  1
      in this order:
        1. stops   recorder, camera@2
        2. stops   bus
      "
    `);
  });

  it('breaks a long wave into lines', () => {
    const units = Array.from({ length: 30 }, (_, index) => `rovi-service-${String(index)}.service`);
    const text = impactText({ ...impact, waves: [{ effect: 'starts', units }] }, { ...at, width: 80 });
    expect(Math.max(...text.split('\n').map(shownLength))).toBeLessThanOrEqual(80);
  });
});

it('says what is in maintenance, by whom and why', () => {
  expect(steady(maintenanceText([sampleMaintenance], at))).toBe(
    '⚒ camera in maintenance until hh:mm:ss: a new lens (olga, 10 min ago)\n',
  );
  expect(maintenanceText([{ ...sampleMaintenance, target: null, until: null }], at)).toContain(
    'the whole robot in maintenance until somebody ends it',
  );
});

it('says what was set right, and what is in force', () => {
  const recovery = {
    reset: ['rovi-video.service'],
    refused: [{ unit: 'rovi-nav.service', message: 'an admin does that' }],
    supervision: ['video'],
    changes: ['video may be started again'],
    message: '1 unit reset, 1 not',
  };
  expect(recoveryText(recovery, colour)).toMatchInlineSnapshot(`
    "! 1 unit reset, 1 not
      reset rovi-video.service
      not reset rovi-nav.service: an admin does that
      supervised anew video
      video may be started again
    "
  `);
  const reload = {
    applied: ['video: checks'],
    needs_install: ['camera: a new service'],
    needs_restart: ['http.listen'],
    message: 'reloaded',
  };
  expect(reloadText(reload, colour)).toMatchInlineSnapshot(`
    "✓ reloaded
      in force video: checks
      needs install.sh camera: a new service
      needs a restart of the gateway http.listen
    "
  `);
});

it('lets no control code of others through', () => {
  const evil = sampleService('video', {
    description: 'x\u001b]0;owned\u0007',
    text: 'a\u001b[2Jb',
    instances: [sampleInstance({ text: '\u009b2J' })],
    maintenance: { ...sampleMaintenance, reason: 'r\u001b[2J\r' },
  });
  const evilSnapshot = sampleSnapshot({ services: [evil] });
  const texts = [
    servicesText({ snapshot: evilSnapshot, ...at, width: 80 }),
    serviceText({ service: evil, snapshot: evilSnapshot, ...at, width: 80 }),
    serviceWhyText({ service: evil, snapshot: evilSnapshot, ...at }),
  ];
  // eslint-disable-next-line no-control-regex
  for (const text of texts) expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

describe('a unit of the system', () => {
  const engine = sampleService('container-runtime', {
    managed: 'system',
    allow: ['restart'],
    critical: true,
    instances: [sampleInstance({ unit: sampleUnit('podman.service') })],
  });
  const gone = sampleService('backup', {
    managed: 'system',
    state: 'UNKNOWN',
    level: 'error',
    text: 'not installed',
    instances: [
      sampleInstance({
        state: 'UNKNOWN',
        level: 'error',
        text: 'not installed',
        unit: sampleUnit('backup.service', { load_state: 'not-found', active_state: 'inactive' }),
      }),
    ],
  });
  const view = { snapshot: { services: [engine, gone] }, ...at };

  it('is shown as one, with what operators may do', () => {
    expect(serviceText({ ...view, service: engine, width: 200 })).toMatch(
      /critical · unit of the system: podman\.service · operators may restart$/m,
    );
    expect(serviceText({ ...view, service: { ...engine, allow: [] }, width: 200 })).toContain(
      'operators may only watch it',
    );
    expect(servicesText({ snapshot: sampleSnapshot({ services: [engine] }), ...at, width: 200 })).toContain(
      'container-runtime (system)',
    );
    expect(serviceBlock(engine, 'worker1', NOON)).toMatch(/^Unit: +podman\.service \(of the system\)$/m);
  });

  it('has reasons and steps of its own', () => {
    const why = (service: typeof engine) => serviceWhyText({ ...view, service });
    expect(why(engine)).toMatch(
      /it is podman\.service, a unit of the system that Rovi neither makes nor restarts/,
    );
    expect(why({ ...engine, maintenance: sampleMaintenance })).toContain('systemd and root can start it');
    expect(why({ ...engine, state: 'FAILED', level: 'error', text: 'failed: SIGKILL' })).toContain(
      'an admin starts it: operators may not',
    );
    expect(why(gone)).toMatch(/1\. Ask an admin: `sudo rovictl doctor`/);
  });

  it('stands in an impact under both its names', () => {
    const text = impactText(sampleUnitImpact, { ...at, width: 200 });
    expect(text).toMatch(/stops +container-runtime \(podman\.service\) +RUNNING/);
    expect(text).toMatch(/1\. stops +container-runtime \(podman\.service\)\n/);
    expect(text).toContain('affects all containers');
  });
});
