#!/bin/bash
# Becomes COMMAND in the environment that stacks have: the environment file, ROS and the workspace sourced.
# The gateway starts its ROS process with it; install.sh builds rclnodejs with it.
#
#   run_in_ros.sh COMMAND [WORD…]
#
# Exit codes, each with one line on stderr: 64 usage · 69 ROS, ros2 or the workspace not found · 78 environment file bad
set -u

fail() {
  printf 'run_in_ros: %s\n' "$2" >&2
  exit "$1"
}

(($# >= 1)) || fail 64 'usage: run_in_ros.sh COMMAND [WORD…]'
here=${BASH_SOURCE[0]%/*}
for part in "$here/run_environment.sh" "$here/env/run_environment.sh" ''; do
  [[ ! -r $part ]] || break
done
[[ -n $part ]] || fail 69 "its part run_environment.sh is missing in $here"
# shellcheck source=env/run_environment.sh
source "$part"
_rovi_environment || fail "$?" "$_rovi_problem"

exec "$@"
