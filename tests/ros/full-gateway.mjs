// A gateway that has no descriptor left when its ROS process is to start, and has some again afterwards.
//   bash -c 'ulimit -n 500; exec node full-gateway.mjs SCRIPT'
import { closeSync, openSync, readFileSync } from 'node:fs';
import { ProcessRosTransport } from '@rovi/ros';

const spec = JSON.parse(readFileSync(new URL('offered.json', import.meta.url), 'utf8'));
const out = (line) => process.stdout.write(`${line}\n`);
const transport = new ProcessRosTransport({
  command: [process.execPath, process.argv[2]],
  environment: process.env,
  logger: { info: () => undefined, warn: () => undefined },
});
const taken = [];
try {
  for (;;) taken.push(openSync('/dev/null'));
} catch {
  // That was the last one.
}
transport.start(spec, {
  status: ({ state, text, restarts }) => {
    if (state === 'failing') {
      out(text.includes('EMFILE') ? 'failing: EMFILE' : `failing: ${text}`);
      for (const descriptor of taken.splice(0)) closeSync(descriptor);
    }
    if (state !== 'on') return;
    out(`on after ${restarts}`);
    void transport.stop();
  },
  resync: () => undefined,
  call: () => undefined,
});
