# shellcheck shell=bash disable=SC2154 # variables are shared with install.sh
# Builds rclnodejs for the ROS of this robot: `install.sh --ros`. It is compiled, and its messages are generated, for one
# ROS and one workspace, so nothing built elsewhere will do. As the service user, for these are strangers' scripts; what
# comes of it becomes root's. The old one stays in use until the new one is complete.

# Beside the programs; ours by this mark.
readonly ROS_MARK=.built-by-rovi

check_ros() {
  local files=("$here/packages/ros/rclnodejs/package.json" "$here/packages/ros/rclnodejs/package-lock.json")
  npm=$(dirname "${node:-/}")/npm
  [[ -x $npm ]] || npm=$(type -P npm) || problem 'npm was not found: it fetches rclnodejs' 'install npm (Debian: apt install npm), or leave --ros out'
  [[ -r ${files[0]} && -r ${files[1]} ]] || problem "${files[0]%/*} is not complete" 'check the repository out anew'
  if [[ -e $prefix/lib/rovi/ros && ! -e $prefix/lib/rovi/ros/$ROS_MARK ]]; then
    problem "$prefix/lib/rovi/ros is not Rovi's" "move $prefix/lib/rovi/ros away"
  fi
}

# A failure leaves what is installed as it is: the ROS face stays off, or on with what was there before.
build_ros() {
  local build output package target=$prefix/lib/rovi/ros
  say
  say "Building rclnodejs for the ROS of $service_user (some minutes):"
  build=$(mktemp -d /var/tmp/rovi-ros.XXXXXX) || fail_ros 'no folder to build in can be made below /var/tmp'
  # shellcheck disable=SC2064 # the folder is known now
  trap "rm -rf -- '$build' '$target.rovi-new' '$work'" EXIT
  chmod 0755 "$build"
  cp -- "$here/packages/ros/rclnodejs/package.json" "$here/packages/ros/rclnodejs/package-lock.json" "$build"
  chown -R "$service_user" "$build"
  # Into files: what a setup file leaves in the background holds its output open.
  in_ros "$build" true >"$work/ros" 2>&1 || fail_ros "$(tail -n 30 "$work/ros")"
  say "  ✓ ROS found"
  in_ros "$build" "$npm" ci --no-audit --no-fund --loglevel=error --yes >"$work/npm" 2>&1 || fail_ros "$(tail -n 30 "$work/npm")"
  [[ -s $build/node_modules/rclnodejs/generated/generator.json ]] || fail_ros "$(tail -n 30 "$work/npm")"
  output=$(take_over "$build" "$target.rovi-new" 2>&1) || fail_ros "$output"
  # Read as text: `require` would run what is only called package.json.
  package=$target.rovi-new/node_modules/rclnodejs/package.json
  [[ -f $package && ! -L $package ]] || fail_ros "$package is no file"
  output=$(sed -n 's/.*"version": *"\([0-9A-Za-z.+-]*\)".*/\1/p;T;q' "$package") || output=''
  say "  ✓ rclnodejs $output built, messages of $(find "$target.rovi-new/node_modules/rclnodejs/generated" -mindepth 1 -maxdepth 1 -type d | wc -l) packages generated"
  rm -rf -- "$target.rovi-old"
  [[ ! -e $target ]] || mv -T -- "$target" "$target.rovi-old"
  mv -T -- "$target.rovi-new" "$target" || fail_ros "$target could not be put in place"
  rm -rf -- "$target.rovi-old"
  say "  ✓ installed in $target"
  "$prefix/bin/rovictl" --no-color ros restart 2>&1 | sed -n '1,2s/^/  /p'
}

# What the service user built becomes root's: read as that user, who could have put links into it, and out of everybody's
# reach until no file of it is set-uid or writable to others.
take_over() {
  rm -rf -- "$2"
  mkdir -m 0700 -- "$2" || return 1
  set -o pipefail
  in_own_session "$1" tar -cf - node_modules package.json package-lock.json |
    tar -xf - --no-same-owner --no-same-permissions -C "$2" || return 1
  # The other end was the service user's: a device node that it had written there would be root's now.
  [[ -z $(find "$2" ! -type f ! -type d ! -type l -print -quit) ]] || {
    warn 'the build holds something that is neither file, folder nor link'
    return 1
  }
  touch -- "$2/$ROS_MARK" && chmod -R u-s,g-s,u+rwX,go-w,go+rX -- "$2" && sync -f "$2"
}

# Runs a command in a folder in the environment that stacks have.
in_ros() {
  local folder=$1
  shift
  in_own_session "$folder" "$prefix/lib/rovi/run_in_ros.sh" "$@"
}

# Runs a command as the service user, in a folder. In a session of its own: with root's terminal it could type there
# (TIOCSTI). Ctrl-C does not reach it then, and is handed on. The installation's lock is not its to hold.
in_own_session() (
  local folder=$1 headers job signal
  shift
  # Without these npm would fetch the headers of this Node from nodejs.org.
  headers=$(dirname "$(dirname "$(readlink -f "$node")")")
  [[ -r $headers/include/node/node.h ]] || headers=''
  cd "$folder" || exit 1
  for signal in INT TERM HUP; do
    # shellcheck disable=SC2064 # the signal is known now
    trap "trap - $signal; kill -s TERM -- \"-\$job\"; kill -s $signal \"\$BASHPID\"" "$signal"
  done
  setsid setpriv --reuid="$service_user" --regid="$(id -g "$service_user")" --init-groups --no-new-privs \
    env -i HOME="$folder" PATH="$(dirname "$node"):/usr/local/bin:/usr/bin:/bin" LC_ALL=C.UTF-8 ROVI_ENV_FILE="$env_file" \
    ${headers:+npm_config_nodedir="$headers"} npm_config_update_notifier=false \
    "$@" </dev/null 8<&- &
  job=$!
  wait "$job"
)

fail_ros() {
  # Words of npm's scripts: nothing in them may steer root's terminal.
  set -- "$(tr -d '\000-\010\013-\037\177' <<<"$1")"
  log "failed: rclnodejs: $1"
  warn 'install.sh: rclnodejs could not be built; all else is installed, and the ROS face stays as it was'
  indent "$1" >&2
  warn 'Mend that, then run install.sh --ros again. docs/ros.md says what is needed.'
  exit 1
}

# What an uninstall, or a move to another prefix, removes.
remove_ros() {
  [[ -e $1/lib/rovi/ros/$ROS_MARK ]] || return 0
  rm -rf -- "$1/lib/rovi/ros"
  say "  ✓ removed $1/lib/rovi/ros"
}
