import { z } from 'zod';
import { frameId, unitBaseName } from './names.js';
import { rosName } from './ros.js';

/** What a base is told by: each is the name of a message of `geometry_msgs`. */
export const driveMessages = ['twist', 'twist_stamped'] as const;
export type DriveMessage = (typeof driveMessages)[number];

/** How tickets move the robot, and how fast. */
export const driveSettingsSchema = z.strictObject({
  /** m/s: a faster drive is refused, when it is created and again when it is executed. */
  max_speed: z.number().positive().max(50).default(3.0),
  /** Seconds: a longer drive is refused. */
  max_duration: z.number().positive().max(3600).default(60),
  /** False: the base goes forward and backward alone, so a direction is 0 or 180. */
  holonomic: z.boolean().default(true),
  /** Where velocities go. */
  topic: rosName.default('/cmd_vel'),
  /** `geometry_msgs/msg/Twist`, or `TwistStamped`, which some controllers take alone. */
  message: z.enum(driveMessages).default('twist'),
  /** What the header of a stamped one says: the base's own frame. */
  frame_id: frameId.default('base_link'),
  /** Hz at which it is published while a drive goes on. */
  rate: z.number().min(1).max(100).default(20),
  /** `nav_msgs/msg/Odometry`, from which the distance is measured; without it nothing is. */
  odometry: rosName.optional(),
});

/** Tickets: robot commands that are stored, queued and executed one motion at a time. */
export const ticketSettingsSchema = z.strictObject({
  /** True: every ticket is the simulator's, and nothing moves, whatever the ticket says. */
  dry_run: z.boolean().default(false),
  /** The stacks during which a ticket may move the robot; none but these. */
  drive_stacks: z.array(unitBaseName).max(100).default([]),
  drive: driveSettingsSchema.default(driveSettingsSchema.parse({})),
  /** `sensor_msgs/msg/LaserScan` of the command `scan`. */
  scan_topic: rosName.default('/scan'),
  /** What is kept of tickets that have come to their end. */
  retention: z
    .strictObject({
      days: z.int().min(1).max(3650).default(90),
      tickets: z.int().min(100).max(10_000_000).default(1_000_000),
    })
    .default({ days: 90, tickets: 1_000_000 }),
});
export type TicketSettings = z.output<typeof ticketSettingsSchema>;
