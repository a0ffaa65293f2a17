import { readFile } from 'node:fs/promises';
import type { MqttEntry } from '@rovi/contract';

/** What the files of the catalog say at this moment. */
export interface Credentials {
  readonly username?: string;
  readonly password?: string;
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** A file of the catalog cannot be used; `mend` says what to do about it. */
export class CredentialError extends Error {
  readonly mend: string;

  constructor(message: string, mend: string, cause?: unknown) {
    super(message, { cause });
    this.mend = mend;
  }
}

/** Reads them anew: a password or certificate that was replaced is used at the next connection. Rejects with a CredentialError. */
export async function readCredentials({ username, password_file, tls }: MqttEntry): Promise<Credentials> {
  const [password, ca, cert, key] = await Promise.all([
    readIf('password_file', password_file),
    readIf('tls.ca', tls?.ca),
    readIf('tls.certificate', tls?.certificate),
    readIf('tls.key', tls?.key),
  ]);
  const line = password?.toString('utf8').split(/\r?\n/, 1)[0];
  if (line === '') {
    throw new CredentialError(
      `the first line of ${password_file ?? ''} is empty`,
      'Write the password there, on the first line.',
    );
  }
  return {
    ...(username === undefined ? {} : { username }),
    ...(line === undefined ? {} : { password: line }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

async function readIf(entry: string, path: string | undefined): Promise<Buffer | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path);
  } catch (cause) {
    throw new CredentialError(
      `cannot read ${path} (mqtt.${entry}): ${(cause as Error).message}`,
      `Put the file there and let the gateway's user read it; it is read again at the next attempt.`,
      cause,
    );
  }
}
