import { serviceUnits } from '@rovi/contract';
import type { Catalog } from '@rovi/contract';
import { unitFile } from './unit-file.js';

/** rovi-services.target: what boot starts beside the gateway. It alone is enabled, no service is. */
export function servicesTarget({ services }: Pick<Catalog, 'services'>): string {
  const wanted = Object.entries(services).flatMap(([name, service]) =>
    service.autostart ? serviceUnits(name, service).slice(0, service.instances.min) : [],
  );
  return unitFile([
    {
      name: 'Unit',
      lines: [
        ['Description', 'Rovi services that are started at boot'],
        // One a line: a catalog may have a thousand.
        ...wanted.map((unit) => ['Wants', unit] as const),
      ],
    },
    { name: 'Install', lines: [['WantedBy', 'multi-user.target']] },
  ]);
}
