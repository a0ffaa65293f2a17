#!/usr/bin/env bash
# `npm test`: sets up what is missing, then runs every test. Arguments go to vitest (a folder, -t NAME, …).
set -euo pipefail
# shellcheck source=tools/set-up.sh
. "$(dirname "$0")/set-up.sh"

become_root "$@"
set_up shellcheck openssl openssh-server openssh-client strace tmux mosquitto mosquitto-clients "${CONTAINER_PACKAGES[@]}" "${BROWSER_PACKAGES[@]}"
mkdir -p test-output
status=0
npx --no-install vitest run --reporter=default --reporter=json --outputFile.json=test-output/vitest.json "$@" || status=$?
node tools/test-summary.mjs test-output/vitest.json || status=1
exit "$status"
