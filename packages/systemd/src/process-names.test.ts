import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { processNames } from './process-names.js';

describe('processNames', () => {
  it.each([
    ['planner_server', ['/opt/ros/lib/nav2/planner_server', '--ros-args'], ['planner_server']],
    ['controller_serv', ['/opt/ros/lib/nav2/controller_server'], ['controller_server']],
    ['sleep', ['planner_server', '1000'], []],
    ['python3', ['/usr/bin/python3', '/opt/ros/bin/ros2', 'launch'], ['python3', 'ros2']],
    ['ros2', ['/usr/bin/python3', '/opt/ros/bin/ros2', 'launch'], ['ros2']],
    ['python3.12', ['python3.12', '-u', '-X', 'dev', 'teleop.py'], ['python3.12', 'teleop.py']],
    ['python3', ['python3', '-m', 'http.server'], ['python3', 'http.server']],
    ['python3', ['python3', '-c', 'import x; y/planner_server'], ['python3']],
    ['bash', ['bash', '-ec', 'sleep 1; exec /x/planner_server'], ['bash']],
    ['bash', ['-bash'], ['bash']],
    ['run_stack.sh', ['/bin/bash', '-o', 'pipefail', '/x/run_stack.sh', 'nav'], ['run_stack.sh']],
    ['node', ['node', '--enable-source-maps', '-r', 'x.js', '/opt/app.mjs'], ['node', 'app.mjs']],
    ['node', ['node', '-e', 'app.mjs'], ['node']],
    ['nginx', ['nginx: master process /usr/sbin/nginx'], ['nginx']],
  ])('%s %j', (comm, argv, names) => {
    expect(processNames(comm, argv).sort()).toEqual([...names].sort());
  });

  it('without a command line the comm is all there is', () => {
    expect(processNames('controller_serv', null)).toEqual(['controller_serv']);
  });

  it('never throws, and a name never holds a slash', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (comm, argv) => {
        for (const name of processNames(comm, argv)) {
          if (name !== comm) expect(name).not.toContain('/');
        }
      }),
    );
  });
});
