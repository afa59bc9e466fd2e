/** Finding the rows of a file, whether it holds lines or one array; refusing what is neither. */
import { UserError } from '../core/messages';
import { ArrayScan, arrayStart } from './arrayScan';
import { LineScan } from './lineScan';
import type { RowTable } from './rowTable';

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
/** First line of a pointer file: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
const LFS_POINTER = 'version https://git-lfs.github.com/spec/';

/** What must be known of a file beside where its rows begin. */
export interface Layout {
  /** Whether the rows are the elements of one array, and not lines. */
  readonly isArray: boolean;
  /** Byte of the bracket that closes the array, as soon as it is met. */
  readonly arrayEnd: number | undefined;
  /** Lines of nothing but white space. */
  readonly blankLines: number;
}

/** Takes the chunks of a file in their order and enters the rows into a table. */
export class FileScan implements Layout {
  readonly #path: string;
  readonly #size: number;
  readonly #table: RowTable;
  readonly #array = new ArrayScan();
  readonly #lines = new LineScan();
  /** Where the rows begin, or what stands between them. */
  #begin = 0;
  #isArray = false;
  #arrayEnd: number | undefined;

  /** @param size of the file in bytes */
  constructor(path: string, size: number, table: RowTable) {
    this.#path = path;
    this.#size = size;
    this.#table = table;
  }

  get isArray(): boolean {
    return this.#isArray;
  }

  get arrayEnd(): number | undefined {
    return this.#arrayEnd;
  }

  get blankLines(): number {
    return this.#lines.blankLines;
  }

  /**
   * @param position byte of the file at which `bytes` begins
   * @throws UserError `file.utf16` or `file.lfsPointer` at the first chunk
   */
  scan(bytes: Buffer, position: number): void {
    if (position === 0) this.#look(bytes);
    const from = Math.max(position, this.#begin);
    const rest = bytes.subarray(from - position);
    if (this.#isArray) {
      this.#array.scan(
        rest,
        at => this.#table.add(from + at, 0),
        at => (this.#arrayEnd = from + at),
      );
      return;
    }
    this.#lines.scan(rest, (at, blankLines) => this.#table.add(from + at, blankLines));
    if (position + bytes.length === this.#size) this.#lines.end();
  }

  #look(head: Buffer): void {
    if (head[0] === 0xff && head[1] === 0xfe) throw new UserError('file.utf16', this.#path);
    if (head[0] === 0xfe && head[1] === 0xff) throw new UserError('file.utf16', this.#path);
    if (head.toString('latin1', 0, LFS_POINTER.length) === LFS_POINTER) {
      throw new UserError('file.lfsPointer', this.#path);
    }
    const mark = head.subarray(0, 3).equals(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
    const inArray = arrayStart(head, mark);
    this.#isArray = inArray !== undefined;
    this.#begin = inArray ?? mark;
  }
}
