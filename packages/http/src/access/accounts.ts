import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';

/** An account of this machine. */
export interface Account {
  readonly name: string;
  readonly groups: readonly string[];
}

/** Milliseconds that an answer is kept: a member who leaves the group has the right for so long at most. */
const KEPT_MS = 10_000;
const ASK_MS = 3_000;
/** uids that are kept. */
const KEPT = 256;

const run = promisify(execFile);

/** Names and groups of accounts as the machine knows them, from whatever database (nsswitch.conf), by the program `id`. */
export class Accounts {
  readonly #kept = new Map<number, { readonly until: number; readonly account: Promise<Account | null> }>();

  /** Null where there is no such account, or it cannot be found out. Never rejects. */
  of(uid: number): Promise<Account | null> {
    const known = this.#kept.get(uid);
    if (known !== undefined && performance.now() < known.until) return known.account;
    const account = ask(uid).catch(() => null);
    this.#kept.delete(uid);
    this.#kept.set(uid, { until: performance.now() + KEPT_MS, account });
    for (const first of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(first);
    }
    return account;
  }
}

async function ask(uid: number): Promise<Account> {
  const options = {
    timeout: ASK_MS,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' },
  };
  const words = async (flag: string): Promise<string[]> =>
    (await run('id', [flag, '--', `+${String(uid)}`], options)).stdout.trim().split(/\s+/);
  const [[name = ''], groups] = await Promise.all([words('-nu'), words('-nG')]);
  return { name, groups };
}
