import { GATEWAY_UNIT, RUNNER_SECONDS } from '@rovi/contract';
import type { Catalog, StackEntry } from '@rovi/contract';
import { nodeHardening } from './hardening.js';
import { maintenanceAsserts } from './service-unit.js';
import { assignment, commandWord, literal, prose, unitFile } from './unit-file.js';

/**
 * rovi-<stack>.service. `Requisite=`, not `Requires=`: starting a stack must never start the gateway. The unit is
 * `activating` while its runner waits for the stack lock, and fails with 75 when it does not get it. It names no
 * RuntimeDirectory=: the first stack to stop would take the lock file away from under the others.
 */
export function stackUnit(name: string, stack: StackEntry, catalog: Catalog, prefix: string): string {
  const runner = `${prefix}/lib/rovi/run_stack.sh`;
  return unitFile([
    {
      name: 'Unit',
      lines: [
        ['Description', prose(`Rovi stack ${name}: ${stack.description}`)],
        ['Requisite', GATEWAY_UNIT],
        ['After', GATEWAY_UNIT],
        ['PartOf', GATEWAY_UNIT],
        ['StartLimitIntervalSec', `${String(stack.start_limit.interval)}s`],
        ['StartLimitBurst', String(stack.start_limit.burst)],
        ...maintenanceAsserts(name),
      ],
    },
    {
      name: 'Service',
      lines: [
        ['Type', 'notify'],
        ['NotifyAccess', 'all'],
        ['User', literal(catalog.user)],
        ['WorkingDirectory', `-${literal(catalog.workspace)}`],
        ['Environment', assignment('ROVI_ENV_FILE', catalog.env_file)],
        ['Environment', assignment('ROVI_LOCK_WAIT', String(catalog.lock_wait))],
        { comment: 'With "-": the runner says in one line which file is missing.' },
        ['EnvironmentFile', `-${literal(catalog.env_file)}`],
        ['ExecStart', [runner, name].map(commandWord).join(' ')],
        { comment: 'With "-": a session file that cannot be removed does not make a clean stop a failure.' },
        ['ExecStopPost', `-${[runner, '--clear', name].map(commandWord).join(' ')}`],
        ['StandardInput', 'null'],
        ['SyslogIdentifier', `rovi-${name}`],
        ['Restart', 'no'],
        ['RestartPreventExitStatus', '75'],
        ['SuccessExitStatus', '130'],
        ['TimeoutStartSec', `${String(catalog.lock_wait + RUNNER_SECONDS)}s`],
        ['TimeoutStopSec', `${String(stack.timeouts.stop)}s`],
        ['KillSignal', 'SIGINT'],
        ['KillMode', 'mixed'],
        ...nodeHardening,
      ],
    },
    {
      name: 'Install',
      lines: [{ comment: 'Nothing enables a stack; an admin may.' }, ['WantedBy', 'multi-user.target']],
    },
  ]);
}
