#!/bin/bash
# Runs the gateway as a launch: its unit's main process becomes `ros2 launch`, which starts rovi-gateway as one of
# its processes. That process tells systemd when it is ready (NOTIFY_SOCKET is handed down).
#
#   run_gateway.sh PACKAGE FILE [NAME:=VALUE…]
#
# Exit codes, each with one line on stderr: 64 usage · 69 ROS or ros2 not found · 78 environment file bad
set -u

fail() {
  printf 'run_gateway: %s\n' "$2" >&2
  exit "$1"
}

usage='usage: run_gateway.sh PACKAGE FILE [NAME:=VALUE…]'
(($# >= 2)) || fail 64 "$usage"
for argument in "${@:1:2}"; do
  [[ -n $argument && $argument != -* && $argument != */* ]] || fail 64 "$usage"
done
for argument in "${@:3}"; do
  [[ $argument =~ ^[A-Za-z_][A-Za-z0-9_]*:=. ]] || fail 64 "$usage"
done

# A stop signal during the set-up would be lost in bash while a child of a setup file runs.
trap 'trap - INT; kill -s INT $$' INT

here=${BASH_SOURCE[0]%/*}
for part in "$here/run_environment.sh" "$here/env/run_environment.sh" ''; do
  [[ ! -r $part ]] || break
done
[[ -n $part ]] || fail 69 "its part run_environment.sh is missing in $here"
# shellcheck source=env/run_environment.sh
source "$part"
_rovi_environment || fail "$?" "$_rovi_problem"

trap - INT
exec ros2 launch --noninteractive "$@" </dev/null
