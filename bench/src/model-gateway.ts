/** A gateway inside the bench: the real conductor and the real HTTP face on a unix socket, over the model of a robot. */
import { Conductor, noProber } from '@rovi/conductor';
import type { ConductorOptions, FleetConsole } from '@rovi/conductor';
import {
  MemoryMarkStore,
  MemorySupervisionStore,
  modelDesk,
  noCatalogFile,
} from '@rovi/conductor/robot-model';
import type { RobotModel } from '@rovi/conductor/robot-model';
import { httpSchema, rosSchema, streamsSchema, ticketSettingsSchema } from '@rovi/contract';
import { createHttpFace } from '@rovi/http';
import type { HttpFaceOptions } from '@rovi/http';
import { NoRosTransport, RosFace } from '@rovi/ros';

export interface ModelGatewayOptions<Fleet extends FleetConsole> {
  readonly model: RobotModel;
  readonly policy: ConductorOptions['policy'];
  readonly socketPath: string;
  readonly tokensPath: string;
  readonly logger: HttpFaceOptions['logger'];
  readonly onFault: (error: unknown) => void;
  readonly fleetOf: (conductor: Conductor) => Fleet;
}

export const silentAudit = { record: (): void => undefined };

/** Nothing of it has started yet. */
export function modelGateway<Fleet extends FleetConsole>(options: ModelGatewayOptions<Fleet>) {
  const { model, policy, logger, onFault } = options;
  const conductor = new Conductor({
    policy,
    version: 'bench',
    catalog: noCatalogFile,
    units: model,
    lock: model,
    journal: model,
    audit: silentAudit,
    clock: model.clock,
    prober: noProber,
    environment: {},
    maintenanceMarks: new MemoryMarkStore(),
    stoppedMarks: new MemoryMarkStore(),
    supervision: new MemorySupervisionStore(),
    onListenerFault: onFault,
  });
  const fleet = options.fleetOf(conductor);
  const { desk } = modelDesk({
    conductor,
    clock: model.clock,
    audit: silentAudit,
    settings: ticketSettingsSchema.parse({}),
    onFault,
  });
  const ros = new RosFace({
    conductor,
    transport: new NoRosTransport('this is a bench', 'Nothing to mend.'),
    policy: { ...policy, ros: rosSchema.parse({}), streams: streamsSchema.parse({}) },
    logger,
  });
  const face = createHttpFace({
    conductor,
    journal: model,
    ros,
    tickets: desk,
    fleet,
    audit: silentAudit,
    socketPath: options.socketPath,
    tcp: httpSchema.parse({ listen: [] }),
    group: 'rovi-ops',
    tokensPath: options.tokensPath,
    webFolder: null,
    logger,
    version: 'bench',
  });
  return { conductor, desk, fleet, face };
}
