import { fleetEnvelopeSchema, fleetRequestIdSchema, fleetRequestSchema, RoviError } from '@rovi/contract';
import type { Actor, FleetOperator, FleetRequest, Origin, Role } from '@rovi/contract';
import { roleCovers } from '@rovi/contract';
import { isSigned } from './fleet-signature.js';

/** Bytes of the largest request that is read. */
const LARGEST = 32_768;

/** A request whose signature is of a key that the catalog has. */
export interface SignedRequest {
  readonly request: FleetRequest;
  readonly key: string;
  readonly actor: Actor;
  readonly origin: Origin;
  /** The lesser of the key's role and of who it speaks for. */
  readonly role: Role;
}

/** Why a request was not taken; `id` where it said one, for the answer. */
export interface NotTaken {
  readonly problem: RoviError;
  readonly id: string | null;
}

/** Reads what arrived. What it says about itself is believed only where a known key has signed it. */
export function readFleetRequest(
  payload: Buffer,
  robot: string,
  operators: readonly FleetOperator[],
): SignedRequest | NotTaken {
  const bad = (message: string, id: string | null = null): NotTaken => ({
    problem: new RoviError('bad-request', message),
    id,
  });
  if (payload.length > LARGEST) return bad('a request is larger than 32 KiB');
  const envelope = fleetEnvelopeSchema.safeParse(jsonOf(payload.toString('utf8')));
  if (!envelope.success) return bad('this is no request of a fleet');
  const { body, key } = envelope.data;
  const said = jsonOf(body);
  const parsed = fleetRequestSchema.safeParse(said);
  const id = fleetRequestIdSchema.safeParse(said).data?.id ?? null;
  const operator = operators.find((one) => one.key === key);
  if (operator === undefined || !isSigned(envelope.data)) {
    return {
      id,
      problem: new RoviError(
        'signature-refused',
        operator === undefined
          ? `${robot} takes no commands of the key ${key}`
          : `the signature of ${operator.name} does not fit`,
        {
          mend: `Its admin adds the key to \`mqtt.fleet.operators\` of the catalog; \`rovictl reload\` takes it over.`,
        },
      ),
    };
  }
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return bad(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a request'}`, id);
  }
  const request = parsed.data;
  if (request.robot !== robot)
    return bad(`this request is for ${request.robot}, and this is ${robot}`, request.id);
  const behalf = request.on_behalf;
  const role = behalf === null || roleCovers(behalf.role, operator.role) ? operator.role : behalf.role;
  return {
    request,
    key,
    role,
    actor: { name: behalf?.name ?? operator.name, face: 'mqtt', verified: behalf?.verified ?? true },
    origin: { transport: 'mqtt', peer: operator.name, via: 'signature', role },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
