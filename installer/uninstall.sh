# shellcheck shell=bash disable=SC2154,SC2153 # variables are shared with install.sh
# Takes off exactly what the manifest lists. Stays: the accounts, a catalog changed by hand, an admin's own text, the
# environment file, the tickets, images of containers.

kept=()

uninstall() {
  local path units=() running dir environment
  local rule=/etc/polkit-1/rules.d/49-rovi.rules
  ((EUID == 0)) || problem 'this must be run as root' "sudo $here/install.sh --uninstall"
  report_checks
  if [[ ! -e $MANIFEST ]]; then
    say "Nothing to remove: $MANIFEST is not there."
    return 0
  fi
  mapfile -t units < <(units_of_files "${!installed_sum[@]}")
  running=$(running_of "${units[@]}")
  say "Rovi, installed below $installed_prefix:"
  [[ -z $running ]] || say "  stop      ${running//$'\n'/, }"
  while read -r path; do say "  remove    $path"; done < <(printf '%s\n' "${!installed_sum[@]}" "${!installed_link[@]}" | sort)
  [[ ! -e $STATE ]] || say "  remove    $STATE (what is in maintenance, and the counters of supervision)"
  if [[ $dry_run == yes ]]; then
    say 'Dry run: nothing was changed.'
    return 0
  fi
  # The gateway first: what is part of it stops with it. Stacks may also run without it.
  stop_and_disable "${units[@]}"
  read_sums "${!installed_sum[@]}"
  environment=$(sed -n 's/^EnvironmentFile=-//p' "$UNITS/$GATEWAY" 2>/dev/null)
  # The rule first: a unit's name is free once its file is gone, and who may start it could run anything under it.
  remove_file "$rule"
  await_refusal "${units[@]}"
  for path in "${!installed_sum[@]}" "${!installed_link[@]}"; do remove_file "$path"; done
  systemctl daemon-reload
  ((${#units[@]} == 0)) || systemctl reset-failed -- "${units[@]}" 2>/dev/null
  remove_ros "$installed_prefix"
  remove_runtime_directory
  remove_state
  rm -f -- "$MANIFEST" "$LOG" "$UNDO"
  for ((dir = ${#installed_dirs[@]} - 1; dir >= 0; dir--)); do rmdir -- "${installed_dirs[dir]}" 2>/dev/null; done
  [[ ! -f $environment ]] || kept+=("$environment (the environment file is yours)")
  for path in "${kept[@]}"; do say "  kept      $path"; done
  say "Removed. The accounts stay, for files may belong to them: userdel $installed_user, and groupdel for the operators' group."
}

stop_and_disable() {
  local failed target=()
  ! is_installed "$UNITS/$SERVICES" || target=("$SERVICES")
  if ! failed=$({ systemctl stop -- "$GATEWAY" && systemctl stop -- "${target[@]}" "$@" && systemctl disable --quiet -- "${target[@]}" "$@"; } 2>&1); then
    warn "install.sh: not everything could be stopped; nothing was removed"
    indent "$failed" >&2
    warn 'Stop it by hand (systemctl stop), then run install.sh --uninstall again.'
    exit 1
  fi
}

# Resolves when polkitd has noticed that the rule is gone: it watches its folder, and takes a moment.
await_refusal() {
  local unit=$1 process attempt
  type -P pkcheck >/dev/null && id -u "$installed_user" >/dev/null 2>&1 || return 0
  for unit; do [[ $unit == "$GATEWAY" ]] || break; done
  setpriv --reuid="$installed_user" --regid="$(id -g "$installed_user")" --init-groups sleep 60 &
  process=$!
  for ((attempt = 0; attempt < 100; attempt++)); do
    pkcheck --action-id org.freedesktop.systemd1.manage-units --process "$process" \
      --detail unit "$unit" --detail verb start >/dev/null 2>&1 || break
    sleep 0.05
  done
  kill "$process"
  wait "$process" 2>/dev/null
  ((attempt < 100)) || systemctl try-restart polkit.service
}

remove_file() {
  [[ -e $1 || -L $1 ]] || return 0
  if [[ $1 == "$CONFIGURATION/rovi.yaml" ]] && { [[ -n $catalog_is_own ]] || ! is_untouched "$1"; }; then
    kept+=("$1 (changed by hand)")
  elif is_untouched "$1"; then
    rm -f -- "$1"
  else
    mv -fT -- "$1" "$1.rovi-old"
    kept+=("$1.rovi-old (was not as installed)")
  fi
}

# All but the tickets: what the robot was told to do is no less a record because Rovi is gone.
remove_state() {
  [[ -d $STATE ]] || return 0
  find "$STATE" -mindepth 1 -maxdepth 1 ! -name 'tickets.db*' -exec rm -rf -- {} +
  rmdir -- "$STATE" 2>/dev/null || kept+=("$STATE/tickets.db (the tickets are yours)")
}

# With a process that still holds the lock the directory stays: a lock file that is gone keeps nobody out.
remove_runtime_directory() {
  if [[ -f /run/rovi/stack.lock ]] && ! flock -n /run/rovi/stack.lock true; then
    kept+=('/run/rovi (a process still holds the stack lock)')
    return
  fi
  rm -rf -- /run/rovi
}
