import { generateKeyPairSync } from 'node:crypto';
import { fleetEnvelopeSchema, fleetKeySchema, type FleetRequest } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { fleetSigner, isSigned } from './fleet-signature.js';

const pem = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
const request: FleetRequest = {
  kind: 'look',
  robot: 'alpha',
  id: '0b0e8b5e-3f5f-4d3c-8a3c-2d1a1f0e9c11',
  on_behalf: null,
};

describe('the signature of a fleet request', () => {
  it('is of one key, over one body', () => {
    const [ours, other] = [fleetSigner(pem()), fleetSigner(pem())];
    const envelope = ours.sign(request);
    expect(fleetEnvelopeSchema.parse(envelope)).toEqual(envelope);
    expect(fleetKeySchema.parse(ours.key)).toBe(envelope.key);
    expect(isSigned(envelope)).toBe(true);
    expect(isSigned({ ...envelope, key: other.key })).toBe(false);
    expect(isSigned({ ...envelope, body: envelope.body.replace('alpha', 'omega') })).toBe(false);
    expect(isSigned({ ...envelope, signature: other.sign(request).signature })).toBe(false);
  });

  it('is none where key or signature are no such thing', () => {
    const envelope = fleetSigner(pem()).sign(request);
    expect(isSigned({ ...envelope, key: 'ed25519:' })).toBe(false);
    expect(isSigned({ ...envelope, signature: '' })).toBe(false);
    expect(isSigned({ ...envelope, signature: '\u0000'.repeat(88) })).toBe(false);
  });

  it('takes no key of another kind', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    expect(() => fleetSigner(rsa.export({ format: 'pem', type: 'pkcs8' }).toString())).toThrow(
      'no Ed25519 key',
    );
  });
});
