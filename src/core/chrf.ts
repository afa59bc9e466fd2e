/**
 * chrF: how much of their character n-grams two texts share (M. Popović, "chrF: character n-gram F-score for automatic MT
 * evaluation", 2015), with the defaults of sacreBLEU: n-grams of 1 to 6, blanks taken out, recall weighing twice.
 */

const ORDERS = 6;
/** β²: how many times as much recall counts as precision. */
const RECALL_WEIGHT = 4;
/** Code points of each text that are compared: the cost has a bound, and more would change the score little. */
const MAX_COMPARED = 10_000;

/**
 * From 0 (nothing in common) to 100 (the same but for blanks). Precision and recall are averaged over the orders that both
 * texts are long enough for, as sacreBLEU does.
 * @param hypothesis the text that is judged
 * @param reference the text that it is measured by
 */
export function chrF(hypothesis: string, reference: string): number {
  const [ours, theirs] = [lettersOf(hypothesis), lettersOf(reference)];
  // sacreBLEU gives 0 to two empty texts, but they are the same.
  if (ours.length === 0 && theirs.length === 0) return 100;
  let precision = 0;
  let recall = 0;
  const orders = Math.min(ORDERS, ours.length, theirs.length);
  for (let order = 1; order <= orders; order++) {
    const shared = sharedGrams(ours, theirs, order);
    precision += shared / (ours.length - order + 1);
    recall += shared / (theirs.length - order + 1);
  }
  if (precision === 0 || recall === 0) return 0;
  precision /= orders;
  recall /= orders;
  return (100 * (1 + RECALL_WEIGHT) * precision * recall) / (RECALL_WEIGHT * precision + recall);
}

function lettersOf(text: string): string[] {
  // A code point has at most two units, and some of the text is blank.
  const start = text.slice(0, 4 * MAX_COMPARED).replace(/\s/g, '');
  return Array.from(start).slice(0, MAX_COMPARED);
}

/** How many n-grams both texts have, each as often as it is in both. */
function sharedGrams(ours: readonly string[], theirs: readonly string[], order: number): number {
  const open = new Map<string, number>();
  for (let at = 0; at + order <= theirs.length; at++) {
    const gram = theirs.slice(at, at + order).join('');
    open.set(gram, (open.get(gram) ?? 0) + 1);
  }
  let shared = 0;
  for (let at = 0; at + order <= ours.length; at++) {
    const gram = ours.slice(at, at + order).join('');
    const count = open.get(gram) ?? 0;
    if (count === 0) continue;
    open.set(gram, count - 1);
    shared++;
  }
  return shared;
}
