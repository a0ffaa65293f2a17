import type { IncomingMessage } from 'node:http';

const owners = new WeakMap<IncomingMessage, string>();

/** Says whose the streams are that this request opens: `OpenStreams.dropOwned` finds them by it. Call it in a hook. */
export function setStreamOwner(request: IncomingMessage, owner: string): void {
  owners.set(request, owner);
}

/** Whose streams this request opens; null where nobody said. */
export function streamOwnerOf(request: IncomingMessage): string | null {
  return owners.get(request) ?? null;
}
