# shellcheck shell=bash disable=SC2154,SC2034,SC2153 # variables are shared with install.sh
# What is to be where, compared with what is there. Reads only.

# Per file: where it comes from (for a link: where it leads), where it goes, its mode ("link"), and what is to be done:
# unchanged, new, replaced (ours, as installed) or edited (somebody else's or changed by hand: the old one is kept).
plan_source=() plan_target=() plan_mode=() plan_state=()
plan_leftover=() plan_dirs=()

make_plan() {
  local mode path target index
  write_programs
  while read -r mode path target; do
    plan_file "$mode" "$work/generated/$path" "$target"
  done <"$work/generated/install.manifest"
  plan_file 0644 "$here/dist/rovi-gateway.mjs" "$prefix/lib/rovi/rovi-gateway.mjs"
  plan_file 0644 "$here/dist/rovictl.mjs" "$prefix/lib/rovi/rovictl.mjs"
  plan_file 0644 "$here/dist/rovi-ros.mjs" "$prefix/lib/rovi/rovi-ros.mjs"
  plan_file 0644 "$here/dist/rovi-i2c.mjs" "$prefix/lib/rovi/rovi-i2c.mjs"
  plan_file 0644 "$here/dist/rovi-tickets.mjs" "$prefix/lib/rovi/rovi-tickets.mjs"
  # Only where they could be compiled.
  for path in i2c.node better_sqlite3.node; do
    [[ ! -f $here/dist/$path ]] || plan_file 0644 "$here/dist/$path" "$prefix/lib/rovi/$path"
  done
  while IFS= read -r -d '' path; do
    plan_file 0644 "$here/dist/web/$path" "$prefix/lib/rovi/web/$path"
  done < <(cd "$here/dist" 2>/dev/null && [[ -d web ]] && cd web && find . -type f -printf '%P\0' | sort -z)
  plan_file 0755 "$work/programs/rovi-gateway" "$prefix/lib/rovi/rovi-gateway"
  plan_file 0755 "$here/run_stack.sh" "$prefix/lib/rovi/run_stack.sh"
  plan_file 0755 "$here/may_start.sh" "$prefix/lib/rovi/may_start.sh"
  plan_file 0755 "$here/run_gateway.sh" "$prefix/lib/rovi/run_gateway.sh"
  plan_file 0755 "$here/end_rest.sh" "$prefix/lib/rovi/end_rest.sh"
  plan_file 0755 "$here/run_in_ros.sh" "$prefix/lib/rovi/run_in_ros.sh"
  plan_file 0644 "$here/env/run_environment.sh" "$prefix/lib/rovi/run_environment.sh"
  plan_file 0644 "$here/env/rovi_env.sh" "$prefix/lib/rovi/rovi_env.sh"
  plan_file 0755 "$work/programs/rovictl" "$prefix/bin/rovictl"
  [[ ! -s $work/programs/completion ]] ||
    plan_file 0644 "$work/programs/completion" "$prefix/share/bash-completion/completions/rovictl"
  # sudo, cron and most shells look in few places only.
  [[ $prefix == /usr || $prefix == /usr/local ]] || plan_file link "$prefix/bin/rovictl" /usr/local/bin/rovictl
  read_files
  for index in "${!plan_target[@]}"; do
    find_state "$index"
    plan_dirs_above "${plan_target[index]}"
  done
  find_leftovers
}

plan_file() {
  plan_mode+=("$1") plan_source+=("$2") plan_target+=("$3")
}

# Wrappers with an absolute path: PATH under sudo, cron and systemd is not the admin's.
write_programs() {
  local name
  mkdir "$work/programs" || exit 1
  for name in rovi-gateway rovictl; do
    printf '#!/bin/sh\nexec %s %s "$@"\n' "$node" "$prefix/lib/rovi/$name.mjs" >"$work/programs/$name"
  done
  "$node" "$here/dist/rovictl.mjs" completion bash >"$work/programs/completion" 2>/dev/null || rm -f "$work/programs/completion"
}

# Checksums of sources and targets, mode and owner of targets.
declare -A facts=()
read_files() {
  local index path fact existing=() files=()
  for index in "${!plan_target[@]}"; do
    [[ ${plan_mode[index]} == link ]] || files+=("${plan_source[index]}")
    [[ ! -f ${plan_target[index]} ]] || existing+=("${plan_target[index]}")
  done
  read_sums "${files[@]}" "${existing[@]}"
  while read -r path fact; do facts[$path]=$fact; done < <(stat -c '%n %a %u %g' -- "${existing[@]}" 2>/dev/null)
}

find_state() {
  local source=${plan_source[$1]} target=${plan_target[$1]} mode=${plan_mode[$1]} same=no state
  if [[ $mode == link ]]; then
    [[ ! -L $target || $(readlink "$target") != "$source" ]] || same=yes
  elif [[ -f $target && ! -L $target && ${sums[$target]-} == "${sums[$source]}" ]]; then
    same=content
    [[ ${facts[$target]-} != "${mode#0} 0 0" ]] || same=yes
  fi
  if [[ ! -e $target && ! -L $target ]]; then
    state=new
  elif [[ $same == yes ]]; then
    state=unchanged
  elif [[ $same == content ]] || is_untouched "$target"; then
    state=replaced
  else
    state=edited
  fi
  plan_state[$1]=$state
}

# Folders that must be made, outermost first.
plan_dirs_above() {
  local dir=${1%/*} missing=() known
  while [[ -n $dir && ! -e $dir ]]; do
    for known in "${plan_dirs[@]}"; do [[ $known != "$dir" ]] || break 2; done
    missing=("$dir" "${missing[@]}")
    dir=${dir%/*}
  done
  plan_dirs+=("${missing[@]}")
}

# What an earlier run installed and this one does not: stacks that left the catalog, an older prefix.
find_leftovers() {
  local path
  local -A wanted=()
  for path in "${plan_target[@]}"; do wanted[$path]=1; done
  for path in "${!installed_sum[@]}" "${!installed_link[@]}"; do
    [[ -n ${wanted[$path]-} || (! -e $path && ! -L $path) ]] || plan_leftover+=("$path")
  done
}

# Services, or instances of them, that run and will not be there any more. Stacks that do are a failed check.
running_leftovers() {
  local units=()
  mapfile -t units < <(units_of_files "${plan_leftover[@]}")
  running_of "${units[@]}"
}

# Places that cannot take what is planned for them.
check_plan() {
  local index target above checked='' sources=() need free
  for index in "${!plan_target[@]}"; do
    target=${plan_target[index]}
    if [[ -d $target ]]; then
      problem "$target is a folder, but a file belongs there" "move $target away"
    elif [[ -L $target && ${plan_mode[index]} != link && ${plan_state[index]} == edited ]]; then
      problem "$target is a link, but a file belongs there" "remove the link $target, and name what it leads to with --catalog if it is the catalog"
    elif [[ ${plan_mode[index]} == link && ${plan_state[index]} == edited ]]; then
      problem "$target is not Rovi's, but the command belongs there" "move $target away"
    fi
    sources+=("${plan_source[index]}")
  done
  need=$((1024 + $(du -ck -- "${sources[@]}" 2>/dev/null | awk 'END { print $1 }')))
  for target in "$prefix/lib/rovi/x" "$prefix/bin/x" "${plan_target[@]}"; do
    above=${target%/*}
    while [[ -n $above && ! -e $above ]]; do above=${above%/*}; done
    above=${above:-/}
    [[ $above != "$checked" ]] || continue
    checked=$above
    if [[ ! -d $above ]]; then
      problem "$above is not a folder, but $target belongs below it" "move $above away"
    elif [[ ! -w $above ]]; then
      problem "$above cannot be written" 'is its file system mounted read-only? findmnt -T '"$above"' says'
    else
      free=$(df -Pk "$above" | awk 'NR == 2 { print $4 }')
      ((free >= need)) || problem "$above has $free KiB free, $need are needed" 'make room there'
    fi
  done
}

print_plan() {
  local index target state gone
  for index in "${!plan_target[@]}"; do
    target=${plan_target[index]} state=${plan_state[index]}
    case $state in
      new) state='install  ' ;;
      replaced) state='replace  ' ;;
      edited) state='replace  ' target+=' (not as installed: the old one is kept as .rovi-old)' ;;
    esac
    say "  $state $target"
  done
  gone=$(running_leftovers)
  [[ -z $gone ]] || say "  stop      ${gone//$'\n'/, }: no longer in the catalog"
  for target in "${plan_leftover[@]}"; do say "  remove    $target"; done
  [[ $with_ros == no ]] || say "  build     $prefix/lib/rovi/ros (rclnodejs, as $service_user)"
  say "  then      accounts $service_user and $group, $home, /run/rovi, $STATE; reload systemd; enable and start $GATEWAY and $SERVICES"
}
