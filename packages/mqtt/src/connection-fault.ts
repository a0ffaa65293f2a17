import type { BrokerAddress } from './broker-address.js';
import { CredentialError } from './credentials.js';

/** Why there is no connection: for people, and what to do about it. */
export interface ConnectionFault {
  readonly text: string;
  readonly mend: string;
}

const LOOK_AT_BROKER =
  'Look whether the broker runs and can be reached from the robot; it is tried again by itself.';
const LOOK_AT_FILES =
  'Compare `mqtt:` in the catalog with what the broker knows; its files are read again at the next attempt.';
const LOOK_AT_CERTIFICATES = "Look at the broker's certificate, and at `mqtt.tls` in the catalog.";

/** CONNACK and DISCONNECT reason codes of MQTT 5 that have to do with who we are. */
const ABOUT_US = new Set([0x85, 0x86, 0x87, 0x8a, 0x8c]);
const TAKEN_OVER = 0x8e;

/** Says what an error of the library, of the socket or of TLS means here. */
export function faultOf(error: unknown, { host, port }: BrokerAddress): ConnectionFault {
  if (error instanceof CredentialError) return { text: error.message, mend: error.mend };
  const { code, message } = error as { code?: unknown; message?: unknown };
  const said = typeof message === 'string' && message !== '' ? message : String(code ?? error);
  const at = `${host}:${String(port)}`;
  if (typeof code === 'number') return reasonFault(code, said);
  switch (code) {
    case 'ECONNREFUSED':
      return { text: `nothing listens at ${at}`, mend: LOOK_AT_BROKER };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { text: `the name ${host} cannot be resolved`, mend: LOOK_AT_BROKER };
    case undefined:
      return { text: `${at}: ${said}`, mend: LOOK_AT_BROKER };
    default:
      return /^(?:ERR_(?:TLS|SSL|OSSL)|CERT_|DEPTH_|SELF_|UNABLE_|HOSTNAME_|EPROTO)/.test(String(code))
        ? { text: `TLS with ${at} failed: ${said}`, mend: LOOK_AT_CERTIFICATES }
        : { text: `${at}: ${said}`, mend: LOOK_AT_BROKER };
  }
}

/** The broker closed the connection and did not say why. */
export function closedFault({ host, port }: BrokerAddress): ConnectionFault {
  return {
    text: `${host}:${String(port)} closed the connection without a word`,
    // mosquitto 2.0 says nothing to a client whose client_id another one came with.
    mend: `${LOOK_AT_BROKER} One that closes it again and again may know another client with the same client_id.`,
  };
}

/** What a reason code of the broker means; `said` is its name in the library. */
export function reasonFault(code: number, said: string): ConnectionFault {
  const name = said.replace(/^Connection refused: /, '') || `reason 0x${code.toString(16)}`;
  if (code === TAKEN_OVER) {
    return {
      text: 'another client came with the same client_id, and the broker dropped this one',
      mend: 'Give each its own `client_id` in the catalog.',
    };
  }
  if (ABOUT_US.has(code)) return { text: `the broker refused us: ${name}`, mend: LOOK_AT_FILES };
  return { text: `the broker ended the connection: ${name}`, mend: LOOK_AT_BROKER };
}
