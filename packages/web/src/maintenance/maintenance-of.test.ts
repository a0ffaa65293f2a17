import type { Maintenance } from '@rovi/contract';
import { expect, it } from 'vitest';
import { maintenanceOf, untilText } from './maintenance-of.js';

const maintenance = (target: string | null, until: string | null = null): Maintenance => ({
  target,
  reason: 'new lidar',
  actor: { name: 'olga', face: 'web', verified: true },
  since: '2026-03-01T11:00:00.000Z',
  until,
});

it('is the unit’s own before the robot’s, and none of another unit', () => {
  const all = [maintenance(null), maintenance('nav')];
  expect(maintenanceOf('nav', all)?.target).toBe('nav');
  expect(maintenanceOf('api', all)?.target).toBeNull();
  expect(maintenanceOf('api', [maintenance('nav')])).toBeNull();
  expect(maintenanceOf(null, [maintenance('nav')])).toBeNull();
});

it('says until when', () => {
  const now = Date.parse('2026-03-01T12:00:00.000Z');
  expect(untilText(maintenance(null), now)).toBe('until somebody ends it');
  expect(untilText(maintenance(null, '2026-03-01T12:12:00.000Z'), now)).toMatch(
    /^until .*12:00, for another 12 min$/,
  );
  expect(untilText(maintenance(null, '2026-03-01T11:59:00.000Z'), now)).toMatch(/, which is now$/);
});
