import { mqttSchema } from '@rovi/contract';
import { expect, it } from 'vitest';
import { brokerAddress } from './broker-address.js';

it.each([
  ['mqtt://localhost', { host: 'localhost', port: 1883, tls: false }],
  ['mqtts://broker.example:443', { host: 'broker.example', port: 443, tls: true }],
  ['mqtts://10.0.0.1', { host: '10.0.0.1', port: 8883, tls: true }],
  ['mqtt://[fe80::1]:1884', { host: 'fe80::1', port: 1884, tls: false }],
])('%s', (broker, address) => {
  expect(brokerAddress(mqttSchema.parse({ broker }).broker)).toEqual(address);
});

it.each(['mqtt://h:0', 'mqtt://h:65536', 'mqtt://u:p@h', 'http://h', 'mqtt://h/path'])(
  'the catalog does not take %s',
  (broker) => {
    expect(mqttSchema.safeParse({ broker }).success).toBe(false);
  },
);
