import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rovictl, start, startOnTerminal } from './rovictl.js';

const EVIL = '\u001b]0;OWNED\u0007\u001b[2J\u001b[31mEVIL\u001b[0m\u009b2J\u007f\u202e\u2066\u200f';
const AT = '2026-01-01T00:00:00.000Z';

const unit = {
  unit: `rovi-nav.service${EVIL}`,
  load_state: EVIL,
  active_state: EVIL,
  sub_state: EVIL,
  result: EVIL,
  invocation_id: EVIL,
  main_pid: 1,
  since: null,
  restarts: 0,
  job: { id: 1, type: EVIL },
};
const stack = {
  name: `nav${EVIL}`,
  description: EVIL,
  fixed_frame: null,
  state: 'RUNNING',
  verdict: { level: 'ok', text: EVIL },
  unit,
  expected: [{ name: EVIL, present: true, pid: 3 }],
  processes: [],
  failure: null,
  crashes: 0,
  as_of: null,
};
const operation = {
  id: `op${EVIL}`,
  kind: 'start',
  stack: `nav${EVIL}`,
  service: null,
  from: EVIL,
  actor: { name: EVIL, face: 'cli', verified: false },
  reason: EVIL,
  outcome: 'succeeded',
  changed: true,
  message: EVIL,
  problem: { code: 'internal', message: EVIL, mend: EVIL, context: { missing: [EVIL] } },
  warnings: [EVIL],
  steps: [{ text: EVIL, started_at: AT, duration_ms: 1 }],
  started_at: AT,
  ended_at: null,
  duration_ms: null,
};
const face = {
  name: 'ros',
  state: 'failing',
  text: EVIL,
  mend: EVIL,
  since: AT,
  pid: 1,
  restarts: 1,
  detail: { node: EVIL, rmw: EVIL },
};
const cause = { result: EVIL, exit_status: null, signal: EVIL, text: EVIL };
const look = { at: AT, ok: false, text: EVIL, duration_ms: 1, figures: { [EVIL]: 1 } };
const health = {
  status: 'unhealthy',
  text: EVIL,
  since: AT,
  ready: false,
  checks: [{ name: EVIL, role: 'liveness', type: EVIL, passing: false, streak: 1, last: look }],
};
const maintenance = { target: `nav${EVIL}`, reason: EVIL, actor: operation.actor, since: AT, until: null };
const service = {
  name: 'video',
  description: EVIL,
  category: EVIL,
  priority: 1,
  critical: true,
  autostart: true,
  state: 'FAILED',
  level: 'error',
  text: EVIL,
  health: 'unhealthy',
  instances: [
    {
      id: 1,
      unit,
      state: 'FAILED',
      level: 'error',
      text: EVIL,
      health,
      supervision: {
        phase: 'cooldown',
        text: EVIL,
        tries: 1,
        tries_max: 2,
        next_at: AT,
        starts_left: 0,
        cause,
        lines: [EVIL],
      },
      processes: [{ pid: 1, comm: EVIL }],
      ports: [],
      container: EVIL,
      failure: cause,
      crashes: 1,
      restarts: 1,
      started_at: null,
    },
  ],
  wanted: 1,
  min: 1,
  max: 2,
  requires: [EVIL],
  wants: [],
  conflicts: [],
  required_by: [`video${EVIL}`],
  wanted_by: [],
  managed: 'rovi',
  allow: ['start', 'stop', 'restart'],
  maintenance,
  as_of: AT,
};
const external = {
  name: EVIL,
  description: EVIL,
  version: EVIL,
  health: 'healthy',
  registered_at: AT,
  last_seen: AT,
};
const snapshot = {
  robot: EVIL,
  boot_id: EVIL,
  seq: 1,
  at: AT,
  version: EVIL,
  bus: { connected: true, since: AT, error: null },
  gateway: unit,
  active: stack.name,
  known: true,
  stacks: [stack],
  services: [service, { ...service, name: `video${EVIL}` }],
  external: [external],
  maintenance: [maintenance],
  operation: null,
  service_operations: [],
  tickets: null,
  faces: [face],
};
const entry = {
  cursor: EVIL,
  at: AT,
  unit: EVIL,
  invocation_id: null,
  pid: 1,
  priority: 3,
  identifier: EVIL,
  transport: 'stdout',
  stream: null,
  message: EVIL,
};
const impact = {
  command: 'switch',
  stack: EVIL,
  service: null,
  at: AT,
  affects: [
    {
      name: EVIL,
      unit: EVIL,
      effect: 'stops',
      state: 'RUNNING',
      level: 'ok',
      text: EVIL,
      invocation_id: EVIL,
      since: null,
      processes: 1,
    },
  ],
  waves: [],
  beyond: [EVIL],
  refusal: null,
  confirm: true,
  text: EVIL,
  token: EVIL,
};
const serviceImpact = {
  ...impact,
  command: 'stop',
  stack: null,
  service: EVIL,
  waves: [{ effect: 'stops', units: [EVIL] }],
};
const maintained = { maintenance: [maintenance] };
const recovery = {
  reset: [EVIL],
  refused: [{ unit: EVIL, message: EVIL }],
  supervision: [EVIL],
  changes: [EVIL],
  message: EVIL,
};
const reload = { applied: [EVIL], needs_install: [EVIL], needs_restart: [EVIL], message: EVIL };
const healthHistory = {
  name: EVIL,
  instances: [{ id: 1, health, history: [{ check: EVIL, results: [look] }] }],
};
const transition = {
  seq: 1,
  at: AT,
  name: EVIL,
  unit: EVIL,
  from: 'RUNNING',
  to: 'FAILED',
  level: 'error',
  text: EVIL,
  invocation_id: EVIL,
  failure: null,
  operation: EVIL,
};
const timeline = {
  boot_id: EVIL,
  since: AT,
  at: AT,
  transitions: [transition, { ...transition, operation: operation.id }],
  operations: [operation],
};
const failure = {
  stack: EVIL,
  unit: EVIL,
  invocation_id: EVIL,
  at: AT,
  cause: { result: EVIL, exit_status: null, signal: EVIL, text: EVIL },
  lines: [entry],
  lines_error: EVIL,
  mend: [EVIL],
};
const problem = { code: 'start-failed', detail: EVIL, mend: EVIL, context: { operation } };

let folder: string;
let server: Server;
let socket: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rovi-hostile-'));
  socket = join(folder, 'conductor.sock');
  server = createServer((request, response) => {
    const path = request.url ?? '';
    if (path === '/api/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const events = [
        { type: 'snapshot', seq: 1, at: AT, snapshot },
        { type: 'operation', seq: 2, at: AT, operation },
        { type: 'service', seq: 2, at: AT, service },
        {
          type: 'incident',
          seq: 2,
          at: AT,
          incident: {
            type: 'service_failed',
            service: EVIL,
            instance: 1,
            text: EVIL,
            data: { [EVIL]: EVIL },
          },
        },
        { type: 'maintenance', seq: 2, at: AT, maintenance: [maintenance] },
        { type: 'external', seq: 2, at: AT, external: [external] },
        { type: 'face', seq: 3, at: AT, face: { ...face, state: 'on' } },
      ];
      for (const event of events) {
        response.write(`id: b:1\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
      }
      return;
    }
    const news: Record<string, unknown> = {
      '/api/impact?command=switch&stack=nav': impact,
      '/api/impact?command=stop&service=video': serviceImpact,
      '/api/services/health-history/video': healthHistory,
      '/api/maintenance': request.method === 'POST' ? maintenance : maintained,
      '/api/maintenance/end': maintained,
      '/api/recover': recovery,
      '/api/reload': reload,
      '/api/timeline': timeline,
      '/api/stacks/nav/failure': failure,
    };
    const answer =
      path.endsWith('/start') || /\/services\/(?:start|stop)\//.test(path)
        ? problem
        : path in news
          ? news[path]
          : path === '/api/operations'
            ? { operations: [operation] }
            : path.startsWith('/api/operations/')
              ? operation
              : path === '/api/ros'
                ? {
                    face,
                    topics: [
                      {
                        name: EVIL,
                        type: EVIL,
                        qos: { reliability: 'reliable', durability: 'volatile', depth: 1 },
                      },
                    ],
                    services: [{ name: EVIL, type: EVIL }],
                  }
                : path.startsWith('/api/ros/probe')
                  ? { ok: true, text: EVIL, rate: null, publishers: null, type: EVIL }
                  : path.includes('/logs')
                    ? { entries: [entry] }
                    : path === '/api/stacks'
                      ? { stacks: [stack] }
                      : path.startsWith('/api/stacks/')
                        ? { stack, resources: { cpu_seconds: 1, memory_bytes: 1, source: 'none' } }
                        : snapshot;
    response.writeHead(answer === problem ? 500 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

// eslint-disable-next-line no-control-regex
const harmful = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

const verbs: readonly (readonly string[])[] = [
  ['status'],
  ['active'],
  ['stack', 'list'],
  ['operations'],
  ['operations', 'x'],
  ['logs', 'nav'],
  ['ros', 'status'],
  ['ros', 'probe', 'available'],
  ['plan', 'switch', 'nav'],
  ['timeline'],
  ['stack', 'why', 'nav'],
  ['stack', 'start', 'nav'],
  ['service', 'list'],
  ['service', 'status', 'video'],
  ['service', 'health', 'video'],
  ['service', 'start', 'video'],
  ['service', 'stop', 'video', '--yes'],
  ['service', 'logs', 'video', '--stderr'],
  ['maintenance', 'list'],
  ['maintenance', 'begin', 'video', '--reason', 'x'],
  ['recover'],
  ['reload'],
];
/** These have no JSON. */
const told: readonly (readonly string[])[] = [
  ['service', 'why', 'video'],
  ['maintenance', 'end', 'video'],
];

describe('whoever has the socket', () => {
  it.each([...verbs, ...told, ...verbs.map((words) => [...words, '--json'])])(
    'writes no control code through %s %s %s %s',
    async (...words) => {
      const { stdout, stderr } = await rovictl(words, { socket });
      expect(stdout + stderr).toContain('EVIL');
      expect(stdout).not.toMatch(harmful);
      expect(stderr).not.toMatch(harmful);
    },
  );

  it.each(verbs)('with colours only this program’s own through %s %s %s', async (...words) => {
    const { stdout, stderr } = await rovictl(words, { socket, env: { FORCE_COLOR: '1' } });
    // eslint-disable-next-line no-control-regex
    const rest = (stdout + stderr).replace(/\u001b\[\d+m/g, '');
    expect(rest).not.toMatch(harmful);
  });

  it('says the same in JSON as it sent', async () => {
    const { stdout } = await rovictl(['status', '--json'], { socket });
    expect(JSON.parse(stdout)).toEqual(snapshot);
    expect(stdout).toContain('\\u009b2J\\u007f\\u202e');
  });

  it.each([[[]], [['--json']]])('writes none through a watch, %j', async (flags) => {
    const watching = start(['status', '--watch', ...flags], { socket });
    await watching.until(/operation|switch|start/);
    watching.child.kill('SIGINT');
    const { stdout, stderr } = await watching.ended;
    expect(stdout + stderr).not.toMatch(harmful);
  });

  it('nor on the screen of a watch, which keeps its own codes', async () => {
    const watching = startOnTerminal(['status', '--watch'], { socket });
    await watching.until(/EVIL/);
    watching.child.stdin?.write('\u0003');
    const { stdout } = await watching.ended;
    expect(stdout).toContain('\u001b[?1049h');
    expect(stdout).not.toContain('\u001b[2J');
    expect(stdout).not.toContain('\u001b]0;');
    expect(stdout).not.toMatch(/[\u007f-\u009f\u202e]/);
  });

  it('puts no such name on a command line', async () => {
    expect((await rovictl(['__complete', '--', 'stack', 'start', ''], { socket })).stdout).toBe('');
  });
});
