#!/bin/bash -p
# Whether a service is to be started: ExecCondition= of `restart: unless-stopped`, and of what requires such a service.
#
#   may_start.sh SERVICE...
#
# Exits 1, which makes systemd skip the start, only while the robot boots and a mark says that an operator stopped one
# of the services. Whatever else happens here it exits 0: it must never keep a service down by a fault of its own.
set -u

for service; do
  [[ -e /var/lib/rovi/stopped/$service ]] || continue
  case $(timeout 5 systemctl is-system-running 2>/dev/null) in
    initializing | starting)
      printf 'not started at boot: an operator stopped %s\n' "$service"
      exit 1
      ;;
  esac
  exit 0
done
exit 0
