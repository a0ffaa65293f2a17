/** Hosts that are asked at once: a login each, and a person waits for the last of them. */
export const AT_ONCE = 8;

/** The answers in the order of the items; at most `atOnce` are being worked on. Rejects with the first that rejects. */
export async function eachAtOnce<Item, Answer>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const left = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of left) answers[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return answers;
}
