import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { methodsOf, nearestRoutes } from './route-hint.js';

const routes = [
  { method: 'GET', path: '/api/state' },
  { method: 'GET', path: '/api/stacks' },
  { method: 'GET', path: '/api/stacks/:name' },
  { method: 'POST', path: '/api/stacks/:name/start' },
  { method: 'POST', path: '/api/stop-all' },
] as const;

describe('methodsOf', () => {
  it.each([
    ['/api/state', ['GET']],
    ['/api/stacks/nav', ['GET']],
    ['/api/stacks/nav/start', ['POST']],
    ['/api/stacks/', []],
    ['/api/state/', []],
    ['/api', []],
    ['', []],
  ])('%s answers %j', (path, methods) => {
    expect(methodsOf(routes, path)).toEqual(methods);
  });
});

describe('nearestRoutes', () => {
  it.each([
    ['/api/sate', 'GET /api/state'],
    ['/api/state/', 'GET /api/state'],
    ['/state', 'GET /api/state'],
    ['/api/stop_all', 'POST /api/stop-all'],
    ['/api/stacks/nav/strat', 'POST /api/stacks/:name/start'],
  ])('takes %s for %s', (path, route) => {
    expect(nearestRoutes(routes, path)).toContain(route);
  });

  it('has nothing to say of what is nothing like a route', () => {
    expect(nearestRoutes(routes, '/wp-admin/setup-config.php')).toEqual([]);
    expect(nearestRoutes(routes, `/${'x'.repeat(100_000)}`)).toEqual([]);
  });

  it('never throws, and never says more than three', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (path) => {
        expect(nearestRoutes(routes, path).length).toBeLessThanOrEqual(3);
      }),
    );
  });
});
