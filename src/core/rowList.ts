import { bisect } from './bisect';

/** Rows of a piece of a list. */
const PIECE_ROWS = 1 << 16;

/** Row numbers, 4 bytes each. */
export class RowList {
  readonly #pieces: Uint32Array[] = [];
  #ascending = true;
  length = 0;

  add(rows: Uint32Array | readonly number[]): void {
    for (let done = 0; done < rows.length;) {
      const at = this.length % PIECE_ROWS;
      if (at === 0) this.#pieces.push(new Uint32Array(PIECE_ROWS));
      const some = rows.slice(done, done + PIECE_ROWS - at);
      this.#pieces.at(-1)?.set(some, at);
      done += some.length;
      this.length += some.length;
    }
  }

  replace(rows: Uint32Array, ascending: boolean): void {
    this.#pieces.length = 0;
    this.length = 0;
    this.add(rows);
    this.#ascending = ascending;
  }

  all(): Uint32Array<ArrayBuffer> {
    const all = new Uint32Array(this.length);
    this.#pieces.forEach((piece, at) =>
      all.set(piece.subarray(0, this.length - at * PIECE_ROWS), at * PIECE_ROWS),
    );
    return all;
  }

  at(position: number): number | undefined {
    return position < this.length
      ? this.#pieces[Math.floor(position / PIECE_ROWS)]?.[position % PIECE_ROWS]
      : undefined;
  }

  positionOf(row: number): number {
    if (!this.#ascending) {
      for (let position = 0; position < this.length; position++)
        if (this.at(position) === row) return position;
      return 0;
    }
    return bisect(0, this.length, position => (this.at(position) ?? 0) < row);
  }
}
