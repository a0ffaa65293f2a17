import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { rovictl, ROVICTL } from './rovictl.js';

const exec = promisify(execFile);

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
