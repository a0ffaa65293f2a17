import { roles } from '@rovi/contract';
import type { Role } from '@rovi/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Description } from '../http-docs/described.js';
import { QUESTIONS } from '../http-docs/questions.js';
import { codeOf, tcpRig } from './tcp-rig.js';

let robot: Awaited<ReturnType<typeof tcpRig>>;
let description: Description;
let tokens: Record<Role, string>;
let needs: Map<string, Role | 'anyone'>;

beforeAll(async () => {
  robot = await tcpRig();
  robot.journal.append('rovi-nav.service', 'a line');
  description = await Description.of(robot.socketPath);
  tokens = {
    viewer: await robot.token('viewer'),
    operator: await robot.token('operator'),
    admin: await robot.token('admin'),
  };
  needs = new Map(
    [...description.operations].map(([route, operation]) => [
      route,
      (operation as unknown as { 'x-rovi-role': Role | 'anyone' })['x-rovi-role'],
    ]),
  );
});

afterAll(async () => {
  await robot[Symbol.asyncDispose]();
});

it('leads a browser to the page, whoever asks, and tells nobody else how the robot is', async () => {
  const page = await robot.askFromAfar({ path: '/', headers: { Accept: 'text/html,*/*' } });
  expect([page.status, page.headers.location, page.headers.vary]).toEqual([302, '/services/', 'Accept']);
  const health = await robot.askFromAfar({ path: '/' });
  expect([health.status, codeOf(health)]).toEqual([401, 'token-required']);
});

/** The last for a stranger who has brought too many wrong tokens by then. */
const REFUSED = ['token-required', 'token-rejected', 'role-insufficient', 'too-many-requests'];

/** Everything that changes something takes an operator; what is open to anyone says nothing of the robot. */
it('gives each route the role that it should have', () => {
  for (const [route, role] of needs) {
    if (route.startsWith('POST ')) expect(role, route).not.toMatch(/viewer|anyone/);
  }
  expect([...needs].filter(([, role]) => role === 'anyone').map(([route]) => route)).toEqual([
    'GET /openapi.json',
    'GET /docs',
    'GET /docs/{file}',
    'GET /services',
    'GET /services/{path}',
  ]);
  expect([...needs].filter(([, role]) => role === 'admin').map(([route]) => route)).toEqual([
    'GET /api/tokens',
  ]);
});

describe.each(['nobody', 'stranger', ...roles] as const)('%s', (who) => {
  it.each(Object.keys(QUESTIONS))('%s', async (route) => {
    const needed = needs.get(route) ?? 'admin';
    const token = who === 'nobody' ? undefined : who === 'stranger' ? strangers : tokens[who];
    const allowed = needed === 'anyone' || (isRole(who) && roles.indexOf(who) >= roles.indexOf(needed));
    for (const given of QUESTIONS[route]?.good ?? []) {
      if (given.path.includes('OPERATION')) continue;
      const { id } = await robot.client.tickets.create({ command: 'scan', dry_run: true });
      const question = JSON.parse(JSON.stringify(given).replace('TICKET', id)) as typeof given;
      const answer = await robot.askFromAfar(question, token);
      // This gateway observes no fleet, and says so to whoever may ask.
      const off = allowed && answer.type.includes('problem') && codeOf(answer) === 'fleet-off';
      expect(off ? 200 : answer.status, JSON.stringify(question)).toBeLessThan(500);
      const refused = answer.type.includes('problem') && REFUSED.includes(codeOf(answer));
      expect(refused, `${JSON.stringify(question)} ${answer.text}`).toBe(!allowed);
      if (refused) expect(description.faultsOf(route, answer)).toEqual([]);
      if (answer.status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="rovi"/);
    }
  });
});

const strangers = `rovi_zzzzzzzz_${'A'.repeat(43)}`;

function isRole(who: string): who is Role {
  return (roles as readonly string[]).includes(who);
}
