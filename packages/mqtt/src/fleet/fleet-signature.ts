import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { fleetSigned } from '@rovi/contract';
import type { FleetEnvelope, FleetRequest } from '@rovi/contract';

/** A DER SubjectPublicKeyInfo of Ed25519 is this and the 32 bytes (RFC 8410). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** The private key of a console. */
export interface FleetSigner {
  /** Its public key, as robots have it in their catalogs. */
  readonly key: string;
  sign(request: FleetRequest): FleetEnvelope;
}

/** A signer from PEM (PKCS #8). Throws where it is no Ed25519 key. */
export function fleetSigner(pem: string): FleetSigner {
  const secret = createPrivateKey(pem);
  if (secret.asymmetricKeyType !== 'ed25519') throw new Error('it is no Ed25519 key');
  const key = publicKeyText(createPublicKey(secret));
  return {
    key,
    sign: (request) => {
      const body = JSON.stringify(request);
      return { v: 1, body, key, signature: sign(null, bytes(body), secret).toString('base64') };
    },
  };
}

/** `ed25519:` and the 32 bytes in base64. */
export function publicKeyText(key: KeyObject): string {
  const der = key.export({ format: 'der', type: 'spki' });
  return `ed25519:${der.subarray(SPKI.length).toString('base64')}`;
}

/** Whether the envelope's key has signed its body. Never throws. */
export function isSigned({ body, key, signature }: FleetEnvelope): boolean {
  try {
    const raw = Buffer.from(key.slice('ed25519:'.length), 'base64');
    const known = createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' });
    return verify(null, bytes(body), known, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

function bytes(body: string): Buffer {
  return Buffer.from(fleetSigned(body));
}
