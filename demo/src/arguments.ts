import { parseArgs } from 'node:util';

/** What `--help` prints. */
export const USAGE = `Usage: npm run demo [-- --once]

Boots a throwaway robot on this machine (a container with its own systemd, D-Bus and polkit), installs Rovi on it with
install.sh, and hands you a shell on it and its page at a port of this machine's loopback. There is no ROS on that
robot: a stand-in for \`ros2 launch\` starts processes of the right names. When you leave, the robot is removed.

  --once         no shell: show a tour of 10 scenes, check that each came out as told, and exit (1 if one did not).
                 This is also what happens without a terminal.
  --record FILE  with --once: write the tour as an animated SVG
  --help         this text

Ctrl-C during the tour, or \`exit\` in the shell, removes the robot.
`;

/** What the command line asks for. */
export interface Arguments {
  readonly help: boolean;
  readonly once: boolean;
  readonly record: string | undefined;
}

/** Reads the command line. Throws a TypeError with one line for people if it makes no sense. */
export function readArguments(argv: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      once: { type: 'boolean', default: false },
      record: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.record !== undefined && !values.once) throw new TypeError('--record goes with --once');
  return { help: values.help, once: values.once, record: values.record };
}
