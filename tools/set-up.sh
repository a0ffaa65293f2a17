#!/usr/bin/env bash
# Brings a fresh Debian machine to where the demo, the tests and the benchmark can run: Debian packages, npm packages,
# the build. Sourced by their scripts; says what it installs and does nothing twice.
#   set_up PACKAGE...   the Debian packages that are needed beside the robots' own

readonly ROBOT_PACKAGES=(systemd systemd-container dbus polkitd util-linux procps iproute2 python3)
# For npm's native packages, which are optional: better-sqlite3 (tickets) and i2c-bus. Python is above.
readonly COMPILER_PACKAGES=(g++ make)
# For the web page's stories. Chromium brings about 80 MB and what it depends on; without a font it writes boxes.
# shellcheck disable=SC2034 # for the scripts that source this
readonly BROWSER_PACKAGES=(chromium fonts-dejavu-core)
# For services that are containers: their bridge networks need iptables; images are made of busybox.
# shellcheck disable=SC2034 # for the scripts that source this
readonly CONTAINER_PACKAGES=(podman crun containernetworking-plugins iptables busybox-static)

say() { printf '\033[2m· %s\033[0m\n' "$*" >&2; }
fail() { printf 'set-up: %s\n' "$*" >&2; exit 1; }

# Robots are containers with a systemd of their own: that needs root.
become_root() {
  [ "$(id -u)" -eq 0 ] && return
  command -v sudo >/dev/null || fail 'run this as root: robots are containers (or install sudo)'
  say 'robots are containers, and those need root: going on with sudo'
  exec sudo --preserve-env=PATH,CI,ROVI_TESTBED_DIR,ROVI_ROS_SETUP "$BASH" "$0" "$@"
}

install_debian_packages() {
  local package missing=()
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ "${#missing[@]}" -eq 0 ] && return
  command -v apt-get >/dev/null || fail "install these first, with your package manager: ${missing[*]}"
  say "installing from Debian: ${missing[*]}"
  # A machine whose own PID 1 is not systemd must not have services started by a package's script.
  DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2 || say 'apt-get update failed; trying with the lists at hand'
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2 ||
    fail "apt-get could not install ${missing[*]}"
}

check_node() {
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 20) ? 0 : 1)' ||
    fail "Node 20.20 or newer is needed; this is $(node --version)"
}

install_npm_packages() {
  local wanted installed
  wanted=$(sha256sum package-lock.json | cut -d ' ' -f 1)
  installed=$(cat node_modules/.rovi-lock 2>/dev/null || true)
  [ "$wanted" = "$installed" ] && return
  say 'installing npm packages into node_modules/'
  npm ci --no-audit --no-fund --loglevel=error >&2 || fail 'npm ci failed'
  printf '%s\n' "$wanted" >node_modules/.rovi-lock
}

set_up() {
  cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
  check_node
  install_debian_packages "${ROBOT_PACKAGES[@]}" "${COMPILER_PACKAGES[@]}" "$@"
  exec {set_up_lock}>"${TMPDIR:-/tmp}/rovi-set-up.lock"
  flock "$set_up_lock"
  install_npm_packages
  say 'building'
  npm run --silent build >&2 || fail 'the build failed'
  exec {set_up_lock}>&-
}
