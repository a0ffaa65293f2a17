#!/usr/bin/env bash
# What runs against a real ROS 2 (Jazzy or newer) needs: to know that one is sourced, and our packages built for it.
# Sourced after set-up.sh by the scripts that want it.

# Names the setup files of the ROS that is sourced, the underlay first: sudo and robots source them anew.
# To be called before become_root. False where no ROS is sourced.
find_ros() {
  if [ -z "${ROVI_ROS_SETUP:-}" ]; then
    [ -n "${AMENT_PREFIX_PATH:-}" ] || return 1
    ROVI_ROS_SETUP=$(tr ':' '\n' <<<"$AMENT_PREFIX_PATH" | tac | sed 's|$|/setup.bash|' | paste -sd ' ')
  fi
  export ROVI_ROS_SETUP
}

# Sources it, and builds rovi_interfaces and rovi_bringup with colcon, and rclnodejs with npm, below test-output/ros:
# once for each ROS. To be called in the repository, after set_up.
build_for_ros() {
  local setup ros key
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
  [ "$(cat "$ros/built" 2>/dev/null || true)" != "$key" ] || return 0
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
}
