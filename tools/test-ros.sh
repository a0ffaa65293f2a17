#!/usr/bin/env bash
# `npm run test:ros`: the ROS face against a real ROS 2 that is sourced (Jazzy or newer), on throwaway robots.
#   source /opt/ros/jazzy/setup.bash && npm run test:ros
# Builds rovi_interfaces and rovi_bringup with colcon, and rclnodejs with npm, below test-output/ros (once for each ROS).
set -euo pipefail
# shellcheck source=tools/set-up.sh
. "$(dirname "$0")/set-up.sh"
# shellcheck source=tools/ros.sh
. "$(dirname "$0")/ros.sh"

find_ros || fail 'no ROS 2 is sourced: source /opt/ros/<distro>/setup.bash first'
become_root "$@"
set_up shellcheck
build_for_ros

export ROVI_TEST_ROS=1
status=0
npx --no-install vitest run --project system --reporter=default --reporter=json --outputFile.json=test-output/vitest-ros.json tests/with-ros "$@" || status=$?
node tools/test-summary.mjs test-output/vitest-ros.json || status=1
exit "$status"
