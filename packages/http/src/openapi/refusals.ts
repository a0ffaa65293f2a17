import type { ErrorCode } from '@rovi/contract';
import type { RouteDescription } from '../route.js';
import { statusOf } from '../status.js';

/** What the statuses say, as docs/api.md has it. */
const SAYS: Readonly<Record<number, string>> = {
  400: 'The request is not as described here; the detail names what is wrong.',
  401: 'Over TCP: no token, or none of this robot.',
  403: 'polkit or the role says no, or a page of another site asks.',
  404: 'There is no such thing.',
  408: 'The request did not arrive in time.',
  409: 'The robot is in a state that forbids it: held, busy, changed since it was shown, cancelled by a later stop, start limit.',
  413: 'The body is larger than 16 kB, or 256 kB of a command to a fleet.',
  414: 'A part of the path is longer than 100 characters.',
  415: 'The body is not `application/json`.',
  417: 'An `Expect` that is not met.',
  421: 'The robot was asked for by a name that is not its own.',
  429: 'Over TCP: too much at once; `Retry-After` says how long to wait.',
  431: 'Request line and headers are larger than 8 kB.',
  500: 'A defect in Rovi or its installation.',
  502: 'Rovi did its part, and systemd or the stack failed; the record is in `context.operation`.',
  503: 'Bus, polkit or journal cannot be reached, too many clients, or the gateway is stopping.',
  504: 'systemd did not answer in time: read the state before repeating.',
};

/** What any request can be refused with, whatever it asks for. */
const ALWAYS: readonly (readonly [number, ErrorCode])[] = [
  [400, 'bad-request'],
  [403, 'origin-refused'],
  [408, 'bad-request'],
  [417, 'bad-request'],
  [421, 'host-refused'],
  [431, 'bad-request'],
  [500, 'internal'],
  [503, 'gateway-unreachable'],
];

/** What who asks over TCP can be refused with. */
const TO_COME_IN: readonly ErrorCode[] = [
  'token-required',
  'token-rejected',
  'role-insufficient',
  'too-many-requests',
  'tokens-unreadable',
];

/** The refusals of a route: which codes come with which status. */
function codesByStatus(route: RouteDescription): Map<number, Set<ErrorCode>> {
  const all: (readonly [number, ErrorCode])[] = [...ALWAYS];
  if (route.role !== 'anyone') {
    for (const code of TO_COME_IN) all.push([statusOf(code), code]);
  }
  if (route.params !== undefined) all.push([414, 'bad-request']);
  if (route.method === 'POST') all.push([413, 'bad-request'], [415, 'bad-request']);
  for (const code of route.errors ?? []) all.push([statusOf(code), code]);
  const sorted = new Map<number, Set<ErrorCode>>();
  for (const [status, code] of all.sort(([a], [b]) => a - b)) {
    sorted.set(status, (sorted.get(status) ?? new Set()).add(code));
  }
  return sorted;
}

/** One `application/problem+json` answer that has one of these codes. */
function refusal(status: number, codes: readonly ErrorCode[]): object {
  const own = { properties: { status: { const: status }, code: { enum: codes } } };
  return {
    description: SAYS[status] ?? 'Refused.',
    content: {
      'application/problem+json': {
        schema: { allOf: [{ $ref: '#/components/schemas/ProblemDetails' }, own] },
      },
    },
  };
}

/** The refusals of a route as OpenAPI answers, by status; equal ones are kept once, in `shared`. */
export function refusalsOf(route: RouteDescription, shared: Map<string, object>): Record<string, object> {
  return Object.fromEntries(
    [...codesByStatus(route)].map(([status, codes]) => {
      const common = ALWAYS.find(([one]) => one === status)?.[1] ?? 'bad-request';
      if (codes.size > 1 || !codes.has(common)) return [status, refusal(status, [...codes])];
      const name = `Refused${String(status)}`;
      shared.set(name, refusal(status, [common]));
      return [status, { $ref: `#/components/responses/${name}` }];
    }),
  );
}
