/** What a pairing looks like as a whole: stretches in the same order, and why rows were left out. */
import { atInt } from './evidence';
import { inverse, type Pairing } from './pairing';
import { NONE } from './lexicon';

/** A stretch of the source whose rows stand `offset` rows later in the target. Rows from 0, `to` included. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly offset: number;
  readonly pairs: number;
}

/** Fewer rows may keep their distance by chance. */
const MIN_SEGMENT = 3;

/** @returns the stretches of at least three pairs in which no row has another offset, in the order of the source */
export function segmentsOf(pairs: Int32Array): Segment[] {
  const segments: Segment[] = [];
  let open: { from: number; to: number; offset: number; pairs: number } | undefined;
  const close = () => {
    if (open && open.pairs >= MIN_SEGMENT) segments.push(open);
  };
  for (const [row, other] of pairs.entries()) {
    if (other === NONE) continue;
    if (open?.offset === other - row) {
      open.to = row;
      open.pairs++;
      continue;
    }
    close();
    open = { from: row, to: row, offset: other - row, pairs: 1 };
  }
  close();
  return segments;
}

/** Why a row was left unpaired although nothing is wrong with it as such. */
export type Left = 'contradicted' | 'ambiguous' | 'no-counterpart';

/**
 * For each row in no pair why it is in none: several rows fit (`ambiguous`), the one in its place within a segment does not
 * (`contradicted`), or none does and it has no place.
 * @returns by row from 0, in order
 */
export function leftRows(
  { pairs, ambiguous }: Pairing,
  targets: number,
): { readonly source: Map<number, Left>; readonly target: Map<number, Left> } {
  const taken = inverse(pairs, targets);
  const contradicted = new Set<number>();
  const contradictedTargets = new Set<number>();
  for (const { from, to, offset } of segmentsOf(pairs)) {
    for (let row = from; row <= to; row++) {
      if (atInt(pairs, row) !== NONE || atInt(taken, row + offset) !== NONE) continue;
      contradicted.add(row);
      contradictedTargets.add(row + offset);
    }
  }
  const left = (paired: Int32Array, inPlace: ReadonlySet<number>, unclear: Uint8Array) => {
    const rows = new Map<number, Left>();
    for (const [row, other] of paired.entries()) {
      if (other !== NONE) continue;
      rows.set(row, unclear[row] ? 'ambiguous' : inPlace.has(row) ? 'contradicted' : 'no-counterpart');
    }
    return rows;
  };
  return {
    source: left(pairs, contradicted, ambiguous.source),
    target: left(taken, contradictedTargets, ambiguous.target),
  };
}
