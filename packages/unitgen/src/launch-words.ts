import type { Launch } from '@rovi/contract';

/** What `ros2 launch` is told, word by word: package, file, then `name:=value` in the order of the catalog. */
export function launchWords(launch: Launch): string[] {
  const named = Object.entries(launch.arguments).map(([name, value]) => `${name}:=${value}`);
  return [launch.package, launch.file, ...named];
}
