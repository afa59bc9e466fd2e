/** Lines kept on disk until they are wanted in the order of their ranks: in memory are those of one bucket at a time. */
import { open, type FileHandle } from 'node:fs/promises';
import { readAt } from './files';

/** A gibibyte of lines makes buckets of 2 MiB. */
const BUCKETS = 512;
/** Hex digits of a rank that tell the bucket, and their bits that are left over. */
const DIGITS = 3;
const SPARE_BITS = 3;
/** Bytes of a bucket gathered before a write: 8 MiB in all of them. */
const CHUNK_BYTES = 1 << 14;

/** Whole lines of one bucket, as they stand in the file. */
interface Chunk {
  readonly position: number;
  readonly length: number;
}

/** What is not written yet: as bytes, since strings that grow piece by piece take several times as much. */
interface Bucket {
  readonly chunks: Chunk[];
  buffer: Buffer;
  filled: number;
}

export class Buckets {
  readonly #file: FileHandle;
  /** One file for all: a process may not have hundreds of them open everywhere. */
  readonly #buckets = Array.from({ length: BUCKETS }, (): Bucket => ({
    chunks: [],
    buffer: NOTHING,
    filled: 0,
  }));
  #bytes = 0;
  #lines = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @param path of a file that is not there yet; whoever made it removes it */
  static async make(path: string): Promise<Buckets> {
    return new Buckets(await open(path, 'wx+'));
  }

  /** Lines added so far. */
  get lines(): number {
    return this.#lines;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /**
   * @param line begins with its rank: lower-case hex digits, as many in all lines. Has no line feed
   * @returns where something is written to disk, when that is done
   */
  add(line: string): Promise<void> | undefined {
    this.#lines++;
    const bucket = this.#buckets[parseInt(line.slice(0, DIGITS), 16) >> SPARE_BITS];
    if (!bucket) throw new RangeError(`no rank: ${line.slice(0, DIGITS)}`);
    // A UTF-16 unit takes three bytes at most.
    if (bucket.filled + 3 * line.length + 1 <= bucket.buffer.length) {
      put(bucket, line);
      return undefined;
    }
    return this.#makeRoom(bucket, line);
  }

  async #makeRoom(bucket: Bucket, line: string): Promise<void> {
    await this.#flush(bucket);
    const needed = 3 * line.length + 1;
    if (needed > bucket.buffer.length) bucket.buffer = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, needed));
    put(bucket, line);
    if (bucket.buffer.length === CHUNK_BYTES) return;
    await this.#flush(bucket);
    bucket.buffer = NOTHING;
  }

  async #flush(bucket: Bucket): Promise<void> {
    if (bucket.filled === 0) return;
    bucket.chunks.push({ position: this.#bytes, length: bucket.filled });
    this.#bytes += bucket.filled;
    await this.#file.appendFile(bucket.buffer.subarray(0, bucket.filled));
    bucket.filled = 0;
  }

  /** All lines in the order of their ranks, bucket by bucket; nothing can be added after that. */
  async *ranked(): AsyncGenerator<string[]> {
    for (const bucket of this.#buckets) {
      await this.#flush(bucket);
      const lines: string[] = [];
      for (const chunk of bucket.chunks) for (const line of await this.#read(chunk)) lines.push(line);
      yield lines.sort();
    }
  }

  /** As `ranked`, where lines were added in that order, and all of them may be of one bucket. */
  async *inOrder(): AsyncGenerator<string[]> {
    for (const bucket of this.#buckets) {
      await this.#flush(bucket);
      for (const chunk of bucket.chunks) yield this.#read(chunk);
    }
  }

  async #read({ position, length }: Chunk): Promise<string[]> {
    const bytes = await readAt(this.#file, position, length);
    return bytes.toString('utf8', 0, bytes.length - 1).split('\n');
  }
}

const NOTHING = Buffer.alloc(0);
const LINE_FEED = 0x0a;

function put(bucket: Bucket, line: string): void {
  bucket.filled += bucket.buffer.write(line, bucket.filled, 'utf8');
  bucket.buffer[bucket.filled++] = LINE_FEED;
}
