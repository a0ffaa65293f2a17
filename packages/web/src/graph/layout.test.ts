import type { Graph, Snapshot } from '@rovi/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dependencies, dependencyText, drawnAs, withStates } from './dependencies.js';
import { layoutOf } from './layout.js';
import type { Box } from './layout.js';

const names = ['gateway', 'teleop', 'mapping', 'nav'];
const graph: Graph = {
  boot_id: 'b',
  seq: 5,
  at: '2026-11-21T09:30:00.000Z',
  known: true,
  nodes: names.map((name) => ({
    id: `rovi-${name}.service`,
    kind: name === 'gateway' ? ('gateway' as const) : ('stack' as const),
    name,
    description: '',
    state: 'STOPPED',
    level: 'ok',
    text: 'stopped',
    since: null,
  })),
  edges: names.slice(1).flatMap((name) =>
    (['requisite', 'part_of'] as const).map((kind) => ({
      kind,
      from: `rovi-${name}.service`,
      to: 'rovi-gateway.service',
    })),
  ),
  groups: [{ kind: 'excludes', nodes: names.slice(1).map((name) => `rovi-${name}.service`) }],
};

const box = (direction: 'down' | 'right', name: string): Box =>
  layoutOf(graph, direction).nodes.get(`rovi-${name}.service`) ?? expect.fail(`${name} has no place`);

describe('the layout', () => {
  it('has what is needed above what needs it, or to its left, and the catalog’s order across', () => {
    for (const name of names.slice(1)) {
      expect(box('down', 'gateway').y + box('down', 'gateway').height).toBeLessThan(box('down', name).y);
      expect(box('right', 'gateway').x + box('right', 'gateway').width).toBeLessThan(box('right', name).x);
    }
    expect(box('down', 'teleop').x).toBeLessThan(box('down', 'mapping').x);
    expect(box('down', 'mapping').x).toBeLessThan(box('down', 'nav').x);
    expect(box('right', 'teleop').y).toBeLessThan(box('right', 'nav').y);
  });

  it('has a frame around what excludes each other, and nothing else', () => {
    const { nodes, frames } = layoutOf(graph, 'down');
    const [frame] = frames;
    expect(frames).toHaveLength(1);
    for (const [id, { x, y, width, height }] of nodes) {
      const inside =
        frame !== undefined &&
        x >= frame.x &&
        y >= frame.y &&
        x + width <= frame.x + frame.width &&
        y + height <= frame.y + frame.height;
      expect([id, inside]).toEqual([id, id !== 'rovi-gateway.service']);
    }
  });
});

describe('the layout of services', () => {
  const services = (count: number, edges: [string, string, 'requires' | 'wants' | 'conflicts'][]): Graph => ({
    ...graph,
    nodes: [
      ...graph.nodes,
      ...Array.from({ length: count }, (_, index) => ({
        ...(graph.nodes[0] as (typeof graph.nodes)[number]),
        id: `rovi-s${index}.service`,
        kind: 'service' as const,
        name: `s${index}`,
      })),
    ],
    edges: [
      ...graph.edges,
      ...edges.map(([from, to, kind]) => ({ kind, from: `rovi-${from}.service`, to: `rovi-${to}.service` })),
    ],
  });
  const place = (laid: ReturnType<typeof layoutOf>, name: string): Box =>
    laid.nodes.get(`rovi-${name}.service`) ?? expect.fail(`${name} has no place`);

  it('has them below the stacks, what is needed before what needs it', () => {
    const made = services(4, [
      ['s0', 's1', 'requires'],
      ['s2', 's0', 'wants'],
      ['s3', 's0', 'conflicts'],
    ]);
    for (const direction of ['down', 'right'] as const) {
      const laid = layoutOf(made, direction);
      const axis = direction === 'down' ? 'x' : 'y';
      expect(place(laid, 's1')[axis]).toBeLessThan(place(laid, 's0')[axis]);
      expect(place(laid, 's0')[axis]).toBeLessThan(place(laid, 's2')[axis]);
      const [frame] = laid.frames;
      for (const name of ['s0', 's1', 's2', 's3'])
        expect(place(laid, name).y).toBeGreaterThan((frame?.y ?? 0) + (frame?.height ?? 0));
    }
  });

  it('lays no two over each other, and stays as wide as is readable, whatever depends on what', () => {
    const pair = fc.tuple(fc.nat(29), fc.nat(29)).filter(([a, b]) => a > b);
    const kind = fc.constantFrom('requires' as const, 'wants' as const, 'conflicts' as const);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(pair, kind), { maxLength: 30 }),
        fc.constantFrom('down', 'right'),
        (ties, direction) => {
          const edges = ties.map(([[a, b], how]): [string, string, typeof how] => [`s${a}`, `s${b}`, how]);
          const laid = layoutOf(services(30, edges), direction);
          const boxes = [...laid.nodes.values()];
          expect(boxes).toHaveLength(34);
          for (const [index, a] of boxes.entries())
            for (const b of boxes.slice(index + 1)) {
              const apart =
                a.x + a.width <= b.x ||
                b.x + b.width <= a.x ||
                a.y + a.height <= b.y ||
                b.y + b.height <= a.y;
              expect(apart).toBe(true);
            }
          if (direction === 'right') expect(laid.width).toBeLessThan(480);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('dependencies', () => {
  it('are one for each pair', () => {
    expect(dependencies(graph.edges)).toHaveLength(3);
    expect(dependencies(graph.edges)[0]?.kinds).toEqual(['requisite', 'part_of']);
    expect(dependencyText(['requisite', 'part_of'], 'gateway')).toBe(
      'starts only while gateway is active, stops and restarts with it',
    );
    expect(dependencyText(['part_of'], 'gateway')).toBe('stops and restarts with gateway');
    expect(dependencyText(['requires'], 'bus')).toBe('starts after bus, and stops with it');
    expect(drawnAs(['wants', 'conflicts'])).toBe('wants');
    expect(drawnAs(['requires', 'wants'])).toBe('needs');
    expect(drawnAs(['conflicts'])).toBe('conflicts');
  });
});

describe('states', () => {
  const snapshot = (over: Partial<Snapshot>): Snapshot =>
    ({
      boot_id: 'b',
      seq: 6,
      known: true,
      services: [],
      stacks: [
        {
          state: 'RUNNING',
          verdict: { level: 'ok', text: 'running' },
          unit: { unit: 'rovi-nav.service', since: '2026-11-21T09:31:00.000Z' },
        },
      ],
      ...over,
    }) as unknown as Snapshot;

  it('are those that events told since, and no older ones', () => {
    const of = (over: Partial<Snapshot>): string | undefined =>
      withStates(graph, snapshot(over)).nodes[3]?.state;
    expect(of({})).toBe('RUNNING');
    expect(of({ seq: 4 })).toBe('STOPPED');
    expect(of({ boot_id: 'another' })).toBe('STOPPED');
    expect(withStates(graph, snapshot({})).nodes[1]?.state).toBe('STOPPED');
    expect(withStates(graph, null)).toBe(graph);
  });
});
