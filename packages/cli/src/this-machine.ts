import { RoviError } from '@rovi/contract';

/**
 * Leave to look at this machine itself and to act on it, past the gateway: by systemctl, journalctl, its catalog, its
 * processes. Only `VerbContext.thisMachine` gives it, and only where no other host is meant: whatever works on this
 * machine takes one, so that a command for another robot cannot reach this one.
 */
export class ThisMachine {
  readonly #catalog: string | undefined;

  constructor(catalog: string | undefined) {
    this.#catalog = catalog;
  }

  /** The catalog named with `--catalog`; undefined where none was. */
  catalog(): string | undefined {
    return this.#catalog;
  }
}

/** What a verb that works on this machine alone says where another host is meant. */
export function localOnly(verb: string, host: string): RoviError {
  return new RoviError(
    'host-local-only',
    `\`rovictl ${verb}\` works on the machine it is run on, and ${host} was named; nothing was done`,
    {
      mend: `Run it on ${host} itself. For this machine: \`rovictl --host local ${verb}\`.`,
      context: { host, verb },
    },
  );
}
