# shellcheck shell=bash disable=SC2034 # variables are shared with install.sh
# What install.sh put on this machine, so that the next run knows its own files from an admin's.
#
#   prefix DIR              file SHA256 PATH
#   user NAME               link PATH TARGET
#   dir DIR                 a folder that was made for the files
#   keep PATH               an installed file that an admin has made their own: the catalog
#
# Paths hold no blanks: the catalog's grammar and the prefix forbid them.

declare -A installed_sum=() installed_link=()
installed_dirs=() installed_prefix='' installed_user='' catalog_is_own=''

read_manifest() {
  local kind first second
  [[ -r $MANIFEST ]] || return 0
  while read -r kind first second; do
    case $kind in
      prefix) installed_prefix=$first ;;
      user) installed_user=$first ;;
      dir) installed_dirs+=("$first") ;;
      file) installed_sum[$second]=$first ;;
      keep) catalog_is_own=yes ;;
      link) installed_link[$first]=$second ;;
    esac
  done <"$MANIFEST"
}

# The units that the files of an installation stand for: each of a service's instances by its file of variables. What a
# template is the template of has no name of its own.
units_of_files() {
  local path name
  for path; do
    name=${path##*/}
    case $path in
      "$UNITS"/*@.service) ;;
      "$UNITS"/*.service) printf '%s\n' "$name" ;;
      "$CONFIGURATION"/services/*@*.env) printf 'rovi-%s.service\n' "${name%.env}" ;;
    esac
  done
}

is_installed() {
  [[ -n ${installed_sum[$1]-}${installed_link[$1]-} ]]
}

# Checksums of many files with one program; a catalog may have a thousand stacks.
declare -A sums=()
read_sums() {
  local sum path
  (($# > 0)) || return 0
  while read -r sum path; do sums[$path]=$sum; done < <(sha256sum -- "$@" 2>/dev/null)
}

# Whether a file is still as it was installed; links count by their target. Needs read_sums.
is_untouched() {
  if [[ -n ${installed_link[$1]-} ]]; then
    [[ -L $1 && $(readlink "$1") == "${installed_link[$1]}" ]]
  else
    [[ -f $1 && ! -L $1 && -n ${installed_sum[$1]-} && ${sums[$1]-} == "${installed_sum[$1]}" ]]
  fi
}
