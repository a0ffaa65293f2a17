import type { Route } from './route.js';

type Pattern = Pick<Route, 'method' | 'path'>;

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

/** The methods that the path exactly as given has a route for; empty where it has none. */
export function methodsOf(routes: readonly Pattern[], path: string): string[] {
  const parts = path.split('/');
  const fitting = routes.filter((route) => {
    const wanted = route.path.split('/');
    return (
      wanted.length === parts.length &&
      wanted.every((part, index) => (part.startsWith(':') ? parts[index] !== '' : part === parts[index]))
    );
  });
  return [...new Set(fitting.map(({ method }) => method))].sort();
}

/** Levenshtein's distance of two short texts. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** How far a path is from a pattern: spelling mistakes in fixed segments, and four for each segment too many or few. */
function farness(pattern: string, path: string): number {
  const wanted = segmentsOf(pattern);
  const given = segmentsOf(path);
  let sum = 4 * Math.abs(wanted.length - given.length);
  for (const [index, part] of wanted.entries()) {
    const other = given[index];
    if (other !== undefined && !part.startsWith(':')) sum += distance(part, other);
  }
  return sum;
}

/** As {@link farness}, but a forgotten `/api` counts little. */
function distanceTo(pattern: string, path: string): number {
  return Math.min(farness(pattern, path), 2 + farness(pattern, `/api${path}`));
}

/** Up to three routes that a wrong path may have meant, nearest first, written as `GET /api/state`. Bounded work. */
export function nearestRoutes(routes: readonly Pattern[], path: string): string[] {
  if (path.length > 200) return [];
  return routes
    .map((route) => ({ text: `${route.method} ${route.path}`, far: distanceTo(route.path, path) }))
    .filter(({ far }) => far <= 6)
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ text }) => text);
}
