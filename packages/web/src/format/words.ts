import type { OperationKind } from '@rovi/contract';

/** How long something took or lasts, as people say it: `8 s`, `4 min 10 s`, `3 h 5 min`, `2 d 4 h`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** How long a step took: `80 ms`, `1.8 s`, then as {@link durationText}. */
export function shortDurationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : durationText(ms);
}

/** Who commands, as people read it: a client that did not say is `unknown` in records. */
export function actorText(name: string): string {
  return name === 'unknown' ? 'somebody' : name;
}

/** How long ago: `just now`, `12 s ago`. */
export function agoText(ms: number): string {
  return ms < 2_000 ? 'just now' : `${durationText(ms)} ago`;
}

/** A moment of the robot's clock in this device's time zone; with the day where that is not today's. */
export function momentText(at: string, now: number): string {
  const moment = new Date(at);
  const time = moment.toLocaleTimeString(undefined, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  if (new Date(now).toDateString() === moment.toDateString()) return time;
  return `${moment.toLocaleDateString(undefined, { day: 'numeric', month: 'short' })}, ${time}`;
}

/** Memory in units of a thousand: `812 kB`, `41.2 MB`, `1.3 GB`. */
export function memoryText(bytes: number): string {
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0)} MB`;
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** A share of one core: `0.4 %`, `12 %`. */
export function cpuText(percent: number): string {
  return `${percent < 9.95 ? percent.toFixed(1) : Math.round(percent)} %`;
}

const timestamps = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z/g;

/** The text with each of the robot's timestamps (RFC 3339, UTC) in it as {@link momentText} has it. */
export function localTimes(text: string, now = Date.now()): string {
  return text.replace(timestamps, (found) =>
    Number.isNaN(Date.parse(found)) ? found : momentText(found, now),
  );
}

/**
 * A sentence of the robot that stands by itself: a capital first, unless it is part of a name such as `ros2`; a full stop
 * last; moments in this device's time zone.
 */
export function sentence(text: string): string {
  const trimmed = localTimes(text.trim());
  if (trimmed === '') return '';
  const [first = ''] = trimmed.split(/[\s,;:.]/, 1);
  const begin = /^[a-z]+$/.test(first) ? trimmed.charAt(0).toUpperCase() : trimmed.charAt(0);
  return `${begin}${trimmed.slice(1)}${/[.!?…:]$/.test(trimmed) ? '' : '.'}`;
}

const doing: Readonly<Record<OperationKind, string>> = {
  start: 'Start',
  stop: 'Stop',
  'stop-all': 'Stop everything',
  restart: 'Restart',
  switch: 'Switch to',
  scale: 'Scale',
  'rolling-restart': 'Restart one by one',
};

/** A command as a title: `Switch to nav`. `unit` is the stack's or service's name. */
export function commandText(kind: OperationKind, unit: string | null): string {
  return unit === null ? doing[kind] : `${doing[kind]} ${unit}`;
}
