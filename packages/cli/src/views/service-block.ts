import type { HealthWord, SupervisedService } from '@rovi/contract';
import { printableData } from '../control-codes.js';

const healthWords: Readonly<Record<HealthWord, string>> = {
  healthy: 'Passed',
  degraded: 'Degraded',
  unhealthy: 'Failed',
  starting: 'Starting',
  unknown: 'Not known',
  none: 'None',
};

/** A service on a host in five lines, as it is after a command. `now` is the host's own clock, in milliseconds since the epoch. */
export function serviceBlock(given: SupervisedService, host: string, now: number): string {
  const service = printableData(given);
  const running = service.instances.find(({ started_at: at }) => at !== null) ?? null;
  const [first] = service.instances;
  const rows: [string, string][] = [
    ['Name', service.name],
    ['Host', host],
    ['Status', service.state.charAt(0) + service.state.slice(1).toLowerCase()],
    ...(service.managed === 'system'
      ? [['Unit', `${first?.unit.unit ?? ''} (of the system)`] as [string, string]]
      : []),
  ];
  if (running?.started_at != null) {
    rows.push(['Uptime', uptimeText(now - Date.parse(running.started_at))]);
    const words = new Set(service.instances.map(({ health }) => health.status));
    const worst = order.find((word) => words.has(word)) ?? 'none';
    rows.push(['Health Check', healthWords[worst]]);
  } else {
    const since = first?.unit.since ?? null;
    rows.push(['Last Active', since === null ? 'not since the robot started' : utcText(since)]);
  }
  return `\nService Status:\n${rows.map(([name, value]) => `${`${name}:`.padEnd(18)}${value}\n`).join('')}`;
}

/** The worst of several instances speaks for all. */
const order: readonly HealthWord[] = ['unhealthy', 'degraded', 'unknown', 'starting', 'healthy', 'none'];

function uptimeText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const parts = [Math.floor(seconds / 86_400), Math.floor(seconds / 3_600) % 24];
  const long = [`${String(parts[0])}d`, `${String(parts[1])}h`].filter((_, index) =>
    parts.slice(0, index + 1).some((part) => part > 0),
  );
  return [...long, `${String(Math.floor(seconds / 60) % 60)}m`, `${String(seconds % 60)}s`].join(' ');
}

function utcText(timestamp: string): string {
  return `${timestamp.slice(0, 10)} ${timestamp.slice(11, 19)} UTC`;
}
