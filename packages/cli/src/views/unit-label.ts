/** A unit as people call it: `camera` for `rovi-camera.service`, `camera@2` for `rovi-camera@2.service`. */
export function unitLabel(unit: string): string {
  return unit.replace(/^rovi-/, '').replace(/\.service$/, '');
}
