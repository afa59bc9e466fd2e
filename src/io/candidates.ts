/**
 * Texts that a model proposed, beside the ledgers but ignored by git: they can be made again. The ledger gets only the
 * one that an edit takes.
 */
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { TakenCandidate } from '../core/events';
import type { Fingerprint, UnitKey } from '../core/record';

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
  readonly #file: string;
  readonly #byId: Map<string, Candidate>;

  private constructor(file: string, candidates: Map<string, Candidate>) {
    this.#file = file;
    this.#byId = candidates;
  }

  /** @param file need not exist; lines that are no candidates are skipped */
  static async open(file: string): Promise<Candidates> {
    const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
    const candidates = new Map<string, Candidate>();
    for (const line of lines) {
      const entry = parse(line);
      if (!entry) continue;
      if ('discard' in entry) candidates.delete(entry.discard);
      else candidates.set(entry.id, entry);
    }
    return new Candidates(file, candidates);
  }

  get(id: string): Candidate | undefined {
    return this.#byId.get(id);
  }

  of(key: UnitKey): Candidate[] {
    return [...this.#byId.values()].filter(candidate => candidate.key === key);
  }

  async add(candidate: Candidate): Promise<void> {
    await this.#append(candidate);
    this.#byId.set(candidate.id, candidate);
  }

  async discard(id: string): Promise<void> {
    await this.#append({ discard: id });
    this.#byId.delete(id);
  }

  async #append(entry: Candidate | Discard): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true });
    await appendFile(this.#file, `${JSON.stringify(entry)}\n`);
  }
}

function parse(line: string): Candidate | Discard | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return undefined;
    const entry = value as Record<string, unknown>;
    if (typeof entry['discard'] === 'string') return { discard: entry['discard'] };
    const texts = ['id', 'key', 'name', 'text', 'model', 'prompt', 'fingerprint'];
    return texts.every(name => typeof entry[name] === 'string') ? (value as Candidate) : undefined;
  } catch {
    return undefined;
  }
}
