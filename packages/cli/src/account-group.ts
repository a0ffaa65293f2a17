import { RoviError } from '@rovi/contract';
import { runProgram } from './run-program.js';

/** The own group of an account, the gateway's: who beside root may read a file that has it. Rejects with `not-found`. */
export async function groupOf(user: string): Promise<number> {
  const { code, stdout, stderr } = await runProgram('id', ['-g', '--', user]);
  if (code === 0) return Number(stdout.trim());
  throw new RoviError(
    'not-found',
    `there is no account "${user}", which the catalog names: ${stderr.trim()}`,
    {
      mend: 'Run install.sh first, or name the installed catalog with `--catalog`.',
    },
  );
}
