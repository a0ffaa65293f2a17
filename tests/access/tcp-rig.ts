import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { httpSchema } from '@rovi/contract';
import type { Role } from '@rovi/contract';
import type { HttpFaceOptions } from '@rovi/http';
import { rig } from '../api/rig.js';
import { ROVICTL } from '../cli/rovictl.js';
import { ask } from '../http-docs/ask.js';
import type { Question, Reply } from '../http-docs/ask.js';
import { freePort } from '../free-port.js';

const run = promisify(execFile);

/** Accounts of any Debian machine: one in the operators' group of this rig, and one that is nobody. */
export const MEMBER = 1;
export const NOBODY = 65534;
const GROUP = 'daemon';

/** A rig that listens at a port of this machine, with tokens made by rovictl. */
export async function tcpRig(
  http: { names?: string[]; accounts?: boolean } = {},
  more: Pick<Partial<HttpFaceOptions>, 'answerMs' | 'requests' | 'webFolder'> &
    Pick<NonNullable<Parameters<typeof rig>[1]>, 'fleet'> = {},
) {
  const port = await freePort();
  const tcp = httpSchema.parse({ listen: [{ address: '127.0.0.1', port }], ...http });
  const robot = await rig({}, { tcp, group: GROUP, ...more });
  const catalog = join(robot.folder, 'rovi.yaml');
  await writeFile(
    catalog,
    'version: 1\nuser: daemon\nworkspace: /opt/ws\nenv_file: /etc/rovi/.env.robot\nstacks: {}\n',
  );
  const file = join(robot.folder, 'tokens.json');
  const rovictl = async (...args: string[]): Promise<string> => {
    const all = [ROVICTL, '--catalog', catalog, 'token', ...args, '--file', file];
    return (await run(process.execPath, all)).stdout.trim();
  };
  return {
    ...robot,
    port,
    file,
    catalog,
    rovictl,
    token: (role: Role, name = `a-${role}`, ...more: string[]) =>
      rovictl('create', '--role', role, '--name', name, ...more),
    /** Asks over TCP as the root of this machine, or with a token. */
    ask: (question: Question, token?: string): Promise<Reply> =>
      ask(port, token === undefined ? question : withToken(question, token)),
    /** Asks as somebody behind a proxy: no account of this machine speaks for them. */
    askFromAfar: (question: Question, token?: string): Promise<Reply> =>
      ask(port, {
        ...withToken(question, token),
        headers: { ...withToken(question, token).headers, 'X-Forwarded-For': '10.9.8.7' },
      }),
    /** Status and body of a request by a process of another account. */
    askAs: async (uid: number, path: string, method = 'GET'): Promise<{ status: number; body: string }> => {
      const program = `fetch('http://127.0.0.1:${String(port)}${path}', { method: '${method}' }).then(async (answer) =>
        console.log(JSON.stringify({ status: answer.status, body: await answer.text() })))`;
      const { stdout } = await run(process.execPath, ['-e', program], { uid, gid: uid, cwd: '/' });
      return JSON.parse(stdout) as { status: number; body: string };
    },
  };
}

function withToken(question: Question, token: string | undefined): Question {
  return token === undefined
    ? question
    : { ...question, headers: { ...question.headers, Authorization: `Bearer ${token}` } };
}

/** The code of a refusal. */
export function codeOf({ text }: Pick<Reply, 'text'>): string {
  return (JSON.parse(text) as { code: string }).code;
}
