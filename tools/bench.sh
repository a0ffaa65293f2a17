#!/usr/bin/env bash
# `npm run bench`: sets up what is missing, then measures on testbed robots; --help lists the options.
# The whole takes about 15 minutes; the machine should have nothing else to do meanwhile.
set -euo pipefail
# shellcheck source=tools/set-up.sh
. "$(dirname "$0")/set-up.sh"

become_root "$@"
# shellcheck disable=SC2119 # no packages but the robots' own
set_up
exec node bench/dist/main.js "$@"
