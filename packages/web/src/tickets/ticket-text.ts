import type { Ticket, TicketStatus } from '@rovi/contract';
import { isFinalTicketStatus } from '@rovi/contract';
import type { Tone } from '../format/tone.js';
import { localTimes, sentence } from '../format/words.js';

/** The tone of a status. */
export const ticketTones: Readonly<Record<TicketStatus, Tone>> = {
  pending: 'rest',
  queued: 'warn',
  executing: 'busy',
  completed: 'good',
  failed: 'bad',
  cancelled: 'rest',
};

const words: Readonly<Record<TicketStatus, string>> = {
  pending: 'Pending',
  queued: 'Queued',
  executing: 'Executing',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

/** The status as one word for people; where it is not the present one, that it was. What has ended stays so. */
export function statusWord(status: TicketStatus, live: boolean): string {
  return live || isFinalTicketStatus(status) ? words[status] : `Was ${status}`;
}

/** The unit that a value of this name is in, with the words of its schema; empty where it has none. */
export function unitOf(name: string, description = ''): string {
  const [, given] = /^(m\/s|rad\/s|Hz|m|s|rad)\b/.exec(description) ?? [];
  if (given !== undefined) return given;
  if (/_seconds$/.test(name)) return 's';
  if (/_ms$/.test(name)) return 'ms';
  if (/^(direction|angle)$/.test(name)) return /rad/i.test(description) ? 'rad' : '°';
  if (name === 'speed') return 'm/s';
  return /^(distance|range_)/.test(name) && name !== 'distance_source' ? 'm' : '';
}

/** A name of the wire as people read it: `duration_seconds` is `Duration`. */
export function labelOf(name: string): string {
  const text = name.replace(/_(seconds|ms)$/, '').replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A value with its unit, as short as it can be read. */
export function valueText(name: string, value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number') {
    const text = String(Math.round(value * 1000) / 1000);
    const unit = unitOf(name);
    return unit === '°' ? `${text}°` : unit === '' ? text : `${text} ${unit}`;
  }
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? localTimes(value) : JSON.stringify(value);
}

/** What a ticket is to do, in a few words: `drive 1 m/s, 90°, 2 s`. */
export function commandLine({ command, params }: Pick<Ticket, 'command' | 'params'>): string {
  const parts = Object.entries(params).map(([name, value]) => valueText(name, value));
  return parts.length === 0 ? command : `${command} ${parts.join(', ')}`;
}

/** What came of a ticket, in a few words; empty where nothing has yet. */
export function outcomeLine({ error, result }: Pick<Ticket, 'error' | 'result'>): string {
  const far = result === null ? '' : resultLine(result);
  if (error === null) return far;
  return far === '' ? sentence(error) : `${sentence(error)} ${far}`;
}

/** What a command answered with, in a few words; empty where they would say nothing. */
export function resultLine(result: Readonly<Record<string, unknown>>): string {
  const { distance_traveled: distance, distance_source: source, nearest, ranges, operation } = result;
  if (typeof distance === 'number') return `${valueText('distance', distance)} ${sourceWord(source)}.`;
  if (source === 'not-measured') return 'How far it came was not measured.';
  if (Array.isArray(ranges)) {
    const text = isRecord(nearest) ? `nearest ${valueText('distance', nearest['distance'])}` : 'nothing seen';
    return `${ranges.length === 1 ? '1 ray' : `${ranges.length} rays`}, ${text}.`;
  }
  if (isRecord(operation) && typeof operation['message'] === 'string') return sentence(operation['message']);
  return '';
}

function sourceWord(source: unknown): string {
  return typeof source === 'string' ? source.replaceAll('-', ' ') : '';
}

/** Whether it is an object with named values. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
