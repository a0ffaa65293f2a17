import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RclnodejsOptions } from '@rovi/testbed';
import { rclnodejsFiles, REPOSITORY, RosGraph } from '@rovi/testbed';

export interface RosOptions extends RclnodejsOptions {
  /** Files and folders of the ROS that are missing. */
  readonly without?: readonly string[];
  /** False: nothing is sourced. */
  readonly sourced?: boolean;
}

/** A machine's ROS with rclnodejs in a folder, its graph, and the command that is a ROS process there. */
export async function ros(options: RosOptions = {}) {
  const folder = await mkdtemp('/tmp/rovi-rcl-');
  const place = {
    folder: join(folder, 'programs'),
    prefix: join(folder, 'ros'),
    socket: join(folder, 'graph'),
  };
  for (const { path, text } of await rclnodejsFiles(place, options)) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  for (const path of options.without ?? []) await rm(join(folder, path), { recursive: true });
  const graph = await RosGraph.open(place.socket);
  const command = [process.execPath, join(REPOSITORY, 'dist/rovi-ros.mjs'), place.folder] as const;
  const sourced = { AMENT_PREFIX_PATH: `/nowhere:${place.prefix}`, ROS_DISTRO: 'jazzy', ROS_DOMAIN_ID: '42' };
  return {
    folder,
    graph,
    command,
    environment: options.sourced === false ? {} : sourced,
    [Symbol.asyncDispose]: async () => {
      await graph.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
