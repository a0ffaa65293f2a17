import type { Question } from './ask.js';

/** One request that the route takes, and one that it refuses. `OPERATION` stands for the id of an operation, `TICKET` and `RUN` for that of a new ticket, of a new run. */
export interface Pair {
  readonly good: readonly Question[];
  readonly bad: readonly Question[];
}

const json = { 'Content-Type': 'application/json', 'X-Rovi-Actor': 'ann', 'X-Rovi-Face': 'cli' };

/** Nothing in the request is looked at, so that only HTTP itself can be wrong. */
const plain = (path: string): Pair => ({
  good: [{ path }],
  bad: [{ path, headers: { Expect: 'the-moon' } }],
});

function command(path: string, more: readonly Question[] = []): Pair {
  const question = { method: 'POST', path } as const;
  return {
    good: [
      { ...question, headers: json, body: '{"reason":"a test"}' },
      { ...question, headers: { Prefer: 'respond-async' } },
    ],
    bad: [
      { ...question, headers: json, body: '{"force":true}' },
      { ...question, headers: json, body: '{"confirm":"0123456789abcdef"}' },
      { ...question, headers: json, body: JSON.stringify({ reason: 'x'.repeat(20_000) }) },
      { ...question, headers: { 'Content-Type': 'text/xml' }, body: '<a/>' },
      { ...question, headers: { 'X-Rovi-Actor': 'a b' } },
      ...more,
    ],
  };
}

const onStack = (verb: string): Pair =>
  command(`/api/stacks/nav/${verb}`, [
    { method: 'POST', path: `/api/stacks/nowhere/${verb}` },
    { method: 'POST', path: `/api/stacks/NAV/${verb}` },
    { method: 'POST', path: `/api/stacks/${'n'.repeat(200)}/${verb}` },
  ]);

const onService = (verb: string): Pair =>
  command(`/api/services/${verb}/nav`, [
    { method: 'POST', path: `/api/services/${verb}/nowhere` },
    { method: 'POST', path: `/api/services/${verb}/gateway` },
    { method: 'POST', path: `/api/services/${verb}/NAV` },
  ]);

const post = (path: string, body: object): Question => ({
  method: 'POST',
  path,
  headers: json,
  body: JSON.stringify(body),
});

const withServices = (one: Pair, more: Pair): Pair => ({
  good: [...one.good, ...more.good],
  bad: [...one.bad, ...more.bad],
});

const ofService = (what: string): Pair => ({
  good: ['gateway', 'nav', 'mapping', 'video', 'camera'].map((name) => ({
    path: `/api/services/${what}/${name}`,
  })),
  bad: ['nowhere', 'NAV', '%zz'].map((name) => ({ path: `/api/services/${what}/${name}` })),
});

const START_NAV = { kind: 'start', stack: 'nav' };

/** For each route that the document names, in its spelling. mapping has failed, nav has not. */
export const QUESTIONS: Readonly<Record<string, Pair>> = {
  'GET /api/session': plain('/api/session'),
  // On the unix socket everybody is an operator, no more.
  'GET /api/tokens': { good: [{ path: '/api/tokens', asAdmin: true }], bad: [{ path: '/api/tokens' }] },
  'GET /api/audit': {
    good: [{ path: '/api/audit' }, { path: '/api/audit?lines=1' }],
    bad: [{ path: '/api/audit?lines=0' }, { path: '/api/audit?lines=99999' }, { path: '/api/audit?x=1' }],
  },
  // Browsers are led to the page, whoever asks: page.test.ts.
  'GET /': {
    good: [{ path: '/' }, { path: '/', headers: { Accept: '*/*' } }],
    bad: [{ path: '/', headers: { Expect: 'the-moon' } }],
  },
  'GET /services': plain('/services'),
  'GET /services/{path}': {
    good: ['', 'logs/nav', 'assets/page-1a2b.js', 'assets/page-1a2b.css'].map((file) => ({
      path: `/services/${file}`,
    })),
    bad: [{ path: '/services/assets/none.js' }, { path: '/services/%zz' }],
  },
  'GET /api/health': plain('/api/health'),
  'GET /api/state': plain('/api/state'),
  'GET /api/stacks': plain('/api/stacks'),
  'GET /api/stacks/{name}': {
    good: [{ path: '/api/stacks/nav' }],
    bad: [{ path: '/api/stacks/nowhere' }, { path: '/api/stacks/..' }, { path: '/api/stacks/%zz' }],
  },
  'GET /api/stacks/{name}/failure': {
    good: [{ path: '/api/stacks/mapping/failure' }],
    bad: [{ path: '/api/stacks/nav/failure' }, { path: '/api/stacks/nowhere/failure' }],
  },
  'GET /api/active': plain('/api/active'),
  'GET /api/graph': plain('/api/graph'),
  'GET /api/impact': {
    good: [
      { path: '/api/impact?command=switch&stack=nav' },
      { path: '/api/impact?command=stop-all' },
      { path: '/api/impact?command=start&stack=teleop' },
      { path: '/api/impact?command=start&service=recorder' },
      { path: '/api/impact?command=restart&service=video&cascade=1' },
      { path: '/api/impact?command=scale&service=camera&instances=3' },
    ],
    bad: [
      { path: '/api/impact' },
      { path: '/api/impact?command=start' },
      { path: '/api/impact?command=stop-all&stack=nav' },
      { path: '/api/impact?command=start&stack=nowhere' },
      { path: '/api/impact?command=start&service=nowhere' },
      { path: '/api/impact?command=switch&service=video' },
      { path: '/api/impact?command=scale&stack=nav&instances=2' },
      { path: '/api/impact?command=scale&service=camera' },
      { path: '/api/impact?command=scale&service=camera&instances=9' },
    ],
  },
  'POST /api/stacks/{name}/start': onStack('start'),
  'POST /api/stacks/{name}/stop': onStack('stop'),
  'POST /api/stacks/{name}/restart': onStack('restart'),
  'POST /api/stacks/{name}/switch': onStack('switch'),
  'POST /api/stop-all': command('/api/stop-all'),
  'GET /api/services/list': plain('/api/services/list'),
  'GET /api/services/status/{name}': ofService('status'),
  'GET /api/services/health/{name}': ofService('health'),
  'GET /api/services/logs/{name}': {
    good: [
      { path: '/api/services/logs/gateway?lines=5' },
      { path: '/api/services/logs/nav?priority=7&invocation=latest' },
      { path: '/api/services/logs/nav?follow=1' },
      { path: '/api/services/logs/camera?instance=2&stream=stderr' },
    ],
    bad: [
      { path: '/api/services/logs/nowhere' },
      { path: '/api/services/logs/nav?lines=many' },
      { path: '/api/services/logs/nav?stream=stderr' },
      { path: '/api/services/logs/nav?instance=1' },
      { path: '/api/services/logs/camera?instance=5' },
    ],
  },
  'GET /api/services/health-history/{name}': {
    good: ['video', 'camera'].map((name) => ({ path: `/api/services/health-history/${name}` })),
    bad: ['nav', 'gateway', 'nowhere', 'NAV'].map((name) => ({
      path: `/api/services/health-history/${name}`,
    })),
  },
  'POST /api/services/start/{name}': withServices(onService('start'), {
    good: [{ method: 'POST', path: '/api/services/start/recorder' }],
    bad: [],
  }),
  'POST /api/services/stop/{name}': withServices(onService('stop'), {
    good: [{ method: 'POST', path: '/api/services/stop/recorder' }],
    bad: [{ method: 'POST', path: '/api/services/stop/bus' }],
  }),
  'POST /api/services/restart/{name}': withServices(onService('restart'), {
    good: [post('/api/services/restart/camera', { rolling: true })],
    bad: [
      post('/api/services/restart/nav', { cascade: true }),
      post('/api/services/restart/video', { cascade: true, rolling: true }),
      post('/api/services/restart/video', { rolling: 'yes' }),
    ],
  }),
  'POST /api/services/scale/{name}': {
    good: [post('/api/services/scale/camera', { instances: 2, reason: 'more eyes' })],
    bad: [
      post('/api/services/scale/camera', {}),
      post('/api/services/scale/camera', { instances: 5 }),
      post('/api/services/scale/camera', { instances: 'many' }),
      post('/api/services/scale/nav', { instances: 2 }),
      post('/api/services/scale/gateway', { instances: 2 }),
      post('/api/services/scale/nowhere', { instances: 2 }),
    ],
  },
  'GET /api/maintenance': plain('/api/maintenance'),
  'POST /api/maintenance': {
    good: [post('/api/maintenance', { target: 'probe', reason: 'a cable', until: '2099-01-01T00:00:00Z' })],
    bad: [
      post('/api/maintenance', { target: 'probe' }),
      post('/api/maintenance', { target: 'nowhere', reason: 'a cable' }),
      post('/api/maintenance', { target: 'probe', reason: 'a cable', until: 'tomorrow' }),
      { method: 'POST', path: '/api/maintenance' },
    ],
  },
  'POST /api/maintenance/end': {
    good: [post('/api/maintenance/end', { target: 'probe', reason: 'mended' })],
    bad: [post('/api/maintenance/end', { target: 'video' }), post('/api/maintenance/end', { target: 'NAV' })],
  },
  'POST /api/recover': {
    good: [{ method: 'POST', path: '/api/recover' }, post('/api/recover', { reason: 'try again' })],
    bad: [post('/api/recover', { force: true })],
  },
  'POST /api/reload': {
    good: [{ method: 'POST', path: '/api/reload' }, post('/api/reload', { reason: 'a new catalog' })],
    bad: [post('/api/reload', { force: true })],
  },
  'POST /ticket': {
    good: [
      post('/ticket', { command: 'stop' }),
      post('/ticket', {
        command: 'drive',
        params: { speed: 1.5, direction: 90, duration_seconds: 10 },
        priority: 'high',
        timeout_seconds: 30,
        metadata: { operator: 'user-001' },
        dry_run: true,
      }),
    ],
    bad: [
      { method: 'POST', path: '/ticket' },
      post('/ticket', { command: 'fly' }),
      post('/ticket', { command: 'drive', params: { speed: 9, duration_seconds: 1 } }),
      post('/ticket', { command: 'stop', priority: 'urgent' }),
      post('/ticket', { command: 'stop', colour: 'red' }),
      { method: 'POST', path: '/ticket', headers: { 'Content-Type': 'text/xml' }, body: '<a/>' },
    ],
  },
  'GET /ticket/{id}': {
    good: [{ path: '/ticket/TICKET' }],
    bad: [{ path: '/ticket/tick-20251108-a3f7e9c0' }, { path: '/ticket/nothing' }],
  },
  'POST /execute': {
    good: [
      post('/execute', { ticket_id: 'TICKET' }),
      {
        ...post('/execute', { ticket_id: 'TICKET', force: false }),
        headers: { ...json, Prefer: 'respond-async' },
      },
    ],
    bad: [
      { method: 'POST', path: '/execute' },
      post('/execute', { ticket_id: 'tick-20251108-a3f7e9c0' }),
      post('/execute', { ticket_id: 'nothing' }),
      post('/execute', { ticket_id: 'TICKET', force: 'yes' }),
    ],
  },
  'POST /ticket/{id}/cancel': {
    good: [
      { method: 'POST', path: '/ticket/TICKET/cancel' },
      post('/ticket/TICKET/cancel', { reason: 'not needed' }),
    ],
    bad: [
      { method: 'POST', path: '/ticket/tick-20251108-a3f7e9c0/cancel' },
      { method: 'POST', path: '/ticket/nothing/cancel' },
      post('/ticket/TICKET/cancel', { force: true }),
    ],
  },
  'GET /tickets': {
    good: [{ path: '/tickets' }, { path: '/tickets?status=pending&limit=1&offset=1' }],
    bad: [
      { path: '/tickets?status=done' },
      { path: '/tickets?limit=0' },
      { path: '/tickets?limit=1001' },
      { path: '/tickets?offset=-1' },
      { path: '/tickets?state=pending' },
    ],
  },
  'GET /tickets/export': {
    good: [{ path: '/tickets/export' }, { path: '/tickets/export?status=pending' }],
    bad: [{ path: '/tickets/export?status=done' }, { path: '/tickets/export?limit=1' }],
  },
  'GET /ticket-commands': plain('/ticket-commands'),
  'POST /estop': {
    good: [{ method: 'POST', path: '/estop' }, post('/estop', { reason: 'a child on the field' })],
    bad: [post('/estop', { force: true })],
  },
  'POST /estop/reset': {
    good: [{ method: 'POST', path: '/estop/reset' }, post('/estop/reset', { reason: 'the field is clear' })],
    bad: [post('/estop/reset', { force: true })],
  },
  'GET /telemetry/metrics': plain('/telemetry/metrics'),
  'GET /telemetry/events': plain('/telemetry/events'),
  'GET /api/operations': plain('/api/operations'),
  'GET /api/operations/{id}': {
    good: [{ path: '/api/operations/OPERATION' }],
    bad: [{ path: '/api/operations/nothing' }],
  },
  'GET /api/timeline': plain('/api/timeline'),
  'GET /api/events': {
    good: [{ path: '/api/events' }, { path: '/api/events?since=0&boot=another' }],
    bad: [
      { path: '/api/events?sinse=1' },
      { path: '/api/events?since=-1' },
      { path: '/api/events', headers: { Connection: 'Upgrade', Upgrade: 'websocket' } },
    ],
  },
  'GET /api/stacks/{name}/logs': {
    good: [
      { path: '/api/stacks/nav/logs' },
      { path: '/api/stacks/nav/logs?lines=1&priority=7&invocation=latest' },
      { path: '/api/stacks/nav/logs?follow=1' },
    ],
    bad: [{ path: '/api/stacks/nav/logs?lines=many' }, { path: '/api/stacks/nowhere/logs' }],
  },
  'GET /api/ros': plain('/api/ros'),
  'GET /api/ros/probe': {
    good: [
      { path: '/api/ros/probe?kind=available' },
      { path: '/api/ros/probe?kind=node&name=/scanner' },
      { path: '/api/ros/probe?kind=topic&name=/scan&window_ms=100&min_rate=1.5' },
    ],
    bad: [{ path: '/api/ros/probe' }, { path: '/api/ros/probe?kind=node&name=scan' }],
  },
  'POST /api/ros/restart': {
    good: [{ method: 'POST', path: '/api/ros/restart' }],
    bad: [
      { method: 'POST', path: '/api/ros/restart', headers: { 'Content-Type': 'text/xml' }, body: '<a/>' },
    ],
  },
  'GET /api/fleet': plain('/api/fleet'),
  'GET /api/fleet/events': plain('/api/fleet/events'),
  'GET /api/fleet/robots/{robot}': {
    good: [{ path: '/api/fleet/robots/alpha' }],
    bad: [{ path: '/api/fleet/robots/nowhere' }, { path: '/api/fleet/robots/ALPHA' }],
  },
  'POST /api/fleet/ask': {
    good: [post('/api/fleet/ask', { robots: ['alpha', 'nowhere'], command: START_NAV })],
    bad: [
      post('/api/fleet/ask', { robots: [], command: START_NAV }),
      post('/api/fleet/ask', { robots: ['alpha'], command: { kind: 'fly' } }),
      { method: 'POST', path: '/api/fleet/ask' },
    ],
  },
  'POST /api/fleet/runs': {
    good: [post('/api/fleet/runs', { command: START_NAV, targets: [{ robot: 'alpha' }] })],
    bad: [
      post('/api/fleet/runs', { command: START_NAV, targets: [{ robot: 'nowhere' }] }),
      post('/api/fleet/runs', { command: START_NAV, targets: [{ robot: 'alpha' }, { robot: 'alpha' }] }),
      post('/api/fleet/runs', { command: START_NAV, targets: [{ robot: 'alpha' }], wait_s: 86_400 }),
      post('/api/fleet/runs', { command: { kind: 'estop' }, targets: [{ robot: 'x'.repeat(270_000) }] }),
    ],
  },
  'GET /api/fleet/runs': plain('/api/fleet/runs'),
  'GET /api/fleet/runs/{id}': {
    good: [{ path: '/api/fleet/runs/RUN' }],
    bad: [{ path: '/api/fleet/runs/nowhere' }],
  },
  'GET /metrics': plain('/metrics'),
  'GET /openapi.json': plain('/openapi.json'),
  'GET /docs': plain('/docs'),
  'GET /docs/{file}': {
    good: ['swagger-ui.css', 'swagger-ui-bundle.js', 'start-page.js', 'LICENSE'].map((file) => ({
      path: `/docs/${file}`,
    })),
    bad: [{ path: '/docs/package.json' }, { path: '/docs/..%2fpackage.json' }],
  },
};
