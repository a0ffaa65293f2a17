import { PATHS } from '@rovi/contract';
import type { Catalog } from '@rovi/contract';
import { GENERATED } from './generated-file.js';

/**
 * tmpfiles.d(5): the one owner of the runtime directory. Not group-writable, or a member could put another file in the
 * lock's place; set-group-ID, so that the API's socket belongs to the operators' group. It names nothing in the home:
 * systemd-tmpfiles is root and follows the links of whoever owns it. Below the folder of state, which is that account's
 * too, it refuses to follow a link.
 */
export function runtimeFiles(catalog: Catalog): string {
  const { user, group } = catalog;
  return `# ${GENERATED}
d ${PATHS.runtime} 2750 ${user} ${group} -
f ${PATHS.lock} 0600 ${user} ${user} -
d ${PATHS.state} 2750 ${user} ${group} -
d ${PATHS.maintenance} 2750 ${user} ${group} -
d ${PATHS.stopped} 2750 ${user} ${group} -
`;
}
