/**
 * Where each verb works when another host is meant:
 * - `remote`: by that host's gateway, and by nothing of this machine; refused where several hosts are meant.
 * - `many`: the same, and on several hosts in one command.
 * - `here`: on this machine alone; refused with `host-local-only`.
 * - `apart`: it has to do with no robot.
 *
 * A verb that is not in the table is refused on another host. A test holds the table and the command tree together.
 */
export type VerbPlace = 'remote' | 'many' | 'here' | 'apart';

export const verbPlaces: Readonly<Record<string, VerbPlace>> = {
  status: 'many',
  top: 'many',
  active: 'remote',
  'stack start': 'many',
  'stack stop': 'many',
  'stack switch': 'many',
  'stack restart': 'many',
  'stack list': 'remote',
  'stack why': 'remote',
  'stop-all': 'many',
  'service list': 'remote',
  'service status': 'many',
  'service start': 'many',
  'service stop': 'many',
  'service restart': 'many',
  'service scale': 'remote',
  'service logs': 'many',
  'service health': 'remote',
  'service why': 'remote',
  'ticket create': 'remote',
  'ticket list': 'remote',
  'ticket show': 'remote',
  'ticket execute': 'remote',
  'ticket cancel': 'remote',
  'ticket watch': 'remote',
  'ticket commands': 'remote',
  'ticket export': 'remote',
  estop: 'many',
  'estop reset': 'remote',
  plan: 'remote',
  logs: 'many',
  'maintenance begin': 'remote',
  'maintenance end': 'remote',
  'maintenance list': 'remote',
  recover: 'remote',
  reload: 'remote',
  operations: 'remote',
  audit: 'remote',
  timeline: 'remote',
  'ros status': 'remote',
  'ros probe available': 'remote',
  'ros probe node': 'remote',
  'ros probe topic': 'remote',
  'ros restart': 'remote',
  'fleet status': 'remote',
  'fleet watch': 'remote',
  'fleet run': 'remote',
  'fleet runs': 'remote',
  'fleet key': 'here',
  // Tokens are files of root's, a catalog and what is generated from it too, and doctor looks at the machine itself.
  'token create': 'here',
  'token list': 'here',
  'token revoke': 'here',
  validate: 'here',
  generate: 'here',
  doctor: 'here',
  'host add': 'apart',
  'host list': 'apart',
  'host remove': 'apart',
  'host test': 'apart',
  completion: 'apart',
  __complete: 'apart',
};

/** The place of a verb, by its words. */
export function verbPlace(verb: string): VerbPlace {
  return Object.hasOwn(verbPlaces, verb) ? (verbPlaces[verb] ?? 'here') : 'here';
}
