#!/usr/bin/env bash
# `npm run screenshots`: runs the stories of the web page that look at it, on throwaway robots, and takes the README's
# pictures (docs/screenshots/) from theirs (test-output/screenshots/).
set -euo pipefail
# shellcheck source=tools/set-up.sh
. "$(dirname "$0")/set-up.sh"

# What the README calls it = what the stories do: state, scheme, device. What fits on the screen, not the whole page.
readonly SHOWN=(
  overview-dark-desktop=running-dark-desktop
  overview-dark-phone=running-dark-phone
  omega1-dark-desktop=omega1-dark-desktop
  failed-light-desktop=failed-light-desktop
  question-light-tablet=question-light-tablet
  lost-light-desktop=lost-light-desktop
  graph-light-desktop=graph-light-desktop
  timeline-dark-desktop=timeline-dark-desktop
  logs-dark-tablet=logs-dark-tablet
  service-light-desktop=service-light-desktop
  services-graph-dark-desktop=services-graph-dark-desktop
  tickets-light-desktop=tickets-light-desktop
  fleet-light-desktop=fleet-light-desktop
)
# The README is also read over a robot's own poor link.
readonly MOST_BYTES=150000

become_root "$@"
set_up "${BROWSER_PACKAGES[@]}"
ROVI_SCREENS=1 npx --no-install vitest run --project system tests/web/looks tests/web/views tests/web/services tests/web/omega1 tests/web/tickets tests/web/fleet
mkdir -p docs/screenshots
for pair in "${SHOWN[@]}"; do
  taken=test-output/screenshots/screen/${pair#*=}.png
  bytes=$(stat -c %s "$taken")
  [ "$bytes" -le "$MOST_BYTES" ] || fail "$taken has $bytes bytes; at most $MOST_BYTES are for the README"
  cp "$taken" "docs/screenshots/${pair%%=*}.png"
  say "docs/screenshots/${pair%%=*}.png, $bytes bytes"
done
