import type { Question } from './ask.js';

/** One request that the route takes, and one that it refuses. `OPERATION` stands for the id of an operation. */
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

const ofService = (what: string): Pair => ({
  good: ['gateway', 'nav', 'mapping'].map((name) => ({ path: `/api/services/${what}/${name}` })),
  bad: ['nowhere', 'NAV', '%zz'].map((name) => ({ path: `/api/services/${what}/${name}` })),
});

/** For each route that the document names, in its spelling. mapping has failed, nav has not. */
export const QUESTIONS: Readonly<Record<string, Pair>> = {
  'GET /api/session': plain('/api/session'),
  // On the unix socket everybody is an operator, no more.
  'GET /api/tokens': { good: [{ path: '/api/tokens', asAdmin: true }], bad: [{ path: '/api/tokens' }] },
  'GET /api/audit': {
    good: [{ path: '/api/audit' }, { path: '/api/audit?lines=1' }],
    bad: [{ path: '/api/audit?lines=0' }, { path: '/api/audit?lines=99999' }, { path: '/api/audit?x=1' }],
  },
  'GET /': {
    good: [{ path: '/' }, { path: '/', headers: { Accept: 'text/html' } }],
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
    ],
    bad: [
      { path: '/api/impact' },
      { path: '/api/impact?command=start' },
      { path: '/api/impact?command=stop-all&stack=nav' },
      { path: '/api/impact?command=start&stack=nowhere' },
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
    ],
    bad: [{ path: '/api/services/logs/nowhere' }, { path: '/api/services/logs/nav?lines=many' }],
  },
  'POST /api/services/start/{name}': onService('start'),
  'POST /api/services/stop/{name}': onService('stop'),
  'POST /api/services/restart/{name}': onService('restart'),
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
