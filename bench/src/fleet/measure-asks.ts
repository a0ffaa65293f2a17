import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { REPOSITORY } from '@rovi/testbed';
import { monotonicMs } from '../monotonic.js';
import type { FleetPlan } from './fleet-plan.js';
import type { FleetSizeResults } from './fleet-results.js';
import type { FleetRig } from './fleet-rig.js';

const run = promisify(execFile);
const ROVICTL = join(REPOSITORY, 'dist/rovictl.mjs');
/** Exit code of `rovictl`. */
const NOT_WELL = 8;

/**
 * The whole fleet, one after the other: until the last byte, until the typed client has read and checked it, and until
 * `rovictl fleet status` has ended.
 */
export async function measureAsks(rig: FleetRig, { asks }: FleetPlan): Promise<FleetSizeResults['asks']> {
  const [plain, typed, program]: [number[], number[], number[]] = [[], [], []];
  let bytes = 0;
  await ask(rig.socketPath);
  for (let index = 0; index < asks.plain; index += 1) {
    const begin = monotonicMs();
    bytes = await ask(rig.socketPath);
    plain.push(monotonicMs() - begin);
  }
  for (let index = 0; index < asks.typed; index += 1) {
    const begin = monotonicMs();
    const { robots } = await rig.client.fleet.status();
    typed.push(monotonicMs() - begin);
    if (robots.length !== rig.names.length) throw new Error(`${String(robots.length)} robots are shown`);
  }
  for (let index = 0; index < asks.program; index += 1) {
    const begin = monotonicMs();
    await showFleet(rig.socketPath);
    program.push(monotonicMs() - begin);
  }
  return { plain, typed, program, bytes };
}

/** `rovictl fleet status`, to its end; also where it finds a robot that is not well. */
async function showFleet(socketPath: string): Promise<void> {
  const words = [ROVICTL, '--socket', socketPath, 'fleet', 'status'];
  await run(process.execPath, words, { maxBuffer: 2 ** 26 }).catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== NOT_WELL) throw error;
  });
}

/** Resolves with the bytes of the body when the last has come. */
function ask(socketPath: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { socketPath, path: '/api/fleet', headers: { host: 'localhost' } },
      (response) => {
        let bytes = 0;
        response.on('data', (chunk: Buffer) => (bytes += chunk.length));
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode === 200) resolve(bytes);
          else reject(new Error(`/api/fleet answered ${String(response.statusCode)}`));
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end();
  });
}
