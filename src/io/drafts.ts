/**
 * Text typed but not yet an event: one small file a shard, outside the repository, so that hiding the tab, a reload or
 * a crash loses nothing. A draft remembers which edits it began from, so that it never overwrites one it has not seen.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EventId } from '../core/events';
import type { Fingerprint, Side, UnitKey } from '../core/record';
import { replaceFile } from './files';

export interface Draft {
  readonly key: UnitKey;
  readonly side: Side;
  readonly name: string;
  readonly text: string;
  /** The edits on whose text it began, and that text's fingerprint. */
  readonly head: readonly EventId[];
  readonly fingerprint: Fingerprint;
}

export class Drafts {
  readonly #file: string;
  readonly #drafts: Map<string, Draft>;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(file: string, drafts: readonly Draft[]) {
    this.#file = file;
    this.#drafts = new Map(drafts.map(draft => [placeOf(draft), draft]));
  }

  /** @param file need not exist; a file that is not ours to read (torn, foreign) counts as empty */
  static async open(file: string): Promise<Drafts> {
    try {
      const value: unknown = JSON.parse(await readFile(file, 'utf8'));
      return new Drafts(file, Array.isArray(value) ? value.filter(isDraft) : []);
    } catch {
      return new Drafts(file, []);
    }
  }

  of(key: UnitKey): Draft[] {
    return [...this.#drafts.values()].filter(draft => draft.key === key);
  }

  async set(draft: Draft): Promise<void> {
    this.#drafts.set(placeOf(draft), draft);
    await this.#save();
  }

  async drop(drafts: readonly Pick<Draft, 'key' | 'side' | 'name'>[]): Promise<void> {
    const dropped = drafts.map(draft => this.#drafts.delete(placeOf(draft)));
    if (dropped.includes(true)) await this.#save();
  }

  #save(): Promise<void> {
    const saved = this.#queue.then(async () => {
      if (this.#drafts.size === 0) return rm(this.#file, { force: true });
      await mkdir(dirname(this.#file), { recursive: true });
      const json = JSON.stringify([...this.#drafts.values()]);
      return replaceFile(this.#file, async file => file.writeFile(json));
    });
    this.#queue = saved.catch(() => undefined);
    return saved;
  }
}

function placeOf({ key, side, name }: Pick<Draft, 'key' | 'side' | 'name'>): string {
  return JSON.stringify([key, side, name]);
}

function isDraft(value: unknown): value is Draft {
  if (typeof value !== 'object' || value === null) return false;
  const { key, side, name, text, head, fingerprint } = value as Record<string, unknown>;
  return (
    [key, side, name, text, fingerprint].every(member => typeof member === 'string') &&
    Array.isArray(head) &&
    head.every(id => typeof id === 'string')
  );
}
