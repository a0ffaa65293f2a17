#!/bin/bash
# ExecStopPost= of the gateway: what is left of its unit ends by itself, or is killed after two seconds.
#
# With KillMode=mixed systemd would kill it at once. A gateway that was killed has a ROS process that may be moving the
# base: it must have the time to tell it to stop, and nobody else can.
#
#   end_rest.sh
set -u

own=''
IFS= read -r -d '' own </proc/self/cgroup

# Names who is in this unit but for this script. The file says the same on every layout of cgroups.
rest() {
  local place pid text
  left=()
  for place in /proc/[0-9]*; do
    pid=${place##*/}
    [[ $pid != "$$" ]] || continue
    text=''
    { IFS= read -r -d '' text <"$place/cgroup"; } 2>/dev/null
    [[ $text != "$own" ]] || left+=("$pid")
  done
}

# True as soon as nobody is left, within two seconds.
is_empty() {
  local looks
  for ((looks = 0; looks < 20; looks += 1)); do
    rest
    ((${#left[@]} > 0)) || return 0
    sleep 0.1
  done
  return 1
}

is_empty && exit 0
rest
((${#left[@]} == 0)) || kill -KILL "${left[@]}" 2>/dev/null
# The next gateway would meet one that is not gone yet, and give up.
is_empty
exit 0
