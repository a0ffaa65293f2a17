import type { Robot } from '@rovi/testbed';

/**
 * Runs a piece of JavaScript on the robot as a user, with the adapter at hand as `adapter` and an object `answer` to
 * fill; resolves with that object. For what depends on who asks, or on the robot's own `/proc`. With `properties` it
 * runs in a service of its own that has these.
 */
export async function inside(
  robot: Robot,
  user: string,
  code: string,
  properties: readonly string[] = [],
): Promise<Record<string, unknown>> {
  const program = `
    import * as adapter from '/opt/rovi-src/packages/systemd/dist/index.js';
    const options = { deadlineMs: 20_000 };
    const failure = (error) => error.code ?? String(error);
    const answer = {};
    ${code}
    process.stdout.write(JSON.stringify(answer));
  `;
  const node = ['node', '--input-type=module', '-'];
  const service = ['systemd-run', '--quiet', '--pipe', '--wait', '--collect', `--property=User=${user}`];
  const { stdout } =
    properties.length === 0
      ? await robot.exec(node, { user, input: program })
      : await robot.exec([...service, ...properties.map((one) => `--property=${one}`), '--', ...node], {
          input: program,
        });
  return JSON.parse(stdout) as Record<string, unknown>;
}
