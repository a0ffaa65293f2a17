import { HttpFault } from '../fault.js';
import type { Route } from '../route.js';
import type { Upgrades } from './upgrades.js';

/** The route's handler; refuses WebSocket handshakes where the route takes none, after all hooks of any request. */
export function handlerOf(route: Route, upgrades: Upgrades): Route['handle'] {
  const { method, path, handle } = route;
  if (route.websocket === true) return handle;
  return (request, reply) => {
    if (!upgrades.has(request)) return handle(request, reply);
    throw new HttpFault(400, 'bad-request', `${method} ${path} is not for WebSockets.`, {
      mend: 'Ask without `Upgrade`; the WebSocket is at /api/events.',
    });
  };
}
