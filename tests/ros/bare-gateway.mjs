// A gateway that is nothing but a transport to its ROS process, until it is killed.
//   node bare-gateway.mjs COMMAND...
import { readFileSync } from 'node:fs';
import { ProcessRosTransport } from '@rovi/ros';

const spec = JSON.parse(readFileSync(new URL('offered.json', import.meta.url), 'utf8'));
new ProcessRosTransport({
  command: process.argv.slice(2),
  environment: process.env,
  logger: { info: () => undefined, warn: () => undefined },
}).start(spec, { status: () => undefined, resync: () => undefined, call: () => undefined });
