// A gateway that publishes half a gigabyte to a ROS process that has been stopped, then lets it go on.
//   node --max-old-space-size=64 flooding-gateway.mjs SCRIPT
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ProcessRosTransport } from '@rovi/ros';

const spec = JSON.parse(readFileSync(new URL('offered.json', import.meta.url), 'utf8'));
const out = (line) => process.stdout.write(`${line}\n`);
const big = { data: 'x'.repeat(1024 * 1024) };
let resyncs = 0;

async function flood(pid) {
  out('on');
  process.kill(pid, 'SIGSTOP');
  while (!/^\d+ \(.*\) T/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) await delay(5);
  for (let count = 0; count < 512; count += 1) {
    transport.publish('/rovi/state', big);
    if (count % 16 === 0) await delay(0);
  }
  out('published');
  process.kill(pid, 'SIGCONT');
}

const transport = new ProcessRosTransport({
  command: [process.execPath, process.argv[2]],
  environment: process.env,
  logger: { info: () => undefined, warn: ({ fault }) => out(`fault: ${fault}`) },
});
transport.start(spec, {
  status: ({ state, text, pid }) => {
    if (state === 'on') void flood(pid);
    else if (state !== 'starting' && text !== 'stopped') out(`${state}: ${text}`);
  },
  resync: () => {
    resyncs += 1;
    if (resyncs === 1) return;
    out('resync');
    transport.publish('/rovi/state', { data: 'the last' });
  },
  call: (_service, { published }) => {
    if (published.message.data.length > 100) return;
    out(`last: ${published.message.data}`);
    void transport.stop();
  },
});
