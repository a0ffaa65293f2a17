const LAYERS = 10;
const WIDTH = 10;

/** The service that requires the whole last layer, and with it all others. */
export const TOP = 'top';
/** The service of the first layer that is stopped: more than half of the others require it. */
export const BOTTOM = nameOf(1, 1);

/** Where the health checks look: bench/src/services/asked.ts. */
export const ASKED_PORTS = { tcp: 18_081, http: 18_082 } as const;
/** Seconds between two looks of one check. */
export const INTERVAL_S = 10;

/** All services, needed ones first: ten layers of ten, each but the first requires two of the layer before it; and the top. */
export const GRAPH: readonly { readonly name: string; readonly requires: readonly string[] }[] = [
  ...numbers(LAYERS).flatMap((layer) =>
    numbers(WIDTH).map((place) => ({
      name: nameOf(layer, place),
      requires: layer === 1 ? [] : [nameOf(layer - 1, place), nameOf(layer - 1, (place % WIDTH) + 1)],
    })),
  ),
  { name: TOP, requires: numbers(WIDTH).map((place) => nameOf(LAYERS, place)) },
];

/** Checks that `checked` adds: two for each service but the top. */
export const CHECKS = 2 * LAYERS * WIDTH;

/** A catalog (JSON is YAML) of these services, each one `sleep`, with start limits that never bite. */
export function serviceCatalog({ checked, workspace }: { checked: boolean; workspace: string }): string {
  const { tcp, http } = ASKED_PORTS;
  const health = [
    { probe: { type: 'tcp', port: tcp }, interval: INTERVAL_S },
    { probe: { type: 'http', port: http, path: '/health', body: 'ok' }, interval: INTERVAL_S },
  ];
  return JSON.stringify({
    version: 1,
    robot: 'bench',
    workspace,
    env_file: '/etc/rovi/.env.robot',
    stacks: {},
    services: Object.fromEntries(
      GRAPH.map(({ name, requires }) => [
        name,
        {
          description: `Bench service ${name}`,
          command: ['/usr/bin/sleep', 'infinity'],
          requires,
          crash_loop: { starts: 1000, window: 60 },
          ...(checked && name !== TOP ? { health } : {}),
        },
      ]),
    ),
  });
}

function nameOf(layer: number, place: number): string {
  return `layer_${layer}_${place}`;
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
