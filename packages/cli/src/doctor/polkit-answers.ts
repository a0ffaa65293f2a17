/**
 * What polkit really answers, for processes that really run as the users in question: `subject.user` and the group are
 * looked up by polkitd itself, so nothing short of its own answer proves that the rule was loaded and does what it says.
 * Only root may ask about others.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { GATEWAY_UNIT, stackUnit } from '@rovi/contract';
import { runProgram } from '../run-program.js';
import type { Account } from './account-database.js';
import { CheckList, AS_ROOT, type Check } from './check.js';
import type { Installation } from './installation.js';

const ACTION = 'org.freedesktop.systemd1.manage-units';
const verbs = ['start', 'stop', 'restart'] as const;
/** Stacks beyond this number are not asked for one by one: each costs a process and a question. */
const MAX_STACKS = 30;
const REINSTALL = 'run `install.sh` again; `journalctl -u polkit` says why polkitd refused a rule';

interface Question {
  readonly unit: string;
  readonly verb: string;
}

/** Asks for the gateway's user, one other operator, and a stranger; for every stack, the gateway, and a foreign unit. */
export async function checkPolkit({ catalog, accounts, root }: Installation): Promise<readonly Check[]> {
  const list = new CheckList('polkit answers');
  if (!root) {
    list.unknown('polkit', 'only root may ask what polkit answers for others', AS_ROOT);
    return list.checks;
  }
  const stacks = Object.keys(catalog.stacks).slice(0, MAX_STACKS);
  const wanted = stacks.flatMap((stack) => verbs.map((verb): Question => ({ unit: stackUnit(stack), verb })));
  const unwanted: Question[] = [
    ...verbs.map((verb) => ({ unit: GATEWAY_UNIT, verb })),
    { unit: 'dbus.service', verb: 'restart' },
    { unit: 'rovi-no-such-stack.service', verb: 'start' },
    ...stacks
      .slice(0, 1)
      .flatMap((stack) => ['kill', 'set-property'].map((verb) => ({ unit: stackUnit(stack), verb }))),
  ];
  const operator = accounts.group?.members.find(({ name }) => name !== catalog.user && name !== 'root');
  const user = accounts.users.get(catalog.user);
  const stranger = accounts.users.get('nobody');
  if (user !== undefined) await checkSubject(list, user, wanted, unwanted);
  if (operator !== undefined) await checkSubject(list, operator, wanted, unwanted);
  else list.ok('an operator', `${catalog.group} has no other member: nobody to ask for`);
  const isOperator = accounts.group?.members.some(({ name }) => name === 'nobody') === true;
  if (stranger !== undefined && !isOperator) await checkSubject(list, stranger, [], [...wanted, ...unwanted]);
  return list.checks;
}

async function checkSubject(
  list: CheckList,
  account: Account,
  wanted: readonly Question[],
  unwanted: readonly Question[],
): Promise<void> {
  const subject = await startSubject(account);
  if (subject === null) {
    list.unknown(
      account.name,
      `no process can be started as ${account.name}`,
      'is `sleep` there, and the account not locked?',
    );
    return;
  }
  try {
    const all = [
      ...wanted.map((one) => ({ ...one, allow: true })),
      ...unwanted.map((one) => ({ ...one, allow: false })),
    ];
    const wrong: string[] = [];
    for (const { unit, verb, allow } of all) {
      const answer = await ask(subject, account.uid, { unit, verb });
      if (answer === null) {
        list.fault(
          account.name,
          'polkit does not answer',
          '`systemctl status polkit`; is the package `polkitd` installed?',
        );
        return;
      }
      if (answer !== allow) wrong.push(`${allow ? 'refuses' : 'allows'} ${verb} ${unit}`);
    }
    if (wrong.length > 0) {
      const shown = wrong.slice(0, 6).join('\n');
      const more = wrong.length > 6 ? `\nand ${String(wrong.length - 6)} more` : '';
      list.fault(account.name, `polkit ${shown.replaceAll('\n', '\npolkit ')}${more}`, REINSTALL);
    } else {
      list.ok(
        account.name,
        wanted.length > 0
          ? `may start, stop and restart ${String(wanted.length / verbs.length)} stacks, and not the gateway or any other unit`
          : `may do nothing (${String(unwanted.length)} questions)`,
      );
    }
  } finally {
    subject.child.kill('SIGKILL');
  }
}

interface Subject {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly startTime: string;
}

/** A process that does nothing but be someone. */
async function startSubject({ uid, gid }: Account): Promise<Subject | null> {
  const child = spawn('sleep', ['60'], { uid, gid, stdio: 'ignore', cwd: '/' });
  const started = await new Promise<boolean>((resolve) => {
    child.once('spawn', () => {
      resolve(true);
    });
    child.once('error', () => {
      resolve(false);
    });
  });
  const { pid } = child;
  if (!started || pid === undefined) return null;
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => '');
  const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return startTime === undefined ? null : { child, pid, startTime };
}

/** polkit's answer; null where there is none. */
async function ask(subject: Subject, uid: number, { unit, verb }: Question): Promise<boolean | null> {
  const authority = '/org/freedesktop/PolicyKit1/Authority';
  const { code, stdout } = await runProgram('busctl', [
    ...['--system', '--json=short', 'call', 'org.freedesktop.PolicyKit1', authority],
    ...['org.freedesktop.PolicyKit1.Authority', 'CheckAuthorization', '(sa{sv})sa{ss}us'],
    ...[
      'unix-process',
      '3',
      'pid',
      'u',
      String(subject.pid),
      'start-time',
      't',
      subject.startTime,
      'uid',
      'i',
      String(uid),
    ],
    ...[ACTION, '2', 'unit', unit, 'verb', verb, '0', ''],
  ]);
  if (code !== 0) return null;
  const answer = /"data":\[\[(true|false)/.exec(stdout)?.[1];
  return answer === undefined ? null : answer === 'true';
}
