#!/bin/bash -p
# Installs Rovi on this robot, upgrades it, or takes it off again. Run as root from a built checkout; docs/install.md.
#
# In this order: all checks, reported together; a plan; then the steps. Until the last check has passed nothing on
# the machine changes. New files are complete on disk before the first old one is replaced, each by rename.
#
# shellcheck disable=SC2034 # variables are shared with installer/*.sh

# What the caller's shell exports is not for this script: with -p bash takes over no functions, options or CDPATH.
[[ $- == *p* ]] || exec /bin/bash -p "${BASH_SOURCE[0]}" "$@"
set -u +o posix
# A step that cannot say that it is done would count as failed.
[[ -e /proc/self/fd/1 ]] || exec >/dev/null
[[ -e /proc/self/fd/2 ]] || exec 2>/dev/null
umask 022
unset CDPATH GLOBIGNORE BASH_ENV ENV POSIXLY_CORRECT NODE_OPTIONS NODE_PATH
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

readonly CONFIGURATION=/etc/rovi UNITS=/etc/systemd/system GATEWAY=rovi-gateway.service
readonly SERVICES=rovi-services.target STATE=/var/lib/rovi
readonly MANIFEST=$CONFIGURATION/manifest LOG=/var/log/rovi-install.log UNDO=/var/lib/rovi-install.undo
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P) || exit 1
dry_run=no mode=install prefix='' catalog='' user='' node_option='' restart=no with_ros=no

usage() {
  cat <<'TEXT'
Usage: install.sh [options]            as root

  --catalog FILE   the catalog to install (default: the installed /etc/rovi/rovi.yaml, else the rovi.yaml beside this)
  --prefix DIR     programs go to DIR/lib/rovi and DIR/bin (default: as installed, else /usr/local)
  --user NAME      run gateway and stacks as NAME instead of the catalog's user
  --node FILE      the Node.js to use (default: the first on PATH, in /usr/local/bin or /usr/bin that is good)
  --ros            also build rclnodejs for the ROS of this robot, for the ROS face (needs npm and its registry)
  --restart        restart a gateway that runs an older version even though that stops a running stack
  --dry-run        check, say what would be done, change nothing
  --uninstall      stop everything and remove what was installed; accounts and a catalog changed by hand stay
  --help           this text

Exit codes: 0 done · 1 a step failed (what was done and how to go back is said) · 2 usage · 3 a check failed, nothing was changed
TEXT
}

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
indent() { printf '    %s\n' "${1//$'\n'/$'\n'    }"; }

usage_error() {
  warn "install.sh: $1 (--help lists the options)"
  exit 2
}

parse_options() {
  while (($# > 0)); do
    case $1 in
      --catalog | --prefix | --user | --node)
        [[ -n ${2-} ]] || usage_error "$1 needs a value"
        case $1 in
          --catalog) catalog=$2 ;;
          --prefix) prefix=$2 ;;
          --user) user=$2 ;;
          --node) node_option=$2 ;;
        esac
        shift
        ;;
      --ros) with_ros=yes ;;
      --restart) restart=yes ;;
      --dry-run) dry_run=yes ;;
      --uninstall) mode=uninstall ;;
      --help | -h)
        usage
        exit 0
        ;;
      *) usage_error "unknown option \"$1\"" ;;
    esac
    shift
  done
  if [[ $mode == uninstall && -n $catalog$prefix$user$node_option${with_ros#no} ]]; then
    usage_error '--uninstall takes only --dry-run: what was installed is known'
  fi
}

# One installation at a time. The lock is on a folder that is always there, so taking it leaves no trace.
take_install_lock() {
  [[ -d $UNITS ]] || return 0
  { exec 8<"$UNITS"; } 2>/dev/null || return 0
  flock -n 8 || {
    warn 'install.sh: another install.sh is running; nothing was changed'
    exit 3
  }
}

parse_options "$@"
for part in manifest checks plan steps ros uninstall; do
  # shellcheck source=/dev/null
  source "$here/installer/$part.sh" || exit 1
done
work=$(mktemp -d 2>/dev/null) || {
  warn "install.sh: no temporary folder can be made (TMPDIR=${TMPDIR:-/tmp}); nothing was changed"
  warn '    mend: unset TMPDIR, or let it name a folder with room'
  exit 3
}
trap 'rm -rf "$work"' EXIT

take_install_lock
read_manifest
if [[ $mode == uninstall ]]; then
  uninstall
  exit
fi

[[ -n $prefix ]] || prefix=${installed_prefix:-/usr/local}
if [[ -n $catalog ]]; then
  catalog_is_own=''
elif [[ -f $CONFIGURATION/rovi.yaml ]]; then
  catalog=$CONFIGURATION/rovi.yaml
  read_sums "$catalog"
  is_untouched "$catalog" || catalog_is_own=yes
else
  catalog=$here/rovi.yaml
fi
say "Rovi: catalog $catalog, programs below $prefix"
run_checks
[[ $with_ros == no ]] || check_ros
report_checks
make_plan
check_plan
report_checks
print_plan
if [[ $dry_run == yes ]]; then
  say 'Dry run: nothing was changed.'
  exit 0
fi
carry_out_plan
[[ $with_ros == no ]] || build_ros
