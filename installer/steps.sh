# shellcheck shell=bash disable=SC2154,SC2034,SC2153 # variables are shared with install.sh
# Carries the plan out. Every step is written to the log together with its undoing; a step that fails ends the run
# with what was done and a script that goes back.

done_steps=() undo=() staged=() begun=no changed=() current=''

log() { printf '%s %s\n' "$(date '+%F %T')" "$*" >>"$LOG" 2>/dev/null; }

# What was done, and the command that undoes it (empty: nothing to undo).
record() {
  done_steps+=("$1")
  [[ -z $2 ]] || undo=("$2" "${undo[@]}")
  log "did: $1${2:+ | undo: $2}"
}

# Runs one command as a step.
step() {
  local title=$1 back=$2 output
  shift 2
  current=$title
  output=$("$@" 2>&1) || fail_midway "$output"
  say "  ✓ $title"
  record "$title" "$back"
}

fail_midway() {
  local text
  trap - INT TERM HUP
  rm -f -- "${staged[@]}"
  log "failed: $current: $1"
  warn "install.sh: failed at: $current"
  [[ -z $1 ]] || indent "$1" >&2
  if ((${#done_steps[@]} == 0)); then
    warn 'Nothing was changed.'
    exit 1
  fi
  warn 'Done before that:'
  for text in "${done_steps[@]}"; do warn "  ✓ $text"; done
  {
    printf '#!/bin/sh\n# Takes back what the failed install.sh did on %s.\n' "$(date '+%F %T')"
    printf '%s\n' "${undo[@]}" 'systemctl daemon-reload' "rm -f -- $UNDO"
  } >"$UNDO" 2>/dev/null
  warn 'To go on: mend the cause and run install.sh again; it continues from here.'
  if [[ -s $UNDO ]]; then
    warn "To go back to the state before: sh $UNDO"
  else
    warn 'To go back to the state before, as root:'
    for text in "${undo[@]}" 'systemctl daemon-reload'; do warn "  $text"; done
  fi
  [[ $begun != fresh ]] || warn "To remove everything: $here/install.sh --uninstall"
  exit 1
}

carry_out_plan() {
  local index
  begun=upgrade
  [[ -e $MANIFEST ]] || begun=fresh
  trap 'fail_midway "interrupted"' INT TERM HUP
  for index in "${!plan_target[@]}"; do
    [[ ${plan_state[index]} == unchanged ]] || changed+=("${plan_target[index]}")
  done
  write_manifest "$work/manifest" final
  if ((${#changed[@]} + ${#plan_leftover[@]} > 0)) || ! cmp -s "$work/manifest" "$MANIFEST"; then
    stage_files
    commit_files
    remove_leftovers
    step 'manifest of what is installed' '' install -m 0644 -T -- "$work/manifest" "$MANIFEST.rovi-new"
    step 'manifest put in place' '' mv -fT -- "$MANIFEST.rovi-new" "$MANIFEST"
  else
    say "  ✓ all ${#plan_target[@]} files unchanged"
  fi
  set_up_accounts
  if needs_reload; then step 'systemd reloaded' '' systemctl daemon-reload; fi
  bring_up_gateway
  bring_up_services
  report_older_services
  drop_backups
  [[ -z $installed_prefix || $installed_prefix == "$prefix" ]] || remove_ros "$installed_prefix"
  rm -f -- "$UNDO"
  log 'done'
  report_gateway
}

# All new files complete on disk, under temporary names beside their places: a full disk is found here.
stage_files() {
  local index target dir failed=''
  current='write the new files (under temporary names)'
  for dir in "${plan_dirs[@]}"; do
    failed=$(mkdir -m 0755 -- "$dir" 2>&1) || break
    made+=("$dir")
  done
  if [[ -z $failed ]]; then
    for index in "${!plan_target[@]}"; do
      [[ ${plan_state[index]} != unchanged ]] || continue
      target=${plan_target[index]}
      staged+=("$target.rovi-new")
      if [[ ${plan_mode[index]} == link ]]; then
        failed=$(ln -sfnT -- "${plan_source[index]}" "$target.rovi-new" 2>&1) || break
      else
        failed=$(install -m "${plan_mode[index]}" -o root -g root -T -- "${plan_source[index]}" "$target.rovi-new" 2>&1) || break
      fi
      failed=''
    done
  fi
  if [[ -z $failed ]]; then
    staged+=("$MANIFEST.rovi-new")
    failed=$(write_manifest "$MANIFEST.rovi-new" union 2>&1 && sync -f "$CONFIGURATION" "$prefix/lib/rovi" 2>&1) && failed=''
  fi
  [[ -z $failed ]] || {
    rm -f -- "${staged[@]}"
    for ((index = ${#made[@]} - 1; index >= 0; index--)); do rmdir -- "${made[index]}" 2>/dev/null; done
    fail_midway "$failed"
  }
  for dir in "${made[@]}"; do record "made folder $dir" "rmdir --ignore-fail-on-non-empty -- $dir"; done
}
made=()

# First the manifest, of old and new together: whatever happens next, --uninstall knows every file.
commit_files() {
  local index target failed count=0
  current="write $MANIFEST"
  keep_old "$MANIFEST"
  failed=$(mv -fT -- "$MANIFEST.rovi-new" "$MANIFEST" 2>&1) || fail_midway "$failed"
  record "wrote $MANIFEST" "$back"
  for index in "${!plan_target[@]}"; do
    [[ ${plan_state[index]} != unchanged ]] || continue
    target=${plan_target[index]}
    current="put $target in place"
    keep_old "$target"
    failed=$(mv -fT -- "$target.rovi-new" "$target" 2>&1) || fail_midway "$failed"
    record "installed $target" "$back"
    count=$((count + 1))
  done
  say "  ✓ $count files installed, $((${#plan_target[@]} - count)) unchanged"
}

# A second name for the file that is about to be replaced; `back` becomes the command that returns to it.
keep_old() {
  local failed
  back="rm -f -- $1"
  [[ -e $1 || -L $1 ]] || return 0
  failed=$(ln -fnT -- "$1" "$1.rovi-old" 2>&1) || fail_midway "$failed"
  back="mv -fT -- $1.rovi-old $1"
}

remove_leftovers() {
  local path failed units=() running=()
  mapfile -t units < <(units_of_files "${plan_leftover[@]}")
  mapfile -t running < <(running_leftovers)
  if ((${#running[@]} > 0)); then
    # By the new units: what no longer requires a service that goes must not stop with it.
    step 'systemd reloaded' '' systemctl daemon-reload
    step "${running[*]} stopped" "systemctl start ${running[*]}" systemctl stop -- "${running[@]}"
  fi
  # Their names are no longer in the rule, which is in place by now.
  ((${#units[@]} == 0)) || await_refusal "${units[@]}"
  for path in "${plan_leftover[@]}"; do
    current="remove $path"
    [[ $path != "$UNITS"/*.service || $path == *@.service ]] || systemctl disable --quiet -- "${path##*/}" 2>/dev/null
    failed=$(mv -fT -- "$path" "$path.rovi-old" 2>&1) || fail_midway "$failed"
    record "removed $path" "mv -fT -- $path.rovi-old $path"
    say "  ✓ removed $path"
    changed+=("$path")
  done
}

# Backups of what was ours and untouched have served; an admin's own text stays.
drop_backups() {
  local index
  for index in "${!plan_target[@]}"; do
    case ${plan_state[index]} in
      replaced) rm -f -- "${plan_target[index]}.rovi-old" ;;
      edited) say "  note: the former ${plan_target[index]} was not as installed; it is kept as ${plan_target[index]}.rovi-old" ;;
    esac
  done
  for index in "${plan_leftover[@]}"; do rm -f -- "$index.rovi-old"; done
  rm -f -- "$MANIFEST.rovi-old"
  # Folders of files that went elsewhere (another prefix), innermost first.
  for ((index = ${#installed_dirs[@]} - 1; index >= 0; index--)); do
    rmdir -- "${installed_dirs[index]}" 2>/dev/null
  done
}

# `union` also lists what an earlier run installed and this one has not yet removed.
write_manifest() {
  local index dir target
  {
    printf '# What install.sh put on this machine. Its --uninstall reads this; keep it.\nprefix %s\nuser %s\n' "$prefix" "$service_user"
    for dir in "${installed_dirs[@]}" "${plan_dirs[@]}"; do printf 'dir %s\n' "$dir"; done | awk '!seen[$0]++'
    for index in "${!plan_target[@]}"; do
      target=${plan_target[index]}
      if [[ ${plan_mode[index]} == link ]]; then
        printf 'link %s %s\n' "$target" "${plan_source[index]}"
      else
        printf 'file %s %s\n' "${sums[${plan_source[index]}]}" "$target"
      fi
    done
    if [[ $2 == union ]]; then
      for target in "${plan_leftover[@]}"; do
        if [[ -n ${installed_link[$target]-} ]]; then
          printf 'link %s %s\n' "$target" "${installed_link[$target]}"
        else
          printf 'file %s %s\n' "${installed_sum[$target]}" "$target"
        fi
      done
    fi
    if [[ -n $catalog_is_own ]]; then printf 'keep %s\n' "$CONFIGURATION/rovi.yaml"; fi
  } >"$1" && [[ -s $1 ]]
}

set_up_accounts() {
  step "accounts $service_user and $group" '' systemd-sysusers /etc/sysusers.d/rovi.conf
  if [[ ! -d $home ]]; then
    step "home directory $home" "rmdir --ignore-fail-on-non-empty -- $home" \
      install -d -m 0750 -o "$service_user" -g "$(id -g "$service_user")" -- "$home"
  fi
  local fresh_runtime=(rm -rf /run/rovi)
  [[ ! -e /run/rovi ]] || fresh_runtime=()
  [[ -e $STATE ]] || fresh_runtime=("${fresh_runtime[@]:-:}" ';' rm -rf "$STATE")
  step "runtime directory /run/rovi with the stack lock, and $STATE" "${fresh_runtime[*]}" systemd-tmpfiles --create /etc/tmpfiles.d/rovi.conf
  take_over_state
}

# Tickets and the rest outlive an uninstallation, and may be another account's than the one that is to go on with them.
# tmpfiles would refuse them as an unsafe transition from one account to another. Root's stay root's.
take_over_state() {
  local ours=(find "$STATE" -xdev -maxdepth 2 -type f -links 1) owner
  owner=$("${ours[@]}" ! -user root ! -user "$service_user" -printf '%u\n' -quit 2>/dev/null)
  [[ -n $owner ]] || return 0
  step "what $owner left in $STATE given to $service_user" \
    "find $STATE -xdev -maxdepth 2 -type f -links 1 -user $service_user -exec chown --no-dereference $owner: {} +" \
    "${ours[@]}" -user "$owner" -exec chown --no-dereference "$service_user:" {} +
}

bring_up_gateway() {
  local unit running
  if [[ $(systemctl is-enabled "$GATEWAY" 2>/dev/null) != enabled ]]; then
    step "$GATEWAY enabled" "systemctl disable $GATEWAY" systemctl enable --quiet "$GATEWAY"
  fi
  if ! is_running "$GATEWAY"; then
    start_gateway "systemctl stop $GATEWAY"
    return
  fi
  gateway_is_stale || {
    say "  ✓ $GATEWAY runs the installed version; it was left alone"
    return
  }
  running=$(running_stacks)
  if [[ -z $running || $restart == yes ]]; then
    # Not `systemctl restart`: PartOf= would start the running stack again, and a robot must not set off by itself.
    step "$GATEWAY stopped${running:+, and with it ${running//$'\n'/, }}" "systemctl start $GATEWAY" systemctl stop "$GATEWAY"
    start_gateway "systemctl stop $GATEWAY"
  else
    say "  ! $GATEWAY still runs what was installed before: with it ${running//$'\n'/, } would stop."
    say "    When the robot may stop: install.sh --restart"
  fi
}

# On a first installation all that boot would start; later what is new and boot would start. Whatever else is down stays
# down: somebody may have stopped it. A service that fails is no failure of the installation.
bring_up_services() {
  local index name units=() wanted=() down
  mapfile -t wanted < <(sed -n 's/^Wants=//p' "$work/generated/units/$SERVICES")
  if [[ $(systemctl is-enabled "$SERVICES" 2>/dev/null) != enabled ]]; then
    step "$SERVICES enabled" "systemctl disable $SERVICES" systemctl enable --quiet "$SERVICES"
    units=("$SERVICES")
  else
    for index in "${!plan_target[@]}"; do
      [[ ${plan_state[index]} == new ]] || continue
      for name in $(units_of_files "${plan_target[index]}"); do
        [[ " ${wanted[*]} " != *" $name "* ]] || units+=("$name")
      done
    done
  fi
  ((${#units[@]} > 0)) || return 0
  current="start ${units[*]}"
  systemctl start -- "${units[@]}" >/dev/null 2>&1
  [[ ${units[0]} == "$SERVICES" ]] || wanted=("${units[@]}")
  record "${units[*]} started" "systemctl stop $SERVICES ${wanted[*]}"
  ((${#wanted[@]} > 0)) || return 0
  await_programs "${wanted[@]}"
  down=$(down_of "${wanted[@]}")
  if [[ -z $down ]]; then
    say "  ✓ services started: ${wanted[*]}"
  else
    say "  ! services that are to run but do not: ${down//$'\n'/, } (systemctl status UNIT says why)"
  fi
}

# Services that run by a definition of before: when they may stop is not the installer's to say.
report_older_services() {
  local index path units=() stacks
  for index in "${!plan_target[@]}"; do
    [[ ${plan_state[index]} == replaced || ${plan_state[index]} == edited ]] || continue
    path=${plan_target[index]}
    if [[ $path == "$UNITS"/rovi-*@.service ]]; then
      path=${path##*/rovi-}
      mapfile -t -O "${#units[@]}" units < <(units_of_files "$CONFIGURATION/services/${path%.service}"*.env)
    else
      mapfile -t -O "${#units[@]}" units < <(units_of_files "$path")
    fi
  done
  stacks=$(running_stacks)
  for path in $(running_of "${units[@]}" | sort -u); do
    [[ $path == "$GATEWAY" || $'\n'$stacks$'\n' == *$'\n'$path$'\n'* ]] ||
      say "  ! $path runs by what was installed before, until somebody restarts it"
  done
}

# To systemd a unit is up before systemd-cat and env have become its program: one that is missing is found out then.
await_programs() {
  local unit process attempt
  for unit; do
    for ((attempt = 0; attempt < 100; attempt++)); do
      process=$(systemctl show --value --property=MainPID -- "$unit" 2>/dev/null)
      [[ $(readlink "/proc/${process:-0}/exe") == */@(systemd-cat|env) ]] || break
      sleep 0.05
    done
  done
  # Until systemd has seen the end of what ended.
  sleep 0.5
}

# Those of the units that are not up, one a line.
down_of() {
  local unit
  for unit; do
    [[ $(systemctl is-active -- "$unit" 2>/dev/null) == active ]] || printf '%s\n' "$unit"
  done
}

needs_reload() {
  local path
  for path in "${changed[@]}"; do
    [[ $path != "$UNITS"/* ]] || return 0
  done
  [[ $(systemctl show --value --property=NeedDaemonReload "$GATEWAY") == yes ]]
}

# The last words of the gateway that was started at that moment: the journal may be a moment behind.
last_words() {
  local attempt
  for ((attempt = 0; attempt < 20; attempt++)); do
    journalctl --sync 2>/dev/null
    [[ -z $(journalctl --no-pager --quiet --lines=1 --output=cat --since="@$1" _SYSTEMD_UNIT="$GATEWAY" 2>/dev/null) ]] || break
    sleep 0.1
  done
  journalctl --no-pager --quiet --lines=10 --output=cat --unit="$GATEWAY" 2>/dev/null
}

start_gateway() {
  local since=$EPOCHSECONDS
  current="$GATEWAY started"
  systemctl start "$GATEWAY" >"$work/start" 2>&1 || {
    undo=("$1" "${undo[@]}")
    fail_midway "$(cat "$work/start"; last_words "$since")"
  }
  say "  ✓ $GATEWAY started"
  record "$GATEWAY started" "$1"
}

# Whether a file that the gateway was started from is newer than its start.
gateway_is_stale() {
  local path since
  since=$(date -d "$(systemctl show --value --property=ActiveEnterTimestamp "$GATEWAY")" +%s 2>/dev/null) || return 0
  for path in "$UNITS/$GATEWAY" "$CONFIGURATION/rovi.yaml" "$prefix/lib/rovi/"{rovi-gateway,rovi-gateway.mjs,run_gateway.sh,run_environment.sh,web/index.html}; do
    for index in "${changed[@]}"; do [[ $index != "$path" ]] || return 0; done
    [[ ! -e $path ]] || (($(stat -c %Y "$path") <= since)) || return 0
  done
  return 1
}

running_stacks() {
  local path units=()
  for path in "${plan_target[@]}"; do
    [[ $path != "$CONFIGURATION"/stacks/*.args ]] || units+=("$(stack_of "$path")")
  done
  running_of "${units[@]}"
}

report_gateway() {
  say
  if ! is_running "$GATEWAY"; then
    warn "install.sh: $GATEWAY ended right after its start: systemctl status $GATEWAY"
    exit 1
  fi
  say "$GATEWAY is $(systemctl show --value --property=ActiveState "$GATEWAY") since $(systemctl show --value --property=ActiveEnterTimestamp "$GATEWAY") (PID $(systemctl show --value --property=MainPID "$GATEWAY"), user $service_user)."
  if [[ -S /run/rovi/conductor.sock ]]; then
    "$prefix/bin/rovictl" --no-color status 2>&1 | sed 's/^/  /'
  else
    say '  Its API socket /run/rovi/conductor.sock is not there yet; rovictl doctor says why.'
  fi
  say "Let a person drive it: usermod -aG $group NAME (and log in again), then rovictl status. Check everything: rovictl doctor."
}
