import { constants } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { RoviError } from '@rovi/contract';
import { rootCertificates } from 'node:tls';
import { reasonOf } from '../catalog-file.js';

/** Characters; a token of Rovi's has about 60. */
const MAX_TOKEN = 4_096;

/** Where distributions keep the authorities that their admin trusts. */
const bundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
];

/**
 * The token in a file. Rejects with `host-credentials` where anybody but its owner could have read it: what is looked at
 * is the very file that is read.
 */
export async function readToken(path: string): Promise<string> {
  // Not blocking: a pipe nobody writes to would hold the command for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
    throw unusable(
      `the token file ${path} cannot be read: ${reasonOf(cause)}`,
      `Put the token into it: \`umask 077; cat > ${path}\`.`,
      cause,
    );
  });
  try {
    const status = await file.stat();
    if (!status.isFile())
      throw unusable(`the token file ${path} is no file`, 'Name a file with the token alone in it.');
    if ((status.mode & 0o077) !== 0) {
      throw unusable(
        `the token file ${path} is open to others than its owner (mode ${(status.mode & 0o777).toString(8).padStart(4, '0')}); it was not used`,
        `\`chmod 600 ${path}\`. Whoever may have read it can command the robot: let its admin revoke the token and make a new one.`,
      );
    }
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(MAX_TOKEN + 1), position: 0 });
    const token = buffer.toString('utf8', 0, bytesRead).trim();
    if (/^[\x21-\x7e]+$/.test(token) && bytesRead <= MAX_TOKEN) return token;
    throw unusable(
      `the token file ${path} holds no token`,
      'It holds one line: what `rovictl token create` printed on the robot.',
    );
  } finally {
    await file.close();
  }
}

/** PEM of who may have signed a robot's certificate: the file named, else this machine's own authorities. */
export async function readAuthorities(path: string | null): Promise<string> {
  if (path !== null) {
    const text = await readFile(path, 'utf8').catch((cause: unknown) => {
      throw unusable(
        `the CA file ${path} cannot be read: ${reasonOf(cause)}`,
        'Copy the certificate of the robot, or of who signed it, there.',
        cause,
      );
    });
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
    throw unusable(
      `the CA file ${path} holds no certificate`,
      'Expected PEM: `-----BEGIN CERTIFICATE-----`.',
    );
  }
  for (const bundle of bundles) {
    const text = await readFile(bundle, 'utf8').catch(() => null);
    if (text !== null) return text;
  }
  return rootCertificates.join('\n');
}

function unusable(message: string, mend: string, cause?: unknown): RoviError {
  return new RoviError('host-credentials', message, { mend, cause });
}
