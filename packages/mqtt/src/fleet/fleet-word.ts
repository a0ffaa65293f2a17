import { fleetLinkSchema, fleetReplySchema, fleetReportSchema } from '@rovi/contract';
import type { FleetLink, FleetReply, FleetReport } from '@rovi/contract';

/** Bytes of the largest state or link that is read. */
const LARGEST_WORD = 65_536;

/** What no terminal and no page shall be given to show: control characters, and what turns the direction of text. */
// eslint-disable-next-line no-control-regex -- these are what is meant
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** What came by a robot's topic, or why it is not believed. */
export type Heard<Word> = { readonly word: Word } | { readonly fault: string };

/** A report; only of the robot whose topic it came by. */
export function readReport(robot: string, payload: Buffer): Heard<FleetReport> {
  return readWord(robot, payload, fleetReportSchema);
}

/** The same of its link. */
export function readLink(robot: string, payload: Buffer): Heard<FleetLink> {
  return readWord(robot, payload, fleetLinkSchema);
}

/** The same of an answer, which may be as large as a packet. */
export function readReply(robot: string, payload: Buffer): Heard<FleetReply> {
  return readWord(robot, payload, fleetReplySchema, Infinity);
}

/** A schema of the contract. */
interface Parser<Word> {
  safeParse(value: unknown): { success: true; data: Word } | { success: false; error: { message: string } };
}

function readWord<Word extends { readonly robot: string }>(
  robot: string,
  payload: Buffer,
  schema: Parser<Word>,
  largest = LARGEST_WORD,
): Heard<Word> {
  if (payload.length > largest) return { fault: `${robot}: larger than ${String(largest)} bytes` };
  let value: unknown;
  try {
    // Here, so that no text from outside goes on as it came.
    value = JSON.parse(payload.toString('utf8'), (_key, one: unknown) =>
      typeof one === 'string' ? one.replaceAll(UNPRINTABLE, '\ufffd') : one,
    );
  } catch {
    return { fault: `${robot}: not JSON` };
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) return { fault: `${robot}: ${parsed.error.message.slice(0, 200)}` };
  if (parsed.data.robot !== robot) return { fault: `${robot}: speaks of itself as ${parsed.data.robot}` };
  return { word: parsed.data };
}
