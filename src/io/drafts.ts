/**
 * Text typed but not yet an event: one small file a shard, outside the repository, so that hiding the tab, a reload or
 * a crash loses nothing. A draft remembers which edits it began from, so that it never overwrites one it has not seen.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EventId } from '../core/events';
import { isObject } from '../core/jsonValue';
import type { Fingerprint, Side, UnitKey } from '../core/record';
import { hasCode, replaceFile } from './files';
import { inTurn } from './inTurn';

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
  readonly #inTurn = inTurn();

  private constructor(file: string, drafts: Map<string, Draft>) {
    this.#file = file;
    this.#drafts = drafts;
  }

  /** @param file need not exist; a file that is not ours to read (torn, foreign) counts as empty */
  static async open(file: string): Promise<Drafts> {
    // What cannot be read now is said when something is to be kept.
    return new Drafts(file, await readDrafts(file).catch(() => new Map<string, Draft>()));
  }

  of(key: UnitKey): Draft[] {
    return [...this.#drafts.values()].filter(draft => draft.key === key);
  }

  set(draft: Draft): Promise<void> {
    return this.#change(drafts => {
      drafts.set(placeOf(draft), draft);
    });
  }

  async drop(gone: readonly Pick<Draft, 'key' | 'side' | 'name'>[]): Promise<void> {
    if (!gone.some(draft => this.#drafts.has(placeOf(draft)))) return;
    await this.#change(drafts => {
      for (const draft of gone) drafts.delete(placeOf(draft));
    });
  }

  /** Starts from what is on disk, since another window on the same shard keeps its drafts there too. */
  #change(change: (drafts: Map<string, Draft>) => void): Promise<void> {
    change(this.#drafts);
    return this.#inTurn(async () => {
      const drafts = await readDrafts(this.#file);
      change(drafts);
      if (drafts.size === 0) {
        await rm(this.#file, { force: true });
        return;
      }
      await mkdir(dirname(this.#file), { recursive: true });
      await replaceFile(this.#file, async file => file.writeFile(JSON.stringify([...drafts.values()])));
    });
  }
}

async function readDrafts(file: string): Promise<Map<string, Draft>> {
  const json = await readFile(file, 'utf8').catch((error: unknown) => {
    // Any other error may pass, and what is there must not be written over meanwhile.
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return '';
    throw error;
  });
  try {
    const value: unknown = JSON.parse(json);
    const drafts = Array.isArray(value) ? value.filter(isDraft) : [];
    return new Map(drafts.map(draft => [placeOf(draft), draft]));
  } catch {
    return new Map();
  }
}

function placeOf({ key, side, name }: Pick<Draft, 'key' | 'side' | 'name'>): string {
  return JSON.stringify([key, side, name]);
}

function isDraft(value: unknown): value is Draft {
  if (!isObject(value)) return false;
  const { key, side, name, text, head, fingerprint } = value;
  return (
    [key, side, name, text, fingerprint].every(member => typeof member === 'string') &&
    Array.isArray(head) &&
    head.every(id => typeof id === 'string')
  );
}
