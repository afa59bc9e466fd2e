/**
 * Texts that a model proposed, beside the ledgers but ignored by git: they can be made again. The ledger gets only the
 * one that an edit takes.
 */
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TakenCandidate } from '../core/events';
import type { Fingerprint, UnitKey } from '../core/record';
import { APPEND_FLAGS } from './ledger';

export interface Candidate extends TakenCandidate {
  readonly id: string;
  readonly key: UnitKey;
  /** The target field that it is for. */
  readonly name: string;
  readonly text: string;
  /** The text of the unit that it was made from. */
  readonly fingerprint: Fingerprint;
}

/** A line that takes an earlier one back. */
interface Discard {
  readonly discard: string;
}

export class Candidates {
  readonly #byId: Map<string, Candidate>;

  private constructor(candidates: Map<string, Candidate>) {
    this.#byId = candidates;
  }

  /** @param folder of one file a clone; need not exist. Lines that are no candidates are skipped */
  static async open(folder: string): Promise<Candidates> {
    const names = (await readdir(folder).catch(() => [])).filter(name => name.endsWith('.jsonl')).sort();
    const candidates = new Map<string, Candidate>();
    for (const name of names) {
      const text = await readFile(join(folder, name), 'utf8').catch(() => '');
      for (const entry of text.split('\n').map(parse)) {
        if (!entry) continue;
        if ('discard' in entry) candidates.delete(entry.discard);
        else candidates.set(entry.id, entry);
      }
    }
    return new Candidates(candidates);
  }

  get(id: string): Candidate | undefined {
    return this.#byId.get(id);
  }

  of(key: UnitKey): Candidate[] {
    return [...this.#byId.values()].filter(candidate => candidate.key === key);
  }

  /** @param file of this clone, in a folder that is there */
  async add(file: string, candidate: Candidate): Promise<void> {
    await append(file, candidate);
    this.#byId.set(candidate.id, candidate);
  }

  async discard(file: string, id: string): Promise<void> {
    await append(file, { discard: id });
    this.#byId.delete(id);
  }
}

/** On a line of its own, also after a torn one. */
async function append(file: string, entry: Candidate | Discard): Promise<void> {
  const handle = await open(file, APPEND_FLAGS, 0o644);
  try {
    await handle.write(`\n${JSON.stringify(entry)}\n`);
  } finally {
    await handle.close();
  }
}

function parse(line: string): Candidate | Discard | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return undefined;
    const entry = value as Record<string, unknown>;
    if (typeof entry['discard'] === 'string') return { discard: entry['discard'] };
    const texts = ['id', 'key', 'name', 'text', 'model', 'prompt', 'fingerprint'];
    const parameters = entry['parameters'];
    const whole = typeof parameters === 'object' && parameters !== null;
    return whole && texts.every(name => typeof entry[name] === 'string') ? (value as Candidate) : undefined;
  } catch {
    return undefined;
  }
}
