import { homeOf } from '@rovi/contract';
import type { Catalog } from '@rovi/contract';
import { asksI2c } from './i2c-checks.js';
import { GENERATED } from './generated-file.js';

/**
 * sysusers.d(5): the account that runs everything, and the operators' group. Where they exist they stay as they are.
 * The account is in `systemd-journal` because the conductor reads the stacks' journal, and in
 * `i2c` where health checks ask I2C devices: Debian's udev rule gives that group the buses.
 */
export function accounts(catalog: Catalog): string {
  const { user, group } = catalog;
  const lines = [
    ...(group === user ? [] : [`g ${group} -`]),
    `u ${user} - "Rovi stacks" ${homeOf(catalog)} /bin/bash`,
    ...(group === user ? [] : [`m ${user} ${group}`]),
    `m ${user} systemd-journal`,
    ...(asksI2c(catalog) ? [`m ${user} i2c`] : []),
  ];
  return `# ${GENERATED}\n${lines.join('\n')}\n`;
}
