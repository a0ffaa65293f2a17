import { readdirSync } from 'node:fs';
import process from 'node:process';
import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import type Registry from 'prom-client/lib/registry.js';

/**
 * The gateway's own process, under the names that Prometheus clients give these figures. Only what can be read when it
 * is asked for: prom-client's own set measures the event loop all the time.
 */
export function registerProcessMetrics(registry: Registry): void {
  const registers = [registry];
  const startTime = Date.now() / 1000 - process.uptime();
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time in seconds.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  new Gauge({
    name: 'process_start_time_seconds',
    help: 'When the process started, in seconds since the epoch.',
    registers,
  }).set(startTime);
  const read = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  };
  read('process_resident_memory_bytes', 'Resident memory in bytes.', () => process.memoryUsage.rss());
  read('process_open_fds', 'Open file descriptors.', () => readdirSync('/proc/self/fd').length);
  read(
    'nodejs_heap_size_used_bytes',
    'JavaScript heap in use, in bytes.',
    () => process.memoryUsage().heapUsed,
  );
}
