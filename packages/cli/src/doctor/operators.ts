import process from 'node:process';
import { homeOf } from '@rovi/contract';
import { actorName } from '../verb.js';
import { CheckList, type Check } from './check.js';
import type { Installation } from './installation.js';

/** The account that runs everything, the operators' group, and whether the caller is in it. */
export async function checkAccounts(installation: Installation): Promise<readonly Check[]> {
  const { catalog, accounts, root } = installation;
  const list = new CheckList('accounts');
  const { user, group } = catalog;
  const account = accounts.users.get(user);
  if (account === undefined) {
    list.fault(
      'user',
      `there is no user ${user}`,
      '`systemd-sysusers /etc/sysusers.d/rovi.conf`, or run `install.sh` again',
    );
  } else if (account.uid === 0) {
    list.fault('user', `${user} has uid 0`, 'choose an unprivileged user in the catalog');
  } else {
    const groups = await accounts.groupsOf(user);
    const home = homeOf(catalog);
    if (!groups.includes('systemd-journal')) {
      list.fault(
        'user',
        `${user} is not in systemd-journal: logs and exit causes are not to be had`,
        `\`usermod -aG systemd-journal ${user}\`, then restart the gateway`,
      );
    } else if (account.home !== home) {
      list.fault(
        'user',
        `${user}'s home is ${account.home}, the catalog says ${home}`,
        'set `home:` in the catalog, generate and install',
      );
    } else list.ok('user', `${user} (uid ${String(account.uid)}), home ${home}, reads the journal`);
  }
  const members = accounts.group?.members ?? [];
  if (accounts.group === null) {
    list.fault(
      'group',
      `there is no group ${group}`,
      '`systemd-sysusers /etc/sysusers.d/rovi.conf`, or run `install.sh` again',
    );
    return list.checks;
  }
  if (!members.some(({ name }) => name === user)) {
    list.fault(
      'group',
      `${user} is not in ${group}`,
      `\`usermod -aG ${group} ${user}\`, then restart the gateway`,
    );
  } else {
    const others = members.filter(({ name }) => name !== user).map(({ name }) => name);
    list.ok(
      'group',
      others.length === 0
        ? `${group}: ${user} only, no operators yet`
        : `${group}: ${user}, ${others.join(', ')}`,
    );
  }
  checkCaller(list, {
    group,
    gid: accounts.group.gid,
    isMember: members.some(({ name }) => name === actorNameOfProcess()),
    root,
  });
  return list.checks;
}

/** Not the person behind sudo: whose groups this very process has. */
function actorNameOfProcess(): string {
  return process.getuid?.() === 0 ? 'root' : actorName();
}

function checkCaller(
  list: CheckList,
  { group, gid, isMember, root }: { group: string; gid: number; isMember: boolean; root: boolean },
): void {
  const name = actorNameOfProcess();
  const inProcess = process.getgroups?.().includes(gid) === true || process.getegid?.() === gid;
  if (root) list.ok('you', 'root needs no membership');
  else if (!isMember)
    list.fault(
      'you',
      `${name} is not in ${group}: you may not command stacks`,
      `\`usermod -aG ${group} ${name}\` as root, then log in again`,
    );
  else if (!inProcess)
    list.fault(
      'you',
      `${name} is in ${group}, but this session began before that`,
      'log in again, until `id` lists the group',
    );
  else list.ok('you', `${name} is in ${group}`);
}
