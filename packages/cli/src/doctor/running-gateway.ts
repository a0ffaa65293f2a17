import type { RoviClient } from '@rovi/client';
import { GATEWAY_UNIT, RoviError } from '@rovi/contract';
import type { Snapshot } from '@rovi/contract';
import { accountOf } from '../status-extras.js';
import { showBlocks, shownTime, showUnits } from '../systemctl.js';
import { durationText } from '../views/moment.js';
import { CheckList, type Check } from './check.js';
import type { Installation } from './installation.js';

const LOOK = `\`systemctl status ${GATEWAY_UNIT}\` and \`journalctl -u ${GATEWAY_UNIT}\``;

/** Whether the gateway is up, unprivileged, watched by systemd, and answers as the version this program is. */
export async function checkGateway(
  { catalog }: Installation,
  client: RoviClient,
  version: string,
): Promise<readonly Check[]> {
  const list = new CheckList('gateway');
  const shown = await showUnits(
    ['ActiveState', 'Result', 'MainPID', 'WatchdogUSec', 'WatchdogTimestamp'],
    [GATEWAY_UNIT],
  );
  const unit = showBlocks(shown.stdout)[0];
  if (shown.code !== 0 || unit === undefined)
    list.unknown('unit', 'systemd does not answer', 'see the platform checks');
  else await checkUnit(list, unit, catalog.user);
  await checkAnswer(list, client, version);
  const snapshot = await client.state({ timeout: 5_000 }).catch(() => null);
  checkHttp(list, snapshot);
  await checkRos(list, client);
  checkBroker(list, snapshot);
  return list.checks;
}

async function checkUnit(list: CheckList, unit: ReadonlyMap<string, string>, user: string): Promise<void> {
  const state = unit.get('ActiveState') ?? '';
  if (state !== 'active') {
    const result = unit.get('Result') ?? '';
    const why = result === '' || result === 'success' ? '' : `, last result ${result}`;
    list.fault('unit', `${GATEWAY_UNIT} is ${state}${why}`, `\`systemctl start ${GATEWAY_UNIT}\`; ${LOOK}`);
    return;
  }
  const account = await accountOf(Number(unit.get('MainPID')) || null);
  if (account === user)
    list.ok('unit', `${GATEWAY_UNIT} is active, PID ${unit.get('MainPID') ?? ''}, as ${user}`);
  else if (account === null)
    list.unknown('unit', `${GATEWAY_UNIT} is active; whose process it is cannot be seen`, 'run as root');
  else
    list.fault(
      'unit',
      `${GATEWAY_UNIT} runs as ${account}, not as ${user}`,
      'run `install.sh` again, then restart the gateway',
    );
  const limit = unit.get('WatchdogUSec') ?? '0';
  const ping = shownTime(unit.get('WatchdogTimestamp'));
  if (limit === '0' || limit === '') {
    list.fault(
      'watchdog',
      'systemd does not watch the gateway',
      'run `install.sh` again (WatchdogSec= is missing)',
    );
  } else if (ping === null) list.fault('watchdog', 'the gateway has never given a sign of life', LOOK);
  else list.ok('watchdog', `last sign of life ${durationText(Date.now() - ping)} ago, limit ${limit}`);
}

async function checkAnswer(list: CheckList, client: RoviClient, version: string): Promise<void> {
  try {
    const health = await client.health({ timeout: 5_000 });
    if (health.version === version)
      list.ok('answer', `version ${health.version}, up ${durationText(health.uptime_seconds * 1000)}`);
    else {
      list.fault(
        'answer',
        `the gateway is version ${health.version}, this rovictl ${version}`,
        'after an upgrade: `systemctl restart rovi-gateway.service` (a running stack is stopped and started again)',
      );
    }
    if (health.bus.connected) list.ok('bus', 'the gateway is connected to systemd');
    else
      list.fault(
        'bus',
        `the gateway has no connection to systemd: ${health.bus.error ?? ''}`,
        '`systemctl status dbus.service`',
      );
  } catch (error) {
    const { code, message, mend } = RoviError.from(error);
    if (code === 'socket-denied') list.unknown('answer', message, mend);
    else list.fault('answer', message, `${LOOK}`);
  }
}

/** Whether every TCP address of the catalog is served. */
function checkHttp(list: CheckList, snapshot: Snapshot | null): void {
  const face = snapshot?.faces.find(({ name }) => name === 'http');
  if (face === undefined) return;
  if (face.state === 'on') list.ok('HTTP face', `on: ${face.text}`);
  else list.fault('HTTP face', face.text, face.mend);
}

/** A robot without ROS is no fault of the installation; one whose ROS process keeps ending is. */
async function checkRos(list: CheckList, client: RoviClient): Promise<void> {
  const status = await client.ros({ timeout: 5_000 }).catch(() => null);
  if (status === null) return;
  const { state, text, mend } = status.face;
  if (state === 'on') list.ok('ROS face', `on: ${text}`);
  else if (state === 'failing') list.fault('ROS face', text, mend);
  else if (state === 'off') list.note('ROS face', `off: ${text}`, mend);
  else list.unknown('ROS face', 'on its way', 'look again in a minute');
}

const BROKER_REFUSES =
  '`journalctl -u rovi-gateway.service` has which; give the account a right to them at the broker (docs/mqtt.md), or the gateway another `mqtt.prefix`';
const BROKER_FACES = [
  ['mqtt', 'MQTT face'],
  ['fleet', 'fleet'],
  ['fleet-console', 'fleet console'],
] as const;

/** A broker that is away is no fault of the installation; why it is, is told all the same. */
function checkBroker(list: CheckList, snapshot: Snapshot | null): void {
  for (const [name, title] of BROKER_FACES) {
    const face = snapshot?.faces.find((one) => one.name === name);
    if (face === undefined) continue;
    const { state, text, mend, detail } = face;
    const refused = detail['refused'] ?? '0';
    if (state === 'starting') list.unknown(title, text, 'look again in a minute');
    else if (state !== 'on') list.note(title, `${state}: ${text}`, mend);
    else if (refused !== '0') list.note(title, `${text}; ${refused} messages refused`, BROKER_REFUSES);
    else list.ok(title, text);
  }
}
