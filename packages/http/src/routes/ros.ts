import { rosProbeSchema } from '@rovi/contract';
import type { RosProbeResult, RosStatus } from '@rovi/contract';
import { parse } from '../parse.js';
import type { Route, RouteContext } from '../route.js';

/** The ROS face: how it is, what the graph around it looks like, and a new start for it. */
export function rosRoutes({ ros, probes }: RouteContext): Route[] {
  return [
    { method: 'GET', path: '/api/ros', handle: (): RosStatus => ros.status() },
    {
      method: 'GET',
      path: '/api/ros/probe',
      handle: async (request, reply): Promise<RosProbeResult> => {
        const probe = parse(rosProbeSchema, request.query, 'query');
        const leave = probes.enter();
        const gone = new AbortController();
        reply.raw.once('close', () => gone.abort());
        try {
          return await ros.probe(probe, gone.signal);
        } finally {
          leave();
        }
      },
    },
    {
      method: 'POST',
      path: '/api/ros/restart',
      handle: (): RosStatus => {
        ros.restart();
        return ros.status();
      },
    },
  ];
}
