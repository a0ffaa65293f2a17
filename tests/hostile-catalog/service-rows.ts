/** A catalog with one service that breaks a rule: the service's line and what must be said of it. */
export interface HostileService {
  readonly title: string;
  /** The service as it is written, on one line of YAML. */
  readonly entry: string;
  /** Below `services.web`. */
  readonly path: string;
  readonly expected: string;
}

const command = 'command: [/usr/bin/sleep, infinity]';
const words = (text: string, path: string, expected: string, title: string): HostileService => ({
  title,
  entry: `{ description: x, ${text} }`,
  path,
  expected,
});
const box = (text: string, path: string, expected: string, title: string): HostileService =>
  words(`container: { image: localhost/bus, ${text} }`, `container.${path}`, expected, title);
const plain = (text: string, path: string, expected: string, title: string): HostileService =>
  words(`${command}, ${text}`, path, expected, title);
const probe = (text: string, path: string, expected: string, title: string): HostileService =>
  plain(`health: [{ probe: { ${text} } }]`, `health[0].probe.${path}`, expected, title);

/** Each of them could put a line, a word, an option, a path or a port of its own into a unit, a probe or a terminal. */
export const hostileServices: readonly HostileService[] = [
  words(
    'command: ["/bin/a\\nUser=root"]',
    'command[0]',
    'expected one line',
    'a program with a line of its own',
  ),
  words('command: [/bin/a, "b\\u2028c"]', 'command[1]', 'expected one line', 'a word with a line separator'),
  words('command: [/bin/a, "\\e[2J"]', 'command[1]', 'expected one line', 'a word with an escape sequence'),
  words("command: [/bin/a, 'b\\']", 'command[1]', 'back-slash', 'a word that goes on'),
  words('command: ["-/bin/a"]', 'command[0]', 'absolute path', 'a program with a prefix of systemd'),
  words('command: ["+/bin/a"]', 'command[0]', 'absolute path', 'a program with all rights'),
  words('command: ["%h/a"]', 'command[0]', 'absolute path', 'a program that is a specifier'),
  words('command: ["/bin/../a"]', 'command[0]', 'absolute path', 'a program that climbs'),
  plain('environment: { A: "b\\nUser=root" }', 'environment.A', 'expected one line', 'a value of two lines'),
  plain(
    'environment: { "A=b\\nB": c }',
    'environment["A=b\\nB"]',
    'variable name',
    'a variable of two lines',
  ),
  plain('environment: { a: b }', 'environment.a', 'variable name', 'a variable in small letters'),
  plain('environment_file: "-/etc/x"', 'environment_file', 'absolute path', 'an optional file'),
  plain('working_directory: "~"', 'working_directory', 'absolute path', 'a home as folder'),
  plain('user: "%u"', 'user', 'Unix account name', 'a user that is a specifier'),
  plain('user: "rovi\\nUser=root"', 'user', 'Unix account name', 'a user of two lines'),
  plain('user: "0"', 'user', 'Unix account name', 'a user by number'),
  plain('category: "a b"', 'category', 'expected a word', 'a category of two words'),
  plain('ports: ["8080;reboot"]', 'ports[0]', 'expected a port', 'a port with a command'),
  plain('ports: [{ port: 80, address: "0.0.0.0:1" }]', 'ports[0].address', '', 'an address that is two'),
  plain(
    'ports: [65535], instances: { max: 2 }',
    'ports[0]',
    'up to 65535',
    'an instance beyond the last port',
  ),
  plain('ports: [80, 81], instances: { max: 2 }', 'ports[1]', 'of its own', 'two instances at one port'),
  plain('instances: { max: 1e9 }', 'instances.max', '', 'a thousand million instances'),
  plain(
    'ports: [{ port: 80, step: 0 }], instances: { max: 1e9 }',
    'instances.max',
    '',
    'a thousand million instances at one port',
  ),
  plain(
    'ports: [{ port: 80, step: -1 }], instances: { max: 1e9 }',
    'instances.max',
    '',
    'ports without end below zero',
  ),
  plain('instances: { min: -1 }', 'instances.min', '', 'less than no instance'),
  plain('limits: { memory: "1G\\nUser=root" }', 'limits.memory', '', 'a limit of two lines'),
  plain('limits: { cpu: .nan }', 'limits.cpu', '', 'a limit that is no number'),
  plain('requires: [web]', 'requires[0]', 'another service than itself', 'a service that needs itself'),
  plain('requires: [__proto__]', 'requires[0]', 'a service of this catalog', 'a prototype as dependency'),
  plain('requires: [constructor]', 'requires[0]', 'a service of this catalog', 'a constructor as dependency'),
  plain('conflicts: ["x.service\\nRequires=y"]', 'conflicts[0]', 'of this catalog', 'a unit as conflict'),
  box('networks: ["host --privileged"]', 'networks[0]', 'name of a network', 'a network with an option'),
  box('networks: ["container:x"]', 'networks[0]', 'name of a network', "another container's network"),
  box('volumes: ["/:/x:rw,suid"]', 'volumes[0]', 'expected "/on/robot', 'a volume with other options'),
  box('volumes: ["--privileged:/x"]', 'volumes[0]', 'expected "/on/robot', 'a volume that is an option'),
  box('devices: [/dev/../etc/shadow]', 'devices[0]', '', 'a device that climbs'),
  box('labels: { "a\\nb": c }', 'labels["a\\nb"]', 'name of a label', 'a label of two lines'),
  box('labels: { a: "b\\nc" }', 'labels.a', 'expected one line', 'a label with a value of two lines'),
  box('healthcheck: ["a\\nb"]', 'healthcheck[0]', 'expected one line', 'a check of two lines'),
  probe(
    'type: http, port: 80, path: "/ HTTP/1.0\\r\\nHost: x"',
    'path',
    'begins with "/"',
    'a second header',
  ),
  probe('type: http, port: 80, host: "a@b"', 'host', 'host name', 'an account in a host'),
  probe('type: http, port: 80, host: "-a"', 'host', 'host name', 'a host that is an option'),
  probe('type: http, port: 80, body: "a\\nb"', 'body', 'expected one line', 'a text of two lines'),
  probe('type: tcp, port: web', 'port', 'one of its ports', 'a port that nobody has'),
  probe('type: command, command: ["a\\0b"]', 'command[0]', 'expected one line', 'a NUL in a command'),
  probe('type: i2c, bus: -1', 'bus', '', 'a bus below none'),
  probe('type: i2c, bus: 1, address: 0x78', 'address', '', 'an address that is reserved'),
  probe('type: mqtt, topic: "#"', 'topic', 'without wildcards', 'every topic'),
  probe('type: ros, node: "/a b"', 'node', 'ROS name', 'a node of two words'),
  plain(
    'health: [{ probe: { type: process }, interval: 0 }]',
    'health[0].interval',
    'at least',
    'a look without pause',
  ),
  plain(
    'health: [{ probe: { type: process }, timeout: .inf }]',
    'health[0].timeout',
    '',
    'a look without end',
  ),
  plain(
    'health: [{ probe: { type: process }, name: "\\e[2J" }]',
    'health[0].name',
    'one line',
    'a name that clears a screen',
  ),
];

const HEAD = 'version: 1\nworkspace: /ws\nenv_file: /etc/rovi/.env.robot\nstacks: {}\nservices:\n';

/** Where the one service stands in {@link catalogWith}. */
export const SERVICE_LINE = 6;

/** A catalog with this service alone. */
export function catalogWith(entry: string, name = 'web'): string {
  return `${HEAD}  ${name}: ${entry}\n`;
}

/** Names of services that no unit, polkit rule or route may ever hold. */
export const hostileNames: readonly string[] = [
  ...[
    '"a\\nb"',
    '-a',
    'a@1',
    'a.service',
    '../a',
    '"a b"',
    '"%i"',
    '$HOME',
    'A',
    'a_',
    '"a;b"',
    '"a\\"b"',
    'gateway',
  ],
  ...['ROBOT', 'a/b', '"\\u00e4"', `a${'b'.repeat(40)}`, '""', '"*a"', '__proto__'],
];
