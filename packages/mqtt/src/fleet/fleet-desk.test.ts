import { randomUUID } from 'node:crypto';
import { RoviError } from '@rovi/contract';
import type { FleetReply, FleetRequest, Snapshot } from '@rovi/contract';
import { expect, it } from 'vitest';
import { FleetDesk } from './fleet-desk.js';
import type { FleetDeskOptions } from './fleet-desk.js';
import type { SignedRequest } from './fleet-request.js';

const unknown = new RoviError('bus-unavailable', 'nothing is known of the stacks');

/** A desk whose conductor knows nothing of its stacks, as after the loss of systemd. */
function desk(): FleetDesk {
  const conductor: Partial<FleetDeskOptions['conductor']> = {
    snapshot: () => ({ robot: 'alpha', boot_id: 'b7528fe6-0000' }) as Snapshot,
    impact: () => {
      throw unknown;
    },
  };
  return new FleetDesk({
    conductor: conductor as FleetDeskOptions['conductor'],
    tickets: { estop: () => Promise.reject(unknown) },
    clocks: { monotonic: () => 0, uptime: () => 0, wall: () => 0 },
  });
}

type Asked<Request> = Request extends FleetRequest ? Omit<Request, 'robot' | 'id' | 'on_behalf'> : never;

function signed(asked: Asked<FleetRequest>): SignedRequest {
  return {
    request: { ...asked, robot: 'alpha', id: randomUUID(), on_behalf: null },
    key: 'a key',
    actor: { name: 'ada', face: 'mqtt', verified: true },
    origin: { transport: 'mqtt', peer: 'ada', via: 'signature', role: 'operator' },
    role: 'operator',
  };
}

function answer(to: FleetDesk, request: SignedRequest): Promise<{ reply: FleetReply; again: boolean }> {
  return new Promise((resolve) => {
    to.take(request, (reply, again) => resolve({ reply, again }));
  });
}

it('offers to stop everything where nobody knows what that hits, and nothing else', async () => {
  const ask = { kind: 'ask', reason: '', offer_ms: 10_000 } as const;
  expect(await answer(desk(), signed({ ...ask, command: { kind: 'stop-all' } }))).toMatchObject({
    reply: { kind: 'offer', impact: null },
  });
  expect(await answer(desk(), signed({ ...ask, command: { kind: 'stop', stack: 'nav' } }))).toMatchObject({
    reply: { kind: 'refused', problem: { code: 'bus-unavailable' } },
  });
});

it('says of what it refuses whether it has refused it before', async () => {
  const one = desk();
  const late = signed({ kind: 'do', offer: 'b7528fe6.an-offer-of-before', confirm: null });
  for (const again of [false, true, true]) {
    expect(await answer(one, late)).toMatchObject({
      reply: { kind: 'refused', problem: { code: 'command-expired' } },
      again,
    });
  }
});
