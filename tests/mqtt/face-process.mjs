// A gateway that is nothing but its MQTT face, over the model of a robot, until it is killed.
//   node face-process.mjs ENTRY     the catalog's `mqtt:` as JSON
import { Conductor, noProber } from '@rovi/conductor';
import {
  MemoryMarkStore,
  MemorySupervisionStore,
  noCatalogFile,
  RobotModel,
  VirtualClock,
} from '@rovi/conductor/robot-model';
import { mqttSchema } from '@rovi/contract';
import { MqttFace, TopicAges } from '@rovi/mqtt';

const model = new RobotModel(new VirtualClock(), {}, 50);
const conductor = new Conductor({
  policy: { robot: 'testbed', stacks: {}, services: {}, lock_wait: 1 },
  version: 'test',
  catalog: noCatalogFile,
  prober: noProber,
  maintenanceMarks: new MemoryMarkStore(),
  stoppedMarks: new MemoryMarkStore(),
  supervision: new MemorySupervisionStore(),
  units: model,
  lock: model,
  journal: model,
  audit: { record: () => undefined },
  clock: model.clock,
  environment: {},
  onListenerFault: () => undefined,
});
await conductor.start();
const silent = { info: () => undefined, warn: () => undefined };
const entry = mqttSchema.parse(JSON.parse(process.argv[2]));
new MqttFace({ conductor, entry, link: new TopicAges(), logger: silent }).start();
