/** No name and no reason is longer; of longer ones the beginning is kept. */
const CHARACTERS = 1_000;

/**
 * A request as it goes on to the gateway: anybody in the graph can send text of any length, and a line to the gateway
 * has an end. What is cut is still no name of a stack.
 */
export function cutRequest(request: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(request).map(([field, value]) => [
      field,
      typeof value === 'string' ? value.slice(0, CHARACTERS) : value,
    ]),
  );
}
