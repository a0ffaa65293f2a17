import { uptime } from 'node:os';
import { join } from 'node:path';
import { allServices, RoviError } from '@rovi/contract';
import {
  Conductor,
  driveCommand,
  noFleet,
  scanCommand,
  stackCommands,
  stopCommand,
  StoredTicketDesk,
  TicketCommandRegistry,
} from '@rovi/conductor';
import { createHttpFace } from '@rovi/http';
import { FleetMember, FleetObserver, MqttFace, TopicAges } from '@rovi/mqtt';
import { NoRosTransport, ProcessRosTransport, RosFace, RosMotionBase, RosScanner } from '@rovi/ros';
import {
  commandProbe,
  ContainerProbe,
  dependencyProbe,
  httpProbe,
  I2cProbe,
  MqttProbe,
  ProbeRegistry,
  processProbe,
  RosProbe,
  tcpProbe,
} from '@rovi/probes';
import { FileMarkStore, JsonSupervisionStore, SqliteTicketStore } from '@rovi/store';
import { DbusUnitManager, FlockStackLock, JournalctlJournal, SystemdNotifier } from '@rovi/systemd';
import { loadCatalog, parseConfiguration, usage } from './configuration.js';
import { Daemon } from './daemon.js';
import { FileCatalogSource } from './file-catalog-source.js';
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
  const units = new DbusUnitManager({ logger: log.child({ part: 'systemd' }) });
  const probes = new ProbeRegistry()
    .add(processProbe)
    .add(tcpProbe)
    .add(httpProbe)
    .add(commandProbe)
    .add(dependencyProbe)
    .add(new ContainerProbe(units))
    .add(new I2cProbe([process.execPath, `${configuration.programs}/rovi-i2c.mjs`]));
  const clock = new SystemClock();
  const inState = (name: string): string => join(configuration.stateFolder, name);
  let fleetOperators = catalog.mqtt?.fleet?.operators ?? [];
  const conductor = new Conductor({
    reloaded: (now) => {
      fleetOperators = now.mqtt?.fleet?.operators ?? [];
    },
    policy: { ...catalog, services: allServices(catalog) },
    catalog: new FileCatalogSource(configuration.catalogPath, catalog),
    version,
    units,
    lock: new FlockStackLock({ path: configuration.lockPath }),
    journal,
    audit,
    clock,
    prober: probes,
    environment: process.env,
    maintenanceMarks: new FileMarkStore(inState('maintenance')),
    stoppedMarks: new FileMarkStore(inState('stopped')),
    supervision: new JsonSupervisionStore(inState('supervision.json'), log.child({ part: 'store' })),
    onListenerFault: (err) => log.error({ err }, 'listener of events failed'),
  });
  const rosLog = log.child({ part: 'ros' });
  const rosTransport = catalog.ros.face
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
      );
  const ros = new RosFace({ conductor, transport: rosTransport, policy: catalog, logger: rosLog });
  const settings = (): typeof catalog.tickets => catalog.tickets;
  const registry = new TicketCommandRegistry().add(driveCommand).add(stopCommand).add(scanCommand);
  for (const command of stackCommands) registry.add(command);
  const tickets = new StoredTicketDesk({
    conductor,
    store: new SqliteTicketStore({
      command: [process.execPath, `${configuration.programs}/rovi-tickets.mjs`],
      path: inState('tickets.db'),
      logger: log.child({ part: 'store' }),
    }),
    clock,
    audit,
    settings: catalog.tickets,
    registry,
    base: new RosMotionBase({ transport: rosTransport, settings }),
    scanner: new RosScanner({ transport: rosTransport, settings }),
    onFault: (err) => log.warn({ err, part: 'tickets' }, 'tickets: a fault'),
  });
  probes.add(new RosProbe(ros));
  const topicAges = new TopicAges();
  probes.add(new MqttProbe(catalog.mqtt === undefined ? null : topicAges, () => performance.now()));
  const mqtt =
    catalog.mqtt === undefined
      ? null
      : new MqttFace({
          conductor,
          entry: catalog.mqtt,
          link: topicAges,
          logger: log.child({ part: 'mqtt' }),
        });
  const fleet = catalog.mqtt?.fleet;
  const member =
    catalog.mqtt === undefined || fleet?.member !== true
      ? null
      : new FleetMember({
          conductor,
          tickets,
          audit,
          entry: catalog.mqtt,
          fleet,
          operators: () => fleetOperators,
          clocks: {
            monotonic: () => performance.now(),
            uptime: () => uptime() * 1_000,
            wall: () => Date.now(),
          },
          logger: log.child({ part: 'fleet' }),
        });
  const fleetConsole =
    catalog.mqtt === undefined || fleet?.observe !== true
      ? null
      : new FleetObserver({
          conductor,
          audit,
          entry: catalog.mqtt,
          fleet,
          logger: log.child({ part: 'fleet' }),
        });
  const http = createHttpFace({
    conductor,
    journal,
    ros,
    tickets,
    fleet: fleetConsole ?? noFleet,
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
    tickets,
    http,
    ros,
    mqtt,
    member,
    fleetConsole,
    notifier: new SystemdNotifier({ logger: log }),
    log,
    releaseInstance,
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => void daemon.stop(signal).then(() => process.exit(0)));
  }
  process.on('SIGHUP', () => void daemon.reload());
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
