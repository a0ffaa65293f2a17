#!/usr/bin/env bash
# `npm run demo`: sets up what is missing, then lets a person drive a throwaway robot; --help lists the options.
set -euo pipefail
# shellcheck source=tools/set-up.sh
. "$(dirname "$0")/set-up.sh"

become_root "$@"
# bsdutils has `script`, passwd has `useradd`.
set_up bsdutils passwd
exec node demo/dist/main.js "$@"
