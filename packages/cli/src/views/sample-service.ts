import type { Maintenance, ServiceInstance, SupervisedService } from '@rovi/contract';
import * as plain from '@rovi/contract/sample-service';
import { before, sampleUnit } from './sample-state.js';

/** Somebody mends the camera for another hour. For tests of views only. */
export const sampleMaintenance: Maintenance = {
  target: 'camera',
  reason: 'a new lens',
  actor: { name: 'olga', face: 'cli', verified: false },
  since: before(600),
  until: before(-3600),
};

/** Runs, and answers its one check. */
export const sampleInstance = (part: Partial<ServiceInstance> = {}): ServiceInstance =>
  plain.sampleInstance('rovi-video.service', {
    unit: { main_pid: 812, since: before(90) },
    text: 'running, healthy',
    health: {
      status: 'healthy',
      text: '',
      since: before(80),
      ready: true,
      checks: [
        {
          name: 'liveness http',
          role: 'liveness',
          type: 'http',
          passing: true,
          streak: 8,
          last: { at: before(4), ok: true, text: 'HTTP 200', duration_ms: 12, figures: { status: 200 } },
        },
      ],
    },
    processes: [{ pid: 812, comm: 'video' }],
    ports: [8090],
    crashes: 1,
    restarts: 2,
    started_at: before(90),
    ...part,
  });

export const sampleService = (name: string, part: Partial<SupervisedService> = {}): SupervisedService =>
  plain.sampleService(name, {
    description: `The ${name} server`,
    category: 'sensors',
    priority: 100,
    text: 'running, healthy',
    instances: [sampleInstance()],
    as_of: before(0),
    ...part,
  });

/** Waits for its cool-down after a crash loop. */
export const sampleCrashing = sampleService('video', {
  state: 'FAILED',
  level: 'error',
  text: 'crash loop: exit code 3, 5 times within 60 s',
  health: 'none',
  requires: ['bus'],
  required_by: ['recorder'],
  instances: [
    sampleInstance({
      state: 'FAILED',
      level: 'error',
      text: 'crash loop: exit code 3, 5 times within 60 s',
      health: { status: 'none', text: '', since: null, ready: false, checks: [] },
      unit: sampleUnit('rovi-video.service', {
        active_state: 'failed',
        sub_state: 'failed',
        since: before(12),
      }),
      started_at: null,
      failure: { result: 'exit-code', exit_status: 3, signal: null, text: 'exit code 3' },
      supervision: {
        phase: 'cooldown',
        text: 'crash loop: exit code 3, 5 times within 60 s',
        tries: 1,
        tries_max: 3,
        next_at: before(-18),
        starts_left: 0,
        cause: { result: 'exit-code', exit_status: 3, signal: null, text: 'exit code 3' },
        lines: ['opening /dev/video0', 'no such device'],
      },
    }),
  ],
});
