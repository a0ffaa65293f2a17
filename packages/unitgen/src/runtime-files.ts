import { homeOf, PATHS } from '@rovi/contract';
import type { Catalog } from '@rovi/contract';
import { GENERATED } from './generated-file.js';

/**
 * tmpfiles.d(5): the one owner of the runtime directory. Not group-writable, or a member could put another file in the
 * lock's place; set-group-ID, so that the API's socket belongs to the operators' group.
 */
export function runtimeFiles(catalog: Catalog): string {
  const { user, group } = catalog;
  const home = homeOf(catalog);
  const session = `${home}/.ros/rovi/session/current_launch`;
  return `# ${GENERATED}
d ${PATHS.runtime} 2750 ${user} ${group} -
f ${PATHS.lock} 0600 ${user} ${user} -
# A session that the last boot left behind names a stack that does not run.
r! ${session}
r! ${session}.owner
`;
}
