import type { Graph, Snapshot } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { dependencies, dependencyText, withStates } from './dependencies.js';
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

describe('dependencies', () => {
  it('are one for each pair', () => {
    expect(dependencies(graph.edges)).toHaveLength(3);
    expect(dependencies(graph.edges)[0]?.kinds).toEqual(['requisite', 'part_of']);
    expect(dependencyText(['requisite', 'part_of'], 'gateway')).toBe(
      'starts only while gateway is active, stops and restarts with it',
    );
    expect(dependencyText(['part_of'], 'gateway')).toBe('stops and restarts with gateway');
  });
});

describe('states', () => {
  const snapshot = (over: Partial<Snapshot>): Snapshot =>
    ({
      boot_id: 'b',
      seq: 6,
      known: true,
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
