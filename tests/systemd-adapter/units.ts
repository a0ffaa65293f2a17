import type { Robot } from '@rovi/testbed';

const service = (text: string, unit = ''): string =>
  `[Unit]\nStartLimitIntervalSec=0\n${unit}\n[Service]\n${text}\n`;

/** Units with which each way a job can end is brought about. */
export const units: Readonly<Record<string, string>> = {
  'good.service': service('ExecStart=/bin/sleep 1000'),
  'bad.service': service('Type=notify\nExecStart=/bin/false'),
  'slow.service': service('Type=notify\nExecStart=/bin/sleep 1000\nTimeoutStartSec=60'),
  'late.service': service('Type=notify\nExecStart=/bin/sleep 1000\nTimeoutStartSec=1'),
  'needy.service': service('ExecStart=/bin/sleep 1000', 'Requisite=absent.target\nAfter=absent.target'),
  'absent.target': '[Unit]\nDescription=never started\n',
  'brief.service': service(
    `ExecStart=/bin/bash -c 'exit 7'\nExecStopPost=/bin/sleep 0.02\nSuccessExitStatus=7`,
  ),
  'conditional.service': service('ExecStart=/bin/sleep 1000', 'ConditionPathExists=/nowhere'),
  'limited.service':
    '[Unit]\nStartLimitIntervalSec=1000\nStartLimitBurst=1\n[Service]\nExecStart=/bin/false\nType=oneshot\n',
  'manual.service': service('ExecStart=/bin/sleep 1000', 'RefuseManualStart=yes'),
  'broken.service': '[Service]\nType=simple\n',
  'many.service': service('ExecStart=/bin/bash /opt/many.sh'),
  'tardy.service': service(
    // A signal that nothing dies of: a shell would first have to set its trap.
    'TimeoutStopSec=5\nKillSignal=SIGWINCH\nExecStart=/bin/sleep 1000',
  ),
  'leaning.service': service('ExecStart=/bin/sleep 1000', 'Requires=tardy.service\nAfter=tardy.service'),
  'stubborn.service': service(
    `KillMode=process\nSendSIGKILL=no\nExecStart=/bin/bash -c 'sleep 2000 & exec sleep 1000'`,
  ),
};

/** Writes and loads the units. `many.service` runs two processes beside its shell. */
export async function installUnits(robot: Robot): Promise<void> {
  for (const [name, text] of Object.entries(units))
    await robot.writeFile(`/etc/systemd/system/${name}`, text);
  await robot.writeFile('/opt/many.sh', '/opt/planner_server 1000 &\nsleep 1001 &\nwait\nwait\n');
  await robot.shell(
    'cp /bin/sleep /opt/planner_server; ln -s /dev/null /etc/systemd/system/masked.service; systemctl daemon-reload',
  );
}
