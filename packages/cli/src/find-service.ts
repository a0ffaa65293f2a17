import { RoviError, type Snapshot, type SupervisedService } from '@rovi/contract';

/** The service of this name; throws `service-unknown`. */
export function findService({ services }: Pick<Snapshot, 'services'>, name: string): SupervisedService {
  const found = services.find((service) => service.name === name);
  if (found !== undefined) return found;
  const names = services.map((service) => service.name);
  throw new RoviError('service-unknown', `there is no service "${name}" in the catalog`, {
    mend:
      names.length === 0
        ? 'The catalog has no services.'
        : `The catalog's services are: ${names.join(', ')}.`,
  });
}
