import { execFile, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { rovictl, ROVICTL, Running } from './rovictl.js';

const exec = promisify(execFile);

/** A bash at a terminal with this completion, and with an inventory in the folder. */
function startShell(folder: string, rc: string): Running {
  const command = `exec bash --noprofile --rcfile ${rc} -i`;
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd: folder,
    env: {
      PATH: `${folder}:${process.env['PATH'] ?? ''}`,
      XDG_CONFIG_HOME: folder,
      TERM: 'dumb',
      SHELL: '/bin/bash',
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return new Running(child);
}

describe('rovictl completion', () => {
  it('bash: completes verbs and file names in a real bash', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rovi-completion-'));
    try {
      const { stdout } = await rovictl(['completion', 'bash']);
      const script = join(folder, 'rovictl.bash');
      await writeFile(script, stdout);
      await exec('bash', ['-n', script]);
      await writeFile(join(folder, 'rovictl'), `#!/bin/sh\nexec ${process.execPath} ${ROVICTL} "$@"\n`);
      await chmod(join(folder, 'rovictl'), 0o755);
      await writeFile(join(folder, 'my catalog.yaml'), '');
      const complete = async (...words: string[]): Promise<string[]> => {
        const body = `source "$1"; shift; COMP_WORDS=(rovictl "$@"); COMP_CWORD=$#; _rovictl; printf '%s\\n' "\${COMPREPLY[@]}"`;
        const result = await exec('bash', ['-c', body, 'bash', script, ...words], {
          cwd: folder,
          env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, ROVI_SOCKET: '/nonexistent' },
        });
        return result.stdout.split('\n').filter((line) => line !== '');
      };
      expect(await complete('val')).toEqual(['validate']);
      expect(await complete('stack', 's')).toEqual(['start', 'stop', 'switch']);
      expect(await complete('status', '--w')).toEqual(['--watch']);
      expect(await complete('validate', 'my')).toEqual(['my catalog.yaml']);
      expect(await complete('completion', '')).toEqual(['bash', 'zsh', 'fish']);
      // Hosts in a list and labels, as a bash at a terminal has them: it breaks words at "@".
      await mkdir(join(folder, 'rovi'));
      const inventory =
        'version: 1\nhosts:\n  yard: { address: ssh://yard.invalid, labels: [outdoor, old] }\n';
      await writeFile(join(folder, 'rovi/hosts.yaml'), inventory, { mode: 0o600 });
      const rc = join(folder, 'rc');
      await writeFile(rc, `source ${script}\nPS1='ready> '\n`);
      const shell = startShell(folder, rc);
      const typed = async (text: string): Promise<string> => {
        // The line is printed in place of being run.
        shell.child.stdin?.write(`${text}\t\u0001echo DONE \r`);
        const line = /^DONE (.*?) ?\r$/m;
        await shell.until(line);
        const found = line.exec(shell.stdout)?.[1] ?? '';
        shell.stdout = '';
        return found;
      };
      await shell.until(/ready>/);
      expect(await typed('rovictl --host @out')).toBe('rovictl --host @outdoor');
      expect(await typed('rovictl --host yard,@ol')).toBe('rovictl --host yard,@old');
      expect(await typed('rovictl --host local,y')).toBe('rovictl --host local,yard');
      shell.child.stdin?.write('exit\r');
      await shell.ended;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it.each(['zsh', 'fish'])('%s: asks for what bash asks for', async (shell) => {
    const { code, stdout } = await rovictl(['completion', shell]);
    expect(code).toBe(0);
    expect(stdout).toContain('rovictl __complete --');
    const there = await exec('sh', ['-c', `command -v ${shell}`]).catch(() => null);
    if (there === null) return;
    const folder = await mkdtemp(join(tmpdir(), 'rovi-completion-'));
    await writeFile(join(folder, 'script'), stdout);
    await exec(shell, ['-n', join(folder, 'script')]);
    await rm(folder, { recursive: true, force: true });
  });
});
