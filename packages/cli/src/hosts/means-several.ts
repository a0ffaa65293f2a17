/** Every robot of the inventory; not this machine, which a list adds: `local,all`. */
export const ALL_HOSTS = 'all';

/** What a label begins with. Without it a mistyped name could become a group. */
export const LABEL_SIGN = '@';

/** Whether the words can mean several robots: by their form alone, never by what the inventory holds. */
export function meansSeveral(expression: string): boolean {
  return expression === ALL_HOSTS || expression.startsWith(LABEL_SIGN) || expression.includes(',');
}
