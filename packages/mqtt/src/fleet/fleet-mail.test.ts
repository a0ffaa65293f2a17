import { expect, it } from 'vitest';
import type { Arrival } from '../broker-connection.js';
import { FleetMail } from './fleet-mail.js';
import { fleetTopics } from './fleet-topics.js';

it('does not read what nobody has asked for, however often and large it comes', () => {
  const odd: string[] = [];
  const mail = new FleetMail({
    topics: fleetTopics('fleet'),
    console: 'office-console',
    signer: () => null,
    connection: () => null,
    odd: (why) => odd.push(why),
  });
  const arrival: Arrival = {
    topic: 'fleet/alpha/reply/office-console',
    payload: Buffer.from('{'.repeat(1_000_000)),
    retained: false,
    robot: 'alpha',
    expiry: null,
    responseTopic: null,
    correlation: Buffer.from('b7528fe6-0000-4000-8000-000000000000'),
  };
  mail.arrived('alpha', arrival);
  expect(odd).toEqual([]);
  mail.arrived('alpha', { ...arrival, correlation: null });
  expect(odd).toEqual(['alpha: an answer without correlation']);
});
