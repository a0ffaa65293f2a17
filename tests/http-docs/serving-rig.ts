import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { httpSchema } from '@rovi/contract';
import { freePort } from '../access/free-port.js';
import { rig } from '../api/rig.js';

/** A rig that also listens at a port of this machine and has a page of a few files. */
export async function servingRig() {
  const webFolder = await mkdtemp('/tmp/rovi-page-');
  await mkdir(join(webFolder, 'assets'));
  await writeFile(join(webFolder, 'index.html'), '<!doctype html><title>a page</title>');
  await writeFile(join(webFolder, 'assets/page-1a2b.js'), 'export {};');
  await writeFile(join(webFolder, 'assets/page-1a2b.css'), 'body { margin: 0 }');
  await writeFile(join(webFolder, 'assets/page-1a2b.txt'), 'a'.repeat(5_000));
  const port = await freePort();
  const tcp = httpSchema.parse({ listen: [{ address: '127.0.0.1', port }] });
  const robot = await rig({}, { webFolder, tcp });
  return {
    ...robot,
    port,
    webFolder,
    [Symbol.asyncDispose]: async () => {
      await robot[Symbol.asyncDispose]();
      await rm(webFolder, { recursive: true, force: true });
    },
  };
}

export type ServingRig = Awaited<ReturnType<typeof servingRig>>;
