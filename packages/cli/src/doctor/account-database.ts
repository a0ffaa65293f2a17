import { runProgram } from '../run-program.js';

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** Users and groups as the system's database has them: files, LDAP and all, by `getent`. */
export interface Accounts {
  readonly users: ReadonlyMap<string, Account>;
  /** The operators' group; null where it does not exist. */
  readonly group: { readonly gid: number; readonly members: readonly Account[] } | null;
  /** Names of all groups a user is in, by the database. */
  groupsOf(user: string): Promise<readonly string[]>;
}

/** Looks up these users, the group, and its members. */
export async function loadAccounts(names: readonly string[], groupName: string): Promise<Accounts> {
  const group = (await getent('group', [groupName]))[0];
  const gid = Number(group?.[2]);
  const listed = (group?.[3] ?? '').split(',').filter((name) => name !== '');
  const everyone = (await getent('passwd', [])).flatMap(accountOf);
  // Who has the group as primary group is a member too, but is not listed with it.
  const primary = group === undefined ? [] : everyone.filter((account) => account.gid === gid);
  const found = (await getent('passwd', [...new Set([...names, ...listed])])).flatMap(accountOf);
  const users = new Map([...primary, ...found].map((account) => [account.name, account]));
  const members = [...new Set([...listed, ...primary.map(({ name }) => name)])].flatMap((name) => {
    const account = users.get(name);
    return account === undefined ? [] : [account];
  });
  return {
    users,
    group: group === undefined ? null : { gid, members },
    groupsOf: async (user) => (await runProgram('id', ['-nG', '--', user])).stdout.trim().split(/\s+/),
  };
}

async function getent(database: string, keys: readonly string[]): Promise<string[][]> {
  const { stdout } = await runProgram('getent', [database, ...keys]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(':'));
}

function accountOf([name, , uid, gid, , home]: string[]): Account[] {
  return name === undefined ? [] : [{ name, uid: Number(uid), gid: Number(gid), home: home ?? '' }];
}
