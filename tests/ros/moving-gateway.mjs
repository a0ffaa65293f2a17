// A gateway that moves the base for as long as it lives, and says when it does.
//   node moving-gateway.mjs COMMAND...
import { readFileSync } from 'node:fs';
import { ProcessRosTransport, RosMotionBase } from '@rovi/ros';

const spec = JSON.parse(readFileSync(new URL('offered.json', import.meta.url), 'utf8'));
const transport = new ProcessRosTransport({
  command: process.argv.slice(2),
  environment: process.env,
  logger: { info: () => undefined, warn: () => undefined },
});
const base = new RosMotionBase({
  transport,
  settings: () => ({ drive: { topic: '/cmd_vel', message: 'twist', frame_id: 'base_link', rate: 20 } }),
});
const say = (line) => process.stdout.write(`${line}\n`);
transport.start(spec, {
  status: ({ state }) => {
    if (state !== 'on') return;
    base.move({ x: 0.5, y: 0, durationMs: 600_000 }, new globalThis.AbortController().signal).then(
      ({ source }) => say(`moved: ${source}`),
      ({ code, message }) => say(`${code}: ${message}`),
    );
  },
  resync: () => undefined,
  call: () => undefined,
});
