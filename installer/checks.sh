# shellcheck shell=bash disable=SC2154,SC2153 # variables are shared with install.sh
# Everything that must hold before anything is changed. Each check only reads; all are made, then reported together.

problems=() notes=()
node='' service_user='' group='' home='' workspace='' env_file=''

problem() { problems+=("$1"$'\n'"    mend: $2"); }
note() { notes+=("$1"); }

run_checks() {
  check_root
  check_systemd
  check_polkit
  check_programs
  check_node
  check_catalog
  if [[ -d $work/generated ]]; then
    check_environment
    check_units
    check_containers
  fi
}

report_checks() {
  local text
  if ((${#problems[@]} == 0)); then
    for text in "${notes[@]}"; do say "  note: $text"; done
    notes=()
    return
  fi
  warn "install.sh: ${#problems[@]} of the checks failed; nothing was changed"
  for text in "${problems[@]}"; do warn "  ✗ $text"; done
  exit 3
}

check_root() {
  ((EUID == 0)) || problem 'this must be run as root' "sudo $here/install.sh"
}

check_systemd() {
  local version
  if [[ ! -d /run/systemd/system ]]; then
    problem 'systemd does not run this machine' 'install on the robot itself (npm run demo boots a throwaway one)'
    return
  fi
  version=$(systemctl --version 2>/dev/null | sed -n 's/^systemd \([0-9]*\).*/\1/p')
  [[ ${version:-0} -ge 248 ]] ||
    problem "systemd ${version:-of unknown version} is too old: 248 is the first with all that the units use" 'upgrade the operating system (Debian 12 and Ubuntu 22.04 are new enough)'
}

# Versions are 0.105, 0.106 … 0.120, then 121, 122 …. Before 0.106 rules in JavaScript are ignored without a word.
check_polkit() {
  local version
  if ! version=$(pkaction --version 2>/dev/null); then
    problem 'polkit is not installed: nobody but root could start a stack' 'apt install polkitd (older Debian and Ubuntu: policykit-1)'
    return
  fi
  version=${version##* }
  if [[ $version =~ ^0\.([0-9]+) ]] && ((10#${BASH_REMATCH[1]} < 106)); then
    problem "polkit $version ignores JavaScript rules: no member of the operators' group could start a stack" 'upgrade to an operating system with polkit 0.106 or later (Debian 12, Ubuntu 24.04)'
  elif [[ ! $version =~ ^[0-9]+ ]]; then
    problem "the version of polkit could not be read from \"$version\"" 'see what "pkaction --version" says'
  elif ! systemctl cat polkit.service >/dev/null 2>&1 && [[ -d /run/systemd/system ]]; then
    problem 'polkit is installed without its daemon' 'apt install polkitd'
  fi
}

check_programs() {
  local program missing=() file
  for program in flock systemd-notify systemd-sysusers systemd-tmpfiles setpriv sha256sum awk getent; do
    type -P "$program" >/dev/null || missing+=("$program")
  done
  ((${#missing[@]} == 0)) || problem "programs are missing: ${missing[*]}" 'apt install util-linux systemd coreutils'
  for file in dist/rovi-gateway.mjs dist/rovictl.mjs; do
    if [[ ! -s $here/$file ]]; then
      if [[ -d $here/node_modules ]]; then
        problem "$here/$file is missing: Rovi is not built" "cd $here && npm run build (not as root)"
      else
        problem "$here/$file is missing: Rovi is not built" "cd $here && npm ci && npm run build (not as root; needs npm)"
      fi
      return
    fi
  done
}

# Runs a command as the service's user, or as nobody while there is no such account.
as_service_user() {
  local id gid
  id=$(id -u "${service_user:-nobody}" 2>/dev/null || id -u nobody)
  gid=$(id -g "${service_user:-nobody}" 2>/dev/null || id -g nobody)
  # By way of env: setpriv itself still has root's capabilities while it executes the next program.
  setpriv --reuid="$id" --regid="$gid" --clear-groups env "$@" 2>/dev/null
}

check_node() {
  local candidate version others why=() candidates=()
  if [[ -n $node_option ]]; then
    candidates=("$node_option")
  else
    mapfile -t candidates < <(type -aP node; printf '%s\n' /usr/local/bin/node /usr/bin/node)
  fi
  for candidate in "${candidates[@]}"; do
    [[ $candidate == /* && -x $candidate && ! -d $candidate ]] || continue
    if [[ ! $candidate =~ ^[A-Za-z0-9_.@+/-]+$ ]]; then
      why+=("$candidate has characters in its path that Rovi does not put into a script")
    elif ((EUID == 0)) && others=$(replaceable_by_others "$candidate"); then
      why+=("$candidate can be replaced by others than root ($others), and root will run it")
    elif ! version=$("$candidate" -p process.versions.node 2>/dev/null); then
      why+=("$candidate does not run")
    elif ! node_is_new_enough "$version"; then
      why+=("$candidate is version $version")
    elif ((EUID == 0)) && ! as_service_user "$candidate" -e ''; then
      why+=("$candidate cannot be executed by the service's user (it is in somebody's home?)")
    else
      node=$candidate
      return
    fi
  done
  problem "no Node.js 20.20 or later was found${why[0]+: ${why[*]}}" 'install Node.js 20.20 or later for all users (in /usr/bin or /usr/local/bin), or name it with --node FILE'
}

# Names the first of a file and the folders on the way to it that somebody but root may write; false if there is none.
# The way is the kernel's: over each link, and what is above it counts as much as what is above its target.
replaceable_by_others() {
  local rest=$1 path='' part owner mode links=0
  while :; do
    read -r owner mode < <(stat -c '%u %a' -- "${path:-/}" 2>/dev/null) || return 1
    if ((owner != 0 || 8#$mode & 8#022)); then
      printf '%s' "${path:-/}"
      return 0
    fi
    while [[ $rest == /* ]]; do rest=${rest#/}; done
    [[ -n $rest ]] || return 1
    part=${rest%%/*}
    rest=${rest:${#part}}
    case $part in
      .) ;;
      ..) path=${path%/*} ;;
      *)
        if [[ -L $path/$part ]]; then
          ((++links <= 40)) || return 1
          rest=$(readlink -- "$path/$part")$rest
          [[ $rest != /* ]] || path=''
        else
          path+=/$part
        fi
        ;;
    esac
  done
}

node_is_new_enough() {
  local major minor
  IFS=. read -r major minor _ <<<"$1"
  [[ $major =~ ^[0-9]+$ && $minor =~ ^[0-9]+$ ]] && ((major > 20 || major == 20 && minor >= 20))
}

# Generating validates: the whole catalog, prefix and user, with file, line and path in what it says.
check_catalog() {
  local said unit
  [[ -n $node && -s $here/dist/rovictl.mjs ]] || {
    note "the catalog $catalog was not checked: that takes Node.js and the built program"
    return
  }
  if ! said=$("$node" "$here/dist/rovictl.mjs" --no-color generate --catalog "$catalog" --prefix "$prefix" ${user:+--user "$user"} --out "$work/new" 2>&1); then
    problem "the catalog was refused:"$'\n'"$(indent "$said")" "correct $catalog (rovictl validate $catalog), or choose another --prefix or --user"
    return
  fi
  mv "$work/new" "$work/generated"
  unit=$work/generated/units/$GATEWAY
  service_user=$(sed -n 's/^User=//p' "$unit")
  env_file=$(sed -n 's/^EnvironmentFile=-//p' "$unit")
  workspace=$(sed -n 's/^WorkingDirectory=-//p' "$unit")
  read -r _ _ _ _ group _ < <(grep '^d /run/rovi ' "$work/generated/units/rovi.tmpfiles")
  home=$(sed -n "s/^u $service_user - \"[^\"]*\" \([^ ]*\) .*/\1/p" "$work/generated/units/rovi.sysusers")
  [[ -n $service_user && -n $group && -n $home && $env_file == /* && $workspace == /* ]] ||
    problem 'what rovictl generated was not understood' "build install.sh's own checkout again: npm run build"
  if id -u "$service_user" >/dev/null 2>&1 && ! as_service_user "$node" -e ''; then
    problem "$node cannot be executed by $service_user" 'install Node.js for all users, or name another with --node FILE'
  fi
}

check_environment() {
  local index named='' others
  # PID 1 reads EnvironmentFile= as root: a link in its place would show any file of root's to whoever set it.
  if others=$(replaceable_by_others "$env_file"); then
    problem "environment file $env_file can be replaced by others than root ($others), and systemd reads it as root" \
      "$(environment_mend "$others")"
    return
  fi
  # shellcheck source=env/run_environment.sh
  source "$here/env/run_environment.sh"
  if ! _rovi_read_env_file "$env_file"; then
    problem "$_rovi_problem" "put one there, for example: install -D -m 0644 $here/env/.env.robot $env_file"
    return
  fi
  for index in "${!_rovi_names[@]}"; do
    [[ ${_rovi_names[index]} != ROVI_ROS_WS_DIR ]] || named=${_rovi_values[index]}
  done
  [[ $named == "$workspace" ]] ||
    problem "$env_file says ROVI_ROS_WS_DIR=$named, but the catalog's workspace is $workspace" 'make the two agree'
  ((EUID != 0)) || as_service_user test -r "$env_file" ||
    problem "$service_user cannot read $env_file" "chmod a+r $env_file, and a+x for the folders above it"
  if id -u "$service_user" >/dev/null 2>&1; then
    [[ ! -d $home ]] || as_service_user test -w "$home" || problem "$service_user cannot write to its home $home" "chown $service_user: $home"
  elif [[ -d $home ]]; then
    # Made for the workspace, perhaps. As it is, no stack could write its session file there.
    problem "there is a folder $home, but no account $service_user that it belongs to" \
      "useradd --no-create-home --home-dir $home --shell /bin/bash $service_user; chown -R $service_user: $home"
  fi
  [[ -r $workspace/install/setup.bash ]] || note "the workspace $workspace is not built yet: stacks will fail with exit code 69"
  compgen -G '/opt/ros/*/setup.bash' >/dev/null || note 'there is no ROS below /opt/ros yet: stacks may fail with exit code 69'
}

# Never by copying the file that is there: it may be such a link already.
environment_mend() {
  local own=$CONFIGURATION/.env.robot
  if [[ $env_file == "$1" ]]; then
    printf 'look through it, then: chown root: %s; chmod go-w %s' "$env_file" "$env_file"
  elif [[ $env_file == "$1"/* && $env_file == /etc/* ]]; then
    printf 'chown root: %s; chmod go-w %s' "$1" "$1"
  elif [[ $env_file == "$own" ]]; then
    printf 'it is a link: rm %s; install -D -m 0644 %s %s' "$own" "$here/env/.env.robot" "$own"
  else
    printf 'install -D -m 0644 %s %s, and env_file: %s in the catalog' "$here/env/.env.robot" "$own" "$own"
  fi
}

# A unit of our name that is not ours, and stacks that run though they leave the catalog.
check_units() {
  local file unit names=() gone=() id='' key value
  for file in "$work/generated/units/"rovi-*.{service,target}; do
    file=${file##*/}
    # A template can be asked for by an instance only.
    names+=("${file/@./@1.}")
  done
  [[ -d /run/systemd/system ]] || return 0
  while IFS='=' read -r key value; do
    case $key in
      Id) id=$value ;;
      FragmentPath) check_fragment "${id/@1./@.}" "$value" ;;
    esac
  done < <(systemctl show --property=Id,FragmentPath -- "${names[@]}" 2>/dev/null)
  for file in "${!installed_sum[@]}"; do
    [[ $file != "$CONFIGURATION"/stacks/*.args || -e $work/generated/env/stacks/${file##*/} ]] || gone+=("$(stack_of "$file")")
  done
  for unit in $(running_of "${gone[@]}"); do
    problem "$unit runs and is no longer in the catalog" "systemctl stop $unit"
  done
}

# The unit of a stack, by the file of its arguments: nothing else has one.
stack_of() {
  local name=${1##*/}
  printf 'rovi-%s.service' "${name%.args}"
}

# An admin may bring the engine later: nothing but the containers needs it.
check_containers() {
  local program image status missing=() images=() absent=()
  mapfile -t images < <(container_images)
  ((${#images[@]} > 0)) || return 0
  for program in podman crun; do
    [[ -x /usr/bin/$program ]] || missing+=("$program")
  done
  # Without a runtime Podman answers nothing, not even what images it has.
  if ((${#missing[@]} > 0)); then
    note "services of the catalog are containers and will not start without: apt install ${missing[*]}; and without these images: ${images[*]}"
    return 0
  fi
  for image in "${images[@]}"; do
    status=0
    /usr/bin/podman --runtime=crun image exists "$image" >/dev/null 2>&1 || status=$?
    ((status != 1)) || absent+=("$image")
  done
  ((${#absent[@]} == 0)) || note "images are not on this robot, and nothing is fetched at a start (podman load, podman pull): ${absent[*]}"
}

# The images that the generated units name: the first word after the options, which alone may be quoted.
container_images() {
  sed -nE 's/^ExecStart=[^"]* --events-backend=none run (("([^"\\]|\\.)*"|--[^ ]*) )*([a-z0-9][^ ]*)( .*)?$/\4/p' \
    "$work/generated/units/"*.service | sort -u
}

check_fragment() {
  local path=$2
  if [[ -z $path ]]; then path=$UNITS/$1; fi
  [[ -e $path || -L $path ]] || return 0
  if [[ -L $path && $(readlink -f "$path") == /dev/null ]]; then
    problem "$1 is masked" "systemctl unmask $1"
  elif [[ $path != "$UNITS/$1" ]]; then
    problem "a unit of the name $1 is there already: $path" 'give the stack or service another name in the catalog, or remove that unit'
  elif ! is_installed "$path" && ! cmp -s "$path" "$work/generated/units/$1" && ! grep -q '^# generated by rovictl generate' "$path"; then
    problem "a unit of the name $1 is there already, and it is not Rovi's: $path" 'give the stack or service another name in the catalog, or remove that unit'
  fi
}

is_running() {
  [[ -n $(running_of "$1") ]]
}

# Those of the units that are not down, one a line.
running_of() {
  local key value id=''
  (($# > 0)) || return 0
  while IFS='=' read -r key value; do
    if [[ $key == Id ]]; then id=$value; fi
    if [[ $key == ActiveState && ! $value =~ ^(inactive|failed|)$ ]]; then printf '%s\n' "$id"; fi
  done < <(systemctl show --property=Id,ActiveState -- "$@" 2>/dev/null)
}
