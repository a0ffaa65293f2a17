/**
 * What polkit really answers, for processes that really run as the users in question: `subject.user` and the group are
 * looked up by polkitd itself, so nothing short of its own answer proves that the rule was loaded and does what it says.
 * Only root may ask about others.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { GATEWAY_UNIT, serviceUnits, stackUnit } from '@rovi/contract';
import { runProgram } from '../run-program.js';
import { externalMatters } from '../external-units.js';
import type { Account } from './account-database.js';
import { CheckList, AS_ROOT, type Check } from './check.js';
import type { Installation } from './installation.js';

const ACTION = 'org.freedesktop.systemd1.manage-units';
const verbs = ['start', 'stop', 'restart'] as const;
/** Stacks, and units of services, beyond this number are not asked for one by one: each costs a process and a question. */
const MAX_UNITS = 30;
const REINSTALL = 'run `install.sh` again; `journalctl -u polkit` says why polkitd refused a rule';

const NO_ANSWER = '`systemctl status polkit`; is the package `polkitd` installed?';
/** Milliseconds before a question without an answer is put again. */
const AGAIN_MS = 1_000;
/** Milliseconds that an answer may take. */
const ANSWER_MS = 15_000;

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
  const stacks = Object.keys(catalog.stacks).slice(0, MAX_UNITS);
  const services = Object.entries(catalog.services)
    .flatMap(([name, service]) => serviceUnits(name, service))
    .slice(0, MAX_UNITS);
  const external = Object.entries(catalog.external).slice(0, MAX_UNITS);
  // Of one that is not installed a start is refused: `external units` says so.
  const matters = await externalMatters(catalog);
  const isFaulty = (name: string): boolean =>
    matters?.some((matter) => matter.name === name && matter.kind === 'fault') ?? true;
  const wanted = [
    ...external.flatMap(([name, { unit, allow }]) =>
      isFaulty(name) ? [] : allow.map((verb): Question => ({ unit, verb })),
    ),
    ...stacks.flatMap((stack) => verbs.map((verb): Question => ({ unit: stackUnit(stack), verb }))),
    ...services.flatMap((unit) => [...verbs, 'reset-failed'].map((verb): Question => ({ unit, verb }))),
  ];
  const unwanted: Question[] = [
    ...external.flatMap(([, { unit, allow }]) =>
      [...verbs.filter((verb) => !allow.includes(verb)), 'kill', 'set-property'].map((verb) => ({
        unit,
        verb,
      })),
    ),
    ...verbs.map((verb) => ({ unit: GATEWAY_UNIT, verb })),
    { unit: 'dbus.service', verb: 'restart' },
    { unit: 'rovi-no-such-stack.service', verb: 'start' },
    ...stacks
      .slice(0, 1)
      .flatMap((stack) =>
        ['kill', 'set-property', 'reset-failed'].map((verb) => ({ unit: stackUnit(stack), verb })),
      ),
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
      let answer = await ask(subject, account.uid, { unit, verb });
      if (typeof answer === 'string') {
        // A polkitd that has just died is started again by the next question.
        await sleep(AGAIN_MS);
        const first = answer;
        answer = await ask(subject, account.uid, { unit, verb });
        if (typeof answer === 'string') {
          list.fault(account.name, `polkit does not answer: ${answer}`, NO_ANSWER);
          return;
        }
        list.note(account.name, `polkit answered only when asked again: ${first}`, NO_ANSWER);
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
          ? `may start, stop and restart ${String(new Set(wanted.map(({ unit }) => unit)).size)} stacks and services, and not the gateway or any other unit`
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

/** polkit's answer; the reason where there is none. */
async function ask(subject: Subject, uid: number, { unit, verb }: Question): Promise<boolean | string> {
  const authority = '/org/freedesktop/PolicyKit1/Authority';
  const { code, stdout, stderr, missing } = await runProgram(
    'busctl',
    [
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
    ],
    { deadlineMs: ANSWER_MS },
  );
  if (missing) return '`busctl` cannot be run';
  if (code === null) return `nothing came within ${String(ANSWER_MS / 1000)} s`;
  const said = (code === 0 ? stdout : stderr).trim().split('\n', 1)[0] ?? '';
  const answer = code === 0 ? /"data":\[\[(true|false)/.exec(said)?.[1] : undefined;
  return answer === undefined ? said || `busctl exited with ${String(code)}` : answer === 'true';
}
