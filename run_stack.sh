#!/bin/bash
# Runs one stack as the main process of its unit, alone on the robot.
#
#   run_stack.sh STACK           environment → lock → no other stack alive → session file → ready → exec ros2 launch
#   run_stack.sh --clear STACK   ExecStopPost=: clears the session file if this invocation wrote it
#   run_stack.sh --clear-stale   the gateway's ExecStartPre=: clears what a run left that a power cut ended
#
# The lock is a flock on an open file description that ros2 launch and all its nodes inherit: it is held until the
# last of them is gone, whoever was killed. So nothing here forks into the background, and every hand-over is `exec`.
# A node that closes its descriptors lets go of the lock: what lives in a stack's control group is waited for, too.
#
# Exit codes, each with one line on stderr:
#   64 usage, unknown stack      73 lock file cannot be opened       75 another stack holds the lock, or still lives
#   69 ROS or ros2 not found     74 session file cannot be written   78 environment or arguments file bad
#   71 systemd did not take the readiness message                   72 the gateway is down (only as a unit)
#
# The unit may set: ROVI_ENV_FILE, ROVI_LOCK_WAIT (seconds), ROVI_STACKS_DIR, ROVI_RUNTIME_DIR.
set -u

main() {
  local usage='usage: run_stack.sh STACK | --clear STACK | --clear-stale'
  case $#:${1-} in
    1:--clear-stale) ;;
    1:-*) fail 64 "$usage" ;;
    1:* | 2:--clear)
      stack=${!#}
      check_name
      ;;
    *) fail 64 "$usage" ;;
  esac
  [[ -n ${HOME-} ]] || fail 74 'HOME is not set: there is no place for the session file'
  session_dir=$HOME/.ros/rovi/session
  if [[ $1 == --clear-stale ]]; then
    clear_stale_session
    exit
  fi
  if (($# == 2)); then
    clear_session
    exit
  fi
  trap 'interrupted INT' INT
  trap 'interrupted TERM' TERM
  read_arguments
  check_gateway
  load_environment
  take_lock
  await_others
  write_session
  tell_systemd
  trap - INT TERM
  # launch forwards SIGINT to its nodes only when it is not interactive; a terminal on stdin would make it so.
  exec ros2 launch --noninteractive "${arguments[@]}" </dev/null
}

fail() {
  printf 'run_stack: %s\n' "$2" >&2
  exit "$1"
}

check_name() {
  # The same grammar as in the catalog: the name becomes part of a path.
  [[ $stack =~ ^[a-z][a-z0-9]*([_-][a-z0-9]+)*$ ]] || fail 64 "\"${stack//[^[:print:]]/?}\" is not a stack's name"
}

# One argument a line: package, launch file, then name:=value. Read as they are, never as shell words.
read_arguments() {
  local folder=${ROVI_STACKS_DIR:-/etc/rovi/stacks} known
  local file=$folder/$stack.args argument
  if [[ ! -f $file ]]; then
    known=("$folder"/*.args)
    known=("${known[@]##*/}")
    known=("${known[@]%.args}")
    [[ ${known[0]} != '*' ]] || known=(none)
    fail 64 "unknown stack \"$stack\": $file is missing (known: ${known[*]})"
  fi
  { mapfile -t arguments <"$file"; } 2>/dev/null || fail 78 "arguments file $file cannot be read"
  ((${#arguments[@]} >= 2)) || fail 78 "arguments file $file must name a package and a launch file, one a line"
  for argument in "${arguments[@]:0:2}"; do
    [[ -n $argument && $argument != -* && $argument != */* ]] || fail 78 "arguments file $file must name a package and a launch file, one a line"
  done
  for argument in "${arguments[@]:2}"; do
    [[ $argument =~ ^[A-Za-z_][A-Za-z0-9_]*:=. ]] || fail 78 "arguments file $file holds a line that is not name:=value"
  done
}

# Requisite= says it already, but an operator may tell systemd to ignore dependencies, and polkit is not asked about that.
# Only what systemd says for certain counts: a stack does not depend on the bus.
check_gateway() {
  local state
  [[ -n ${NOTIFY_SOCKET-} ]] || return 0
  state=$(timeout 2 systemctl is-active rovi-gateway.service 2>/dev/null)
  [[ $state != @(inactive|failed|deactivating) ]] || fail 72 "rovi-gateway.service is $state, and no stack runs without it"
}

load_environment() {
  local here part status
  here=${BASH_SOURCE[0]%/*}
  for part in "$here/run_environment.sh" "$here/env/run_environment.sh" ''; do
    [[ ! -r $part ]] || break
  done
  [[ -n $part ]] || fail 69 "its part run_environment.sh is missing in $here"
  # shellcheck source=env/run_environment.sh
  source "$part"
  _rovi_environment || {
    status=$?
    fail "$status" "$_rovi_problem"
  }
}

# Read-only, so that a lock file that was removed is an error: made anew here, it would let in a second stack.
open_lock() {
  lock=${ROVI_RUNTIME_DIR:-/run/rovi}/stack.lock
  # Opening a FIFO would wait for whoever writes to it.
  [[ ! -L $lock && (-f $lock || ! -e $lock) ]] || fail 73 "lock file $lock is not a regular file"
  { exec 9<"$lock"; } 2>/dev/null || fail 73 "lock file $lock cannot be opened (systemd-tmpfiles --create makes it)"
}

take_lock() {
  local wait=${ROVI_LOCK_WAIT:-5} now left waiter
  [[ $wait =~ ^[0-9]{1,4}$ ]] || fail 78 "ROVI_LOCK_WAIT=$wait is not a number of seconds"
  now=${EPOCHREALTIME/[.,]/}
  deadline=$((now + 10#$wait * 1000000))
  while :; do
    open_lock
    if ! flock -n 9; then
      now=${EPOCHREALTIME/[.,]/}
      left=$((deadline > now ? deadline - now : 0))
      # In the background only so that a stop signal is acted on at once: bash runs no trap while it waits in the foreground.
      flock -w "$((left / 1000000)).$(printf '%06d' $((left % 1000000)))" 9 &
      waiter=$!
      wait "$waiter" || fail 75 "$(name_holder)"
      waiter=''
    fi
    # A lock on a file that is no longer at its path keeps nobody out.
    [[ ! /proc/$$/fd/9 -ef $lock ]] || return 0
  done
}

# The lock is no proof that the stack before is gone: a node may have closed its descriptors, and the file at the lock's
# path may be a new one. So nothing begins while a stack's process lives, be it for the moment until systemd has ended it.
await_others() {
  local wait=$((10#${ROVI_LOCK_WAIT:-5})) left
  # Whoever got the lock in the last moment has a moment more.
  ((deadline > ${EPOCHREALTIME/[.,]/} + 1000000)) || deadline=$((${EPOCHREALTIME/[.,]/} + 1000000))
  while left=$(living_stack); do
    ((${EPOCHREALTIME/[.,]/} < deadline)) || fail 75 "$stack did not get the robot within $wait s: $left"
    sleep 0.01
  done
}

# Names a process that lives in the control group of a stack; false if there is none. A runner is in such a group, too,
# with its helpers: while it waits or clears up it is no part of the stack, and once it has become the launch it is.
living_stack() {
  local line root='' process name lines
  # In a container without a cgroup namespace of its own all paths begin with the container's.
  while read -r line; do
    [[ $line =~ ^(0:|[0-9]+:name=systemd):(.*)/init\.scope$ ]] && root=${BASH_REMATCH[2]}
  done </proc/1/cgroup
  mapfile -t lines < <(grep -s '/rovi-.*\.service' /proc/[0-9]*/cgroup)
  # Its end is waited for: as ExecStartPre= this must not leave a process behind in the unit.
  wait "$!"
  # Only slices above the unit: a unit of the same name in a container or of a user's own systemd is no stack of ours.
  for line in "${lines[@]}"; do
    [[ $line =~ ^/proc/([0-9]+)/cgroup:(0:|[0-9]+:name=systemd):(.*)$ ]] || continue
    process=${BASH_REMATCH[1]} line=${BASH_REMATCH[3]}
    [[ ${line#"$root"} =~ ^(/[^/]+\.slice)*/rovi-([^/]+)\.service(/|$) ]] || continue
    name=${BASH_REMATCH[2]}
    [[ -f ${ROVI_STACKS_DIR:-/etc/rovi/stacks}/$name.args ]] || continue
    is_of_stack "$process" || continue
    printf 'rovi-%s.service does not hold the lock, but %s (PID %s) is alive' "$name" "$comm" "$process"
    return 0
  done
  return 1
}

# False for what has ended, and for a runner and what it started. Sets comm.
is_of_stack() {
  local pid=$1 text name
  comm=''
  while ((pid > 1)); do
    # Where a parent has ended this moment, its child has another one now: it counts until it is looked at again.
    text=$(cat "/proc/$pid/stat" 2>/dev/null) || [[ $pid != "$1" ]] || return 1
    [[ -n $text ]] || return 0
    name=${text#*(}
    name=${name%)*}
    [[ $name != run_stack.sh ]] || return 1
    # After the last bracket: state, parent.
    read -r -a text <<<"${text##*) }"
    if [[ $pid == "$1" ]]; then
      [[ ${text[0]} != [ZX] ]] || return 1
      comm=${name//[^[:print:]]/?}
    fi
    pid=${text[1]}
  done
}

# shellcheck disable=SC2317 # called by trap
# On a stop before the launch. What was written is taken back; systemd ends the rest of the cgroup.
interrupted() {
  [[ -z ${waiter-} ]] || kill "$waiter" 2>/dev/null
  if [[ -n ${session_written-} ]]; then clear_session; fi
  trap - "$1"
  kill -s "$1" $$
}

# The oldest process whose descriptor holds the lock. Not from /proc/locks: it hides a lock whose taker has exited.
name_holder() {
  local descriptor process pid='' candidate start first=0 unit comm since boot hertz
  for descriptor in /proc/[0-9]*/fd/*; do
    [[ $descriptor -ef $lock ]] || continue
    process=${descriptor%/fd/*}
    grep -qs '^lock:' "$process/fdinfo/${descriptor##*/}" || continue
    candidate=${process##*/}
    start=$(start_ticks "$candidate") || continue
    if [[ -z $pid ]] || ((start < first)); then pid=$candidate first=$start; fi
  done
  if [[ -z $pid ]]; then
    # Another user's process: its descriptors cannot be seen, only the kernel's list names it.
    candidate=$(stat -L -c '%i' "$lock" 2>/dev/null)
    pid=$(awk -v inode="$candidate" '$2 == "FLOCK" && $6 ~ ":" inode "$" && $5 > 0 { print $5; exit }' /proc/locks 2>/dev/null)
    first=$(start_ticks "${pid:-none}") || pid=''
  fi
  if [[ -z $pid ]]; then
    printf '%s did not get the stack lock within %s s; its holder ended meanwhile or cannot be seen by this user' "$stack" "$((10#${ROVI_LOCK_WAIT:-5}))"
    return
  fi
  unit=$(sed -n 's/^\(0:\|[0-9]*:name=systemd\):.*\/\([^/]*\.\(service\|scope\)\)\(\/.*\)\?$/\2/p' "/proc/$pid/cgroup" 2>/dev/null | head -n 1)
  comm=$(tr -d '\n' <"/proc/$pid/comm" 2>/dev/null | tr -c '[:print:]' '?')
  boot=$(awk '$1 == "btime" { print $2 }' /proc/stat)
  hertz=$(getconf CLK_TCK)
  printf -v since '%(%Y-%m-%d %H:%M:%S)T' "$((boot + first / hertz))"
  printf '%s did not get the stack lock within %s s: held by %s (PID %s, %s) since %s' \
    "$stack" "$((10#${ROVI_LOCK_WAIT:-5}))" "${unit:-a process outside any unit}" "$pid" "$comm" "$since"
}

# When a process started, in clock ticks since boot.
start_ticks() {
  local text
  read -r text 2>/dev/null <"/proc/$1/stat" || return 1
  # The command's name may hold blanks and brackets; after its last bracket the fields are numbers.
  read -r -a text <<<"${text##*) }"
  printf '%s' "${text[19]}"
}

# Who wrote the session file: systemd's id of this run, or, outside systemd, the process that becomes the launch.
session_owner() {
  printf '%s' "${INVOCATION_ID:-pid-$$-$(start_ticks $$)}"
}

# Both writing and clearing happen under this lock, each file by rename: a reader never sees half of one.
open_session() {
  [[ -d $session_dir ]] || mkdir -p "$session_dir" 2>/dev/null || return 1
  { exec 8<>"$session_dir/.lock"; } 2>/dev/null || return 1
  flock -w 5 8
}

write_session() {
  local file=$session_dir/current_launch
  open_session || fail 74 "session folder $session_dir cannot be written"
  session_written=yes
  # What is there now is of a run that is over: the stack lock is ours.
  if ! { rm -f "$file" "$file.owner" &&
    printf '%s\n' "$(session_owner)" >"$file.owner.new" && mv -f "$file.owner.new" "$file.owner" &&
    printf '%s\n' "${arguments[0]}/$stack.launch.py" >"$file.new" && mv -f "$file.new" "$file"; } 2>/dev/null; then
    rm -f "$file" "$file.owner" "$file.new" "$file.owner.new" 2>/dev/null
    fail 74 "session file $file cannot be written"
  fi
  exec 8>&-
}

clear_session() {
  local file=$session_dir/current_launch owner=''
  [[ -e $file.owner ]] || return 0
  open_session || fail 74 "session folder $session_dir cannot be written"
  { read -r owner <"$file.owner"; } 2>/dev/null
  if owns_session "$owner"; then
    rm -f "$file" "$file.owner" "$file.new" "$file.owner.new" 2>/dev/null || fail 74 "session file $file cannot be removed"
  fi
  exec 8>&-
}

# Whoever has the stack lock knows that what is there is of a run that is over. Where a stack runs, it has the lock.
clear_stale_session() {
  local file=$session_dir/current_launch
  [[ -e $file || -e $file.owner ]] || return 0
  open_lock
  flock -n 9 && [[ /proc/$$/fd/9 -ef $lock ]] && ! living_stack >/dev/null || return 0
  open_session || fail 74 "session folder $session_dir cannot be written"
  rm -f "$file" "$file.owner" "$file.new" "$file.owner.new" 2>/dev/null || fail 74 "session file $file cannot be removed"
}

# A run by hand has the launch that replaced this script as owner: once it is gone, `--clear` by hand clears up after it.
owns_session() {
  local pid start
  [[ -n $1 ]] || return 1
  [[ $1 != "$(session_owner)" ]] || return 0
  [[ -z ${INVOCATION_ID-} && $1 =~ ^pid-([0-9]+)-([0-9]+)$ ]] || return 1
  pid=${BASH_REMATCH[1]} start=${BASH_REMATCH[2]}
  [[ $(start_ticks "$pid") != "$start" ]]
}

tell_systemd() {
  [[ -n ${NOTIFY_SOCKET-} ]] || return 0
  systemd-notify --ready --status="ros2 launch ${arguments[*]:0:2}" 2>/dev/null || {
    clear_session
    fail 71 'systemd did not take the readiness message'
  }
  # The launch's nodes have nothing to tell systemd.
  unset NOTIFY_SOCKET
}

main "$@"
