import type { SeveralFlags } from '../several/command-several.js';

/** What the command line says of a rolling restart. */
export interface RollingFlags extends SeveralFlags {
  rolling?: true;
  /** The id of one that did not end well; true for the last one. */
  resume?: string | true;
  list?: true;
}

/** Whether the words are about a rolling restart from before: then they name no hosts. */
export function isOfEarlier({ resume, list }: RollingFlags): boolean {
  return resume !== undefined || list === true;
}
