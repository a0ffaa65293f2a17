import { stackUnit } from '@rovi/contract';
import { settle } from '../bench-robot.js';
import { shuffled } from '../statistics.js';
import type { Answer, AskedRequest } from './asker.js';
import { COMMANDED, GATEWAY_PLACES } from './http-bench-robot.js';
import type { HttpBenchRobot } from './http-bench-robot.js';
import { Supervisor, SUPERVISOR_PLACES } from './supervisor.js';

/** Who starts and stops, in the order of the tables. */
export const COMMANDERS = {
  unix: 'Rovi, unix socket, until 200',
  tcp: 'Rovi, TCP, until 200',
  async: 'Rovi, `Prefer: respond-async`, until 202',
  supervisord: 'supervisord: startProcess, stopProcess',
  systemctl: '`systemctl` start, stop, spawned',
} as const;
export type Commander = keyof typeof COMMANDERS;

/** Milliseconds of each start and stop, by who commanded. */
export interface CommandSamples {
  readonly start: Partial<Record<Commander, number[]>>;
  readonly stop: Partial<Record<Commander, number[]>>;
}

type Verb = 'start' | 'stop';

/** Processes in the cgroup of a stack that is up. */
const PROCESSES = { trivial: 1, generated: 3 } as const;

/** Rounds in which every commander, in a new random order each time, starts the same stack and stops it again. */
export async function measureCommands(
  bench: HttpBenchRobot,
  kind: keyof typeof COMMANDED,
  rounds: number,
): Promise<CommandSamples> {
  const stack = COMMANDED[kind];
  const samples: CommandSamples = { start: {}, stop: {} };
  // supervisord has its own `sleep`: of what a generated unit does it knows nothing.
  const commanders = (Object.keys(COMMANDERS) as Commander[]).filter(
    (one) => kind === 'trivial' || one !== 'supervisord',
  );
  for (let round = -1; round < rounds; round += 1) {
    for (const commander of shuffled(commanders)) {
      const started = await command(bench, commander, 'start', stack);
      if (commander === 'supervisord') {
        await bench.supervisor.executed(bench.robot);
        await settle();
      } else await bench.settleUp(stack, PROCESSES[kind]);
      const stopped = await command(bench, commander, 'stop', stack);
      await (commander === 'supervisord' ? settle() : bench.settleDown(stack));
      if (round < 0) continue;
      (samples.start[commander] ??= []).push(started);
      (samples.stop[commander] ??= []).push(stopped);
    }
  }
  return samples;
}

/** Milliseconds from the command to its answer. Throws where it is refused. */
async function command(
  bench: HttpBenchRobot,
  commander: Commander,
  verb: Verb,
  stack: string,
): Promise<number> {
  const timed = async (request: AskedRequest, wanted: (answer: Answer) => boolean): Promise<number> => {
    const answer = await bench.asker.ask(request);
    if (!wanted(answer))
      throw new Error(`${commander} ${verb}: ${answer.status} ${answer.body.slice(0, 500)}`);
    return answer.end - answer.start;
  };
  const post = (way: 'unix' | 'tcp', headers: Record<string, string> = {}): AskedRequest => ({
    place: GATEWAY_PLACES[way],
    method: 'POST',
    path: `/api/stacks/${stack}/${verb}`,
    headers,
  });
  switch (commander) {
    case 'unix':
    case 'tcp':
      return timed(post(commander), ({ status }) => status === 200);
    case 'async': {
      const answer = await bench.asker.ask(post('unix', { prefer: 'respond-async' }));
      const { status, location, start, end } = answer;
      if (status !== 202 || location === null) throw new Error(`async ${verb}: ${status} ${answer.body}`);
      // The next command must not meet it.
      await bench.robot.waitFor('the operation to end', async () => {
        const { body } = await bench.asker.ask(bench.get('unix', location));
        return (JSON.parse(body) as { outcome: string }).outcome === 'succeeded';
      });
      return end - start;
    }
    case 'supervisord':
      return timed(Supervisor.call(SUPERVISOR_PLACES.unix, `${verb}Process`, stack), ({ status, body }) => {
        return status === 200 && body.includes('<boolean>1</boolean>');
      });
    case 'systemctl': {
      const words = ['systemctl', '--no-ask-password', verb, stackUnit(stack)];
      const { start, end } = await bench.hand.run(words);
      return end - start;
    }
  }
}
