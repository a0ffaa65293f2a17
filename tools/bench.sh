#!/usr/bin/env bash
# `npm run bench`: sets up what is missing, then measures on testbed robots; --help lists the options.
# The whole takes about 15 minutes; the machine should have nothing else to do meanwhile. Where a ROS 2 is sourced it
# measures the ROS face too, for another 20 minutes. With --http it measures the HTTP face only, in about 8 minutes;
# with --services services only, in about 6; with --tickets the store of tickets only, in about 10; with
# --fleet a fleet of simulated robots only, in about 20.
set -euo pipefail
# shellcheck source=tools/set-up.sh
. "$(dirname "$0")/set-up.sh"
# shellcheck source=tools/ros.sh
. "$(dirname "$0")/ros.sh"

# Unpacks Debian's supervisor below test-output/. It is not installed: its package would start a daemon on this machine.
bring_supervisor() {
  local folder=test-output/supervisor
  [ ! -x "$folder/usr/bin/supervisord" ] || return 0
  say "unpacking Debian's supervisor into $folder"
  rm -rf "$folder"
  mkdir -p "$folder"
  # apt's own user may not write here, and says so.
  (cd "$folder" && apt-get download -qq -o APT::Sandbox::User=root supervisor && dpkg-deb -x supervisor_*.deb .) >&2 ||
    fail 'apt-get could not download supervisor'
  chmod -R a+rX "$folder"
}

only=
for word in "$@"; do case "$word" in --http | --services | --tickets | --fleet) only=${word#--} ;; esac; done
find_ros && has_ros=1 || has_ros=0
become_root "$@"
if [ "$only" = http ]; then
  set_up python3-pkg-resources
  bring_supervisor
elif [ "$only" = fleet ]; then
  set_up mosquitto mosquitto-clients
elif [ "$only" = services ] || [ "$only" = tickets ]; then
  # shellcheck disable=SC2119 # no packages but the robots' own
  set_up
else
  # shellcheck disable=SC2119 # no packages but the robots' own
  set_up
  if [ "$has_ros" = 1 ]; then build_for_ros; else say 'no ROS 2 is sourced: the ROS face is not measured'; fi
fi
exec node bench/dist/main.js "$@"
