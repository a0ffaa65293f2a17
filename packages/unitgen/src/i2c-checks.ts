import { allServices } from '@rovi/contract';
import type { Catalog } from '@rovi/contract';

/** Whether a health check of the catalog asks a device on an I2C bus. */
export function asksI2c(catalog: Pick<Catalog, 'services' | 'external'>): boolean {
  return Object.values(allServices(catalog)).some(({ health }) =>
    health.some(({ probe }) => probe.type === 'i2c'),
  );
}
