#!/usr/bin/env bash
# `npm run bench`: sets up what is missing, then measures on testbed robots; --help lists the options.
# The whole takes about 15 minutes; the machine should have nothing else to do meanwhile. Where a ROS 2 is sourced it
# measures the ROS face too, for another 20 minutes.
set -euo pipefail
# shellcheck source=tools/set-up.sh
. "$(dirname "$0")/set-up.sh"
# shellcheck source=tools/ros.sh
. "$(dirname "$0")/ros.sh"

find_ros && has_ros=1 || has_ros=0
become_root "$@"
# shellcheck disable=SC2119 # no packages but the robots' own
set_up
if [ "$has_ros" = 1 ]; then build_for_ros; else say 'no ROS 2 is sourced: the ROS face is not measured'; fi
exec node bench/dist/main.js "$@"
