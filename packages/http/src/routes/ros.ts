import { rosProbeResultSchema, rosProbeSchema, rosStatusSchema } from '@rovi/contract';
import type { RosProbeResult, RosStatus } from '@rovi/contract';
import { originOf } from '../access/caller.js';
import { parseActor } from '../parse.js';
import { route } from '../route.js';
import type { Answer, Route, RouteContext } from '../route.js';

const STATUS: Answer = { status: 200, is: 'The ROS face', schema: rosStatusSchema };

/** The ROS face: how it is, what the graph around it looks like, and a new start for it. */
export function rosRoutes({ ros, probes, audit }: RouteContext): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/api/ros',
        id: 'getRos',
        tag: 'ROS',
        summary: 'How the ROS face is, and which topics and services it offers',
        answers: [STATUS],
      },
      (): RosStatus => ros.status(),
    ),
    route(
      {
        method: 'GET',
        path: '/api/ros/probe',
        id: 'probeRos',
        tag: 'ROS',
        summary: 'Ask the ROS graph for a node, or whether messages arrive on a topic',
        query: rosProbeSchema,
        answers: [
          { status: 200, is: 'What was found; also where the face is off', schema: rosProbeResultSchema },
        ],
        errors: ['too-many-clients'],
      },
      async ({ query }, request, reply): Promise<RosProbeResult> => {
        const leave = probes.enter(request);
        const gone = new AbortController();
        reply.raw.once('close', () => gone.abort());
        try {
          return await ros.probe(query, gone.signal);
        } finally {
          leave();
        }
      },
    ),
    route(
      {
        method: 'POST',
        path: '/api/ros/restart',
        id: 'restartRos',
        command: 'ros-restart',
        tag: 'ROS',
        summary: 'Start the ROS process anew',
        answers: [STATUS],
      },
      (_input, request): RosStatus => {
        audit.record({
          at: new Date().toISOString(),
          decision: 'accepted',
          command: 'ros-restart',
          target: null,
          actor: parseActor(request),
          origin: originOf(request),
          reason: '',
          operation: null,
          outcome: null,
          code: null,
          message: 'the ROS process is started anew',
        });
        ros.restart();
        return ros.status();
      },
    ),
  ];
}
