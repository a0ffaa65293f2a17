import { RoviError } from '@rovi/contract';
import { Conductor } from '@rovi/conductor';
import { createHttpFace } from '@rovi/http';
import { NoRosTransport, ProcessRosTransport, RosFace } from '@rovi/ros';
import { DbusUnitManager, FlockStackLock, JournalctlJournal, SystemdNotifier } from '@rovi/systemd';
import { loadCatalog, parseConfiguration, usage } from './configuration.js';
import { Daemon } from './daemon.js';
import { takeInstanceLock } from './instance-lock.js';
import { LogAudit } from './log-audit.js';
import { createJournalLog } from './journal-log.js';
import { SystemClock } from './system-clock.js';

/** sysexits(3): what a service manager and its admin read off a daemon that could not begin. */
const EXIT = { failure: 1, usage: 64, configuration: 78 } as const;

async function main(): Promise<void> {
  const configuration = parseConfiguration(process.argv.slice(2));
  if (configuration === 'help') {
    process.stdout.write(usage);
    return;
  }
  const log = createJournalLog(configuration.logLevel);
  // Never a reason to leave the robot without its conductor: logged as the defect it is.
  process.on('unhandledRejection', (err) => log.error({ err }, 'unhandled rejection'));
  const version = process.env['ROVI_VERSION'] ?? '0.0.0-dev';
  const catalog = await loadCatalog(configuration.catalogPath);
  const releaseInstance = await takeInstanceLock(configuration.instancePath, (err) =>
    log.error({ err }, 'the instance lock was taken away'),
  );
  const journal = new JournalctlJournal();
  const audit = new LogAudit(log);
  const conductor = new Conductor({
    policy: catalog,
    version,
    units: new DbusUnitManager({ logger: log.child({ part: 'systemd' }) }),
    lock: new FlockStackLock({ path: configuration.lockPath }),
    journal,
    audit,
    clock: new SystemClock(),
    environment: process.env,
    onListenerFault: (err) => log.error({ err }, 'listener of events failed'),
  });
  const rosLog = log.child({ part: 'ros' });
  const ros = new RosFace({
    conductor,
    transport: catalog.ros.face
      ? new ProcessRosTransport({
          command: [
            `${configuration.programs}/run_in_ros.sh`,
            process.execPath,
            `${configuration.programs}/rovi-ros.mjs`,
          ],
          environment: { ...process.env, ROVI_ENV_FILE: catalog.env_file },
          logger: rosLog,
        })
      : new NoRosTransport(
          'the catalog says `ros: { face: false }`',
          'Set it to true and run install.sh again.',
        ),
    policy: catalog,
    logger: rosLog,
  });
  const http = createHttpFace({
    conductor,
    journal,
    ros,
    audit,
    socketPath: configuration.socketPath,
    tcp: catalog.http,
    group: catalog.group,
    tokensPath: configuration.tokensPath,
    webFolder: configuration.webFolder,
    logger: log.child({ part: 'http' }),
    version,
  });
  const daemon = new Daemon({
    conductor,
    http,
    ros,
    notifier: new SystemdNotifier({ logger: log }),
    log,
    releaseInstance,
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => void daemon.stop(signal).then(() => process.exit(0)));
  }
  try {
    await daemon.start();
  } catch (error) {
    await releaseInstance().catch(() => undefined);
    throw error;
  }
}

main().catch((thrown: unknown) => {
  const error = RoviError.from(thrown);
  process.stderr.write(`<3>rovi-gateway: ${error.code}: ${error.message}\n`);
  if (error.mend !== '') process.stderr.write(`<3>rovi-gateway: ${error.mend}\n`);
  const bad =
    error.code === 'bad-request' ? EXIT.usage : error.code.startsWith('catalog-') ? EXIT.configuration : null;
  process.exit(bad ?? EXIT.failure);
});
