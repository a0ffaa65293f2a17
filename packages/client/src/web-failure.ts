import { RoviError } from '@rovi/contract';
import { unreachable } from './failure.js';

/** What Node calls a certificate that does not prove what it should. */
const untrusted: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'CERT_REVOKED',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
]);

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'the name service does not answer',
  ECONNREFUSED: 'nobody listens there',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'no route leads there',
  ENETUNREACH: 'no network leads there',
};

/** The one translation of what Node reports of a connection to a gateway over TCP. */
export function webFailure(
  error: unknown,
  { at, secure, connected }: { readonly at: string; readonly secure: boolean; readonly connected: boolean },
): RoviError {
  if (error instanceof RoviError) return error;
  const code: string = (error as NodeJS.ErrnoException | null)?.code ?? '';
  const said = error instanceof Error ? error.message : String(error);
  if (untrusted.has(code)) {
    return new RoviError('host-untrusted', `${at} does not prove that it is the robot: ${said}`, {
      mend: 'Name the certificate of the robot, or of who signed it, as `ca_file`; the address must be a name that it is made out to.',
      context: { reason: code },
      cause: error,
    });
  }
  if (connected) {
    return unreachable(
      'hung-up',
      `the connection to ${at} was lost: ${said}`,
      'Read the state before you repeat a command.',
      error,
    );
  }
  const noTls = secure && (code === 'EPROTO' || /wrong version number|packet length too long/.test(said));
  const why = noTls ? 'what answers there does not speak TLS' : (reasons[code] ?? said);
  return new RoviError('host-unreachable', `${at} cannot be reached: ${why}`, {
    mend: 'Is the robot on, and the address right? Stacks that run, run on.',
    context: { reason: code },
    cause: error,
  });
}
