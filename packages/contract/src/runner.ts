/** Seconds that run_stack.sh may take beyond its wait for the lock: environment, session file, `systemd-notify`. */
export const RUNNER_SECONDS = 10;
