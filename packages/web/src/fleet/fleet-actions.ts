import type { FleetCommand } from '@rovi/contract';

/** What a person can choose to do with a stack or service of several robots. */
export const ACTIONS = {
  switch: { label: 'Switch to', on: 'stack' },
  start: { label: 'Start stack', on: 'stack' },
  stop: { label: 'Stop stack', on: 'stack' },
  restart: { label: 'Restart stack', on: 'stack' },
  'service-start': { label: 'Start service', on: 'service' },
  'service-stop': { label: 'Stop service', on: 'service' },
  'service-restart': { label: 'Restart service', on: 'service' },
  'service-rolling-restart': { label: 'Restart one by one', on: 'service' },
} as const;
export type ActionName = keyof typeof ACTIONS;

/** The command for the robots. */
export function commandOf(action: ActionName, unit: string): FleetCommand {
  switch (action) {
    case 'start':
    case 'stop':
    case 'restart':
    case 'switch':
      return { kind: action, stack: unit };
    case 'service-start':
    case 'service-stop':
    case 'service-restart':
    case 'service-rolling-restart':
      return { kind: action, service: unit };
  }
}
