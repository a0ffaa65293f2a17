#!/usr/bin/env bash
# `npm run test:ros`: the ROS face against a real ROS 2 that is sourced (Jazzy or newer), on throwaway robots.
#   source /opt/ros/jazzy/setup.bash && npm run test:ros
# Builds rovi_interfaces and rovi_bringup with colcon, and rclnodejs with npm, below test-output/ros (once for each ROS).
set -euo pipefail
# shellcheck source=tools/set-up.sh
. "$(dirname "$0")/set-up.sh"

# The setup files of what is sourced, the underlay first: sudo and robots source them anew.
if [ -z "${ROVI_ROS_SETUP:-}" ]; then
  [ -n "${AMENT_PREFIX_PATH:-}" ] || fail 'no ROS 2 is sourced: source /opt/ros/<distro>/setup.bash first'
  ROVI_ROS_SETUP=$(tr ':' '\n' <<<"$AMENT_PREFIX_PATH" | tac | sed 's|$|/setup.bash|' | paste -sd ' ')
  export ROVI_ROS_SETUP
fi
become_root "$@"
set_up shellcheck
set +u
for setup in $ROVI_ROS_SETUP; do
  # shellcheck disable=SC1090
  [ ! -r "$setup" ] || . "$setup"
done
set -u
type -P ros2 >/dev/null || fail 'ros2 is not on PATH after sourcing ROS'

ros=$PWD/test-output/ros
mkdir -p "$ros"
key=$(cat packages/ros/rclnodejs/package-lock.json <(find packages/ros/rovi_* -type f -print0 | sort -z | xargs -0 cat) \
  <(printf '%s' "$ROVI_ROS_SETUP" "$(node --version)") | sha256sum | cut -d ' ' -f 1)
if [ "$(cat "$ros/built" 2>/dev/null || true)" != "$key" ]; then
  rm -rf "$ros"
  mkdir -p "$ros/ws/src" "$ros/rclnodejs"
  type -P colcon >/dev/null || fail 'colcon is needed to build rovi_interfaces (Debian: apt install colcon)'
  say 'colcon builds rovi_interfaces and rovi_bringup'
  cp -R packages/ros/rovi_interfaces packages/ros/rovi_bringup "$ros/ws/src"
  (cd "$ros/ws" && PATH=/usr/bin:$PATH colcon build --event-handlers console_direct- >"$ros/colcon.log" 2>&1) ||
    fail "colcon failed: $ros/colcon.log"
  say 'npm builds rclnodejs'
  cp packages/ros/rclnodejs/package*.json "$ros/rclnodejs"
  # shellcheck disable=SC1091
  (set +u && . "$ros/ws/install/setup.bash" && cd "$ros/rclnodejs" && npm ci --yes --no-audit --no-fund >"$ros/npm.log" 2>&1) ||
    fail "rclnodejs could not be built: $ros/npm.log"
  [ -s "$ros/rclnodejs/node_modules/rclnodejs/generated/generator.json" ] || fail "rclnodejs has no messages: $ros/npm.log"
  chmod -R a+rX "$ros"
  printf '%s\n' "$key" >"$ros/built"
fi

export ROVI_TEST_ROS=1
status=0
npx --no-install vitest run --project system --reporter=default --reporter=json --outputFile.json=test-output/vitest-ros.json tests/with-ros "$@" || status=$?
node tools/test-summary.mjs test-output/vitest-ros.json || status=1
exit "$status"
