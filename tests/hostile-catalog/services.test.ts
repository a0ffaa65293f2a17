/** Services of a catalog that mean harm, or are merely many: refused with the place, or written out as they are meant. */
import { readCatalog } from '@rovi/unitgen';
import type { RoviError } from '@rovi/contract';
import type { CatalogIssue } from '@rovi/unitgen';
import { expect, test } from 'vitest';
import { catalogWith, hostileNames, hostileServices, SERVICE_LINE } from './service-rows.js';

/** What is wrong with the text. */
function issuesOf(text: string): CatalogIssue[] {
  try {
    readCatalog(text, 'x.yaml');
  } catch (error) {
    return (error as RoviError).context['issues'] as CatalogIssue[];
  }
  return [];
}

test.each(hostileServices)('$title is refused where it stands', ({ entry, path, expected }) => {
  const began = process.cpuUsage();
  expect(issuesOf(catalogWith(entry))).toContainEqual(
    expect.objectContaining({
      line: SERVICE_LINE,
      path: `services.web.${path}`,
      message: expect.stringContaining(expected) as string,
    }),
  );
  // Of processor time: a machine that has other things to do adds none.
  const { user, system } = process.cpuUsage(began);
  expect((user + system) / 1000).toBeLessThan(1_000);
});

test.each(hostileNames)('no service is called %s', (name) => {
  const [issue] = issuesOf(catalogWith('{ description: x, command: [/usr/bin/true] }', name));
  expect(issue).toMatchObject({ line: SERVICE_LINE });
});

test.each([
  ['podman.service", "ssh.service', 'unit'],
  ['podman.service\\nssh.service', 'unit'],
  ['podman.service\\u2028', 'unit'],
  ['podman@.service', 'unit'],
  ['/etc/podman.service', 'unit'],
  ['%i.service', 'unit'],
  ['*.service', 'unit'],
  ['rovi-gateway.service', 'unit'],
  ['dbus.service', 'unit'],
  ['polkit.service', 'unit'],
  ['systemd-journald.service', 'unit'],
  ['debug-shell.service', 'unit'],
])('no unit of the system is called %j', (unit, key) => {
  const entry = JSON.stringify({ unit: 'UNIT', description: 'x' }).replace(
    'UNIT',
    unit.replaceAll('"', '\\"'),
  );
  const text = catalogWith('{ description: x, command: [/usr/bin/true] }');
  const [issue] = issuesOf(`${text}\nexternal:\n  engine: ${entry}\n`);
  expect(issue).toMatchObject({
    path: `external.engine.${key}`,
    message: expect.stringMatching(/^expected/) as string,
  });
});
