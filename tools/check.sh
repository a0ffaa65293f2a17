#!/usr/bin/env bash
# `npm run check`: everything that can be said of the tree without running it.
set -euo pipefail
# shellcheck source=tools/set-up.sh
. "$(dirname "$0")/set-up.sh"

set_up shellcheck
say 'types are checked by the build; lint and format'
npm run --silent lint
say 'import directions'
npm run --silent directions
say 'generated files'
node dist/rovictl.mjs generate --check
node tools/schemas.mjs --check
