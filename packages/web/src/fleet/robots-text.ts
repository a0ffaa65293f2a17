/** `1 robot`, `1,000 robots`. */
export function robotsText(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'robot' : 'robots'}`;
}
