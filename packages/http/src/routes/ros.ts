import { rosProbeSchema } from '@rovi/contract';
import type { RosProbeResult, RosStatus } from '@rovi/contract';
import { parse } from '../parse.js';
import type { Route, RouteContext } from '../route.js';

/** The ROS face: how it is, what the graph around it looks like, and a new start for it. */
export function rosRoutes({ ros }: RouteContext): Route[] {
  return [
    { method: 'GET', path: '/api/ros', handle: (): RosStatus => ros.status() },
    {
      method: 'GET',
      path: '/api/ros/probe',
      handle: (request): Promise<RosProbeResult> => ros.probe(parse(rosProbeSchema, request.query, 'query')),
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
