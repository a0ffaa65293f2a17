import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dependencyFaults } from './dependency-faults.js';
import { cycleIn, dependenciesOf, dependentsOf, startWaves } from './dependency-graph.js';

type Graph = Record<string, { requires: string[]; wants: string[]; conflicts: string[]; autostart: boolean }>;

/** Any graph of up to nine services, circles and all. */
const anyGraph: fc.Arbitrary<Graph> = fc
  .uniqueArray(fc.constantFrom(...'abcdefghi'), { minLength: 1 })
  .chain((names) => {
    const some = (maxLength: number) => fc.uniqueArray(fc.constantFrom(...names), { maxLength });
    const entry = fc.record({
      requires: some(2),
      wants: some(2),
      conflicts: some(1),
      autostart: fc.boolean(),
    });
    return fc.tuple(...names.map((name) => entry.map((value) => [name, value] as const)));
  })
  .map((entries) => Object.fromEntries(entries));

/** Edges to earlier names alone: no circle is possible. */
const treeLike = anyGraph.map((graph): Graph => {
  const names = Object.keys(graph);
  const earlier = (name: string, edges: string[]) =>
    edges.filter((each) => names.indexOf(each) < names.indexOf(name));
  return Object.fromEntries(
    Object.entries(graph).map(([name, entry]) => {
      const requires = earlier(name, entry.requires);
      const wants = earlier(name, entry.wants).filter((each) => !requires.includes(each));
      return [name, { ...entry, requires, wants }];
    }),
  );
});

/** Whether one can go from a name back to it: the plain definition, by walking all ways. */
function returnsTo(graph: Graph, name: string): boolean {
  const seen = new Set<string>();
  const open = [...(graph[name]?.requires ?? []), ...(graph[name]?.wants ?? [])];
  for (let each = open.pop(); each !== undefined; each = open.pop()) {
    if (each === name) return true;
    if (seen.has(each)) continue;
    seen.add(each);
    open.push(...(graph[each]?.requires ?? []), ...(graph[each]?.wants ?? []));
  }
  return false;
}

describe('cycleIn', () => {
  it('names a circle wherever there is one, edge by edge, and none elsewhere', () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        const cycle = cycleIn(graph);
        const isCircular = Object.keys(graph).some((name) => returnsTo(graph, name));
        expect(cycle !== null).toBe(isCircular);
        for (const [index, name] of (cycle ?? []).entries()) {
          const next = cycle?.[(index + 1) % cycle.length] ?? '';
          expect([...(graph[name]?.requires ?? []), ...(graph[name]?.wants ?? [])]).toContain(next);
        }
        expect(new Set(cycle).size).toBe(cycle?.length ?? 0);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('startWaves', () => {
  it('starts all, each once, and none before anything that it needs', () => {
    fc.assert(
      fc.property(treeLike, fc.infiniteStream(fc.boolean()), (graph, chosen) => {
        const names = Object.keys(graph).filter(() => chosen.next().value);
        const waves = startWaves(graph, names);
        expect(waves.flat().sort()).toEqual([...names].sort());
        const wave = new Map(waves.flatMap((each, index) => each.map((name) => [name, index] as const)));
        for (const name of names) {
          for (const needed of dependenciesOf(graph, name)) {
            // Also where what lies between the two is not started.
            if (wave.has(needed)) expect(wave.get(needed)).toBeLessThan(wave.get(name) ?? -1);
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('makes a wave of all that are free, by rank and then by name', () => {
    const graph = {
      a: { requires: ['c'], wants: [] },
      b: { requires: [], wants: [] },
      c: { requires: [], wants: [] },
    };
    expect(startWaves(graph, ['a', 'b', 'c'])).toEqual([['b', 'c'], ['a']]);
    expect(startWaves(graph, ['a', 'b', 'c'], (name) => (name === 'c' ? 1 : 2))).toEqual([['c', 'b'], ['a']]);
  });

  it('takes no longer the more ways there are: 500 services, each with 200 of those before it', () => {
    const before = (i: number) => Array.from({ length: i }, (_, j) => `s${j}`);
    const graph = Object.fromEntries(
      Array.from({ length: 500 }, (_, i) => [
        `s${i}`,
        { requires: before(i).slice(-200, -100), wants: before(i).slice(-100) },
      ]),
    );
    const took = [1, 2, 3, 4, 5].map(() => {
      const began = performance.now();
      const waves = startWaves(graph, Object.keys(graph));
      const ended = performance.now();
      expect(waves).toEqual(Object.keys(graph).map((name) => [name]));
      return ended - began;
    });
    // The best of five: what a busy machine adds is not theirs.
    expect(Math.min(...took)).toBeLessThan(200);
  });

  it('throws over a circle', () => {
    const graph = { a: { requires: ['b'], wants: [] }, b: { requires: ['a'], wants: [] } };
    expect(() => startWaves(graph, ['a', 'b'])).toThrow('a circle of dependencies among a, b');
  });
});

describe('dependentsOf', () => {
  it('is dependenciesOf the other way round', () => {
    fc.assert(
      fc.property(anyGraph, fc.constantFrom('requires' as const, 'all' as const), (graph, follow) => {
        for (const name of Object.keys(graph)) {
          const dependents = Object.keys(graph).filter(
            (other) => other !== name && dependenciesOf(graph, other, follow).has(name),
          );
          expect([...dependentsOf(graph, name, follow)].sort()).toEqual(dependents.sort());
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('dependencyFaults', () => {
  it('refuses whatever could never run together, and nothing else', () => {
    fc.assert(
      fc.property(treeLike, (graph) => {
        const names = Object.entries(graph);
        const nameFault = names.some(
          ([name, { requires, wants, conflicts }]) =>
            conflicts.includes(name) || conflicts.some((each) => [...requires, ...wants].includes(each)),
        );
        const excludes = (set: Set<string>) =>
          [...set].some((each) => graph[each]?.conflicts.some((other) => set.has(other)));
        const together = names.map(([name]) => new Set([name, ...dependenciesOf(graph, name)]));
        const boot = new Set(
          names.flatMap(([name, { autostart }]) => (autostart ? [name, ...dependenciesOf(graph, name)] : [])),
        );
        const faults = dependencyFaults(graph);
        expect(faults.length > 0).toBe(nameFault || [...together, boot].some(excludes));
        // Each at a place that is there.
        for (const [[name, kind, index]] of faults) {
          const entry = graph[String(name)] as unknown as Record<string, string[]> | undefined;
          expect(entry?.[String(kind)]?.[Number(index)]).toBeTypeOf('string');
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
