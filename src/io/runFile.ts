/**
 * How far a run over many records is, so that it can go on after a restart:
 * `.crossalpaca/<shard>/cache/run-<clone>.jsonl`, which git ignores. The first line says what was asked for, each other one
 * a unit that is done: 16 hex digits of SHA-256 over its key and fingerprint, what became of it, and the id of the run, since
 * another window or the command line may have begun one since. Appended without fsync: what is lost is asked for once more.
 */
import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, parseJson } from '../core/jsonValue';
import { UserError } from '../core/messages';
import { PROMPT_STYLES, type PromptStyle } from '../core/prompt';
import type { Lang } from '../core/record';
import {
  MAX_ADVICE,
  MAX_COUNT,
  MODES,
  OUTCOMES,
  SPLITS,
  type Outcome,
  type Outcomes,
  type Wish,
} from '../core/regeneration';
import { UnitHashes } from '../core/unitHashes';
import { boundedLines, type BoundedLine } from './boundedLines';
import { breather } from './breath';
import { cause, hasCode, replaceFile } from './files';
import { APPEND_FLAGS, type Ledgers } from './ledger';
import { CACHE } from './reviewFolder';
import { together } from './together';

/** Bytes of a line: the first holds a query and a line of advice, each of a few thousand at most. */
const MAX_LINE_BYTES = 64 << 10;
const LINE = /^\["([0-9a-f]{16})","([a-z-]+)","([0-9A-Za-z]{1,40})"\]$/;
const ID = /^[0-9A-Za-z]{1,40}$/;
/** Target fields that a wish may name, languages that a run may go through, and UTF-16 units of any name. */
const MAX_NAMES = 100;
const MAX_NAME = 200;
const MAX_QUERY = 4000;

/** What a run was asked to do. */
export interface RunOrder {
  /** In the language of the filter. */
  readonly query: string;
  /** Target languages, one after the other; empty where no record has several. */
  readonly langs: readonly Lang[];
  readonly wish: Omit<Wish, 'finding'>;
  readonly style: PromptStyle;
  readonly model: string;
  /** Whether only fields with a warning are written anew, each unit with what was found in it as advice. */
  readonly onlyFlagged: boolean;
  /** Whether units are passed over that have a candidate for their current text. */
  readonly skipWithCandidate: boolean;
}

/** A run that has begun. */
export interface RunState {
  /** Told on each of its candidates. */
  readonly id: string;
  readonly order: RunOrder;
  readonly outcomes: Outcomes;
  /** By `unitHash`. */
  readonly finished: UnitHashes;
}

export const NO_OUTCOMES: Outcomes = {
  good: 0,
  suspect: 0,
  nothing: 0,
  'too-long': 0,
  unusable: 0,
  failed: 0,
  changed: 0,
};

export class RunFile {
  readonly path: string;
  readonly #ledgers: Ledgers;
  readonly #append = together(async (lines: readonly string[]) => {
    // Where another window gave the run up, how far it is need not be kept.
    const file = await open(this.path, APPEND_FLAGS & ~constants.O_CREAT).catch((error: unknown) => {
      if (!hasCode(error, 'ENOENT')) throw error;
    });
    if (file) await file.appendFile(lines.join('')).finally(() => file.close());
    return lines.map(() => undefined);
  });
  /** The last line that was to be written, and so all before it. */
  #written: Promise<void> = Promise.resolve();

  constructor(ledgers: Ledgers, clone: string) {
    this.path = join(ledgers.folder, CACHE, `run-${clone}.jsonl`);
    this.#ledgers = ledgers;
  }

  /** The run that was begun and is not done; undefined where there is none, or none that can be read. */
  async read(): Promise<RunState | undefined> {
    const counts: Record<Outcome, number> = { ...NO_OUTCOMES };
    const hashes: string[] = [];
    let first: Pick<RunState, 'id' | 'order'> | undefined;
    const pause = breather();
    try {
      for await (const { text = '' } of boundedLines(this.path, MAX_LINE_BYTES)) {
        if (!first) {
          first = readOrder(text);
          if (!first) return undefined;
          continue;
        }
        await pause();
        const [, digits, name, id] = LINE.exec(text) ?? [];
        if (id !== first.id) continue;
        const outcome = OUTCOMES.find(each => each === name);
        if (digits === undefined || !outcome) continue;
        hashes.push(digits);
        counts[outcome]++;
      }
    } catch {
      return undefined;
    }
    return first && { ...first, outcomes: counts, finished: UnitHashes.of(hashes) };
  }

  /** Begins a run; one that is there is forgotten. @throws UserError `run.notWritten`, `ledger.link` */
  async begin(id: string, order: RunOrder): Promise<void> {
    await this.#ledgers.prepare(CACHE);
    const line = JSON.stringify({ v: 1, id, ...order });
    await replaceFile(this.path, file => file.writeFile(`${line}\n`)).catch(raiseNotWritten(this.path));
  }

  /** @param digits as of `unitHash` @throws UserError `run.notWritten` */
  async finish(id: string, digits: string, outcome: Outcome): Promise<void> {
    // On a line of its own, also after a torn one.
    const written = this.#append(`\n${JSON.stringify([digits, outcome, id])}\n`);
    this.#written = written.catch(() => undefined);
    await written.catch(raiseNotWritten(this.path));
  }

  /** Unless it is of another run by now. */
  async remove(id: string): Promise<void> {
    await this.#written;
    const first = await boundedLines(this.path, MAX_LINE_BYTES)
      .next()
      .catch(() => undefined);
    const text = (first?.value as BoundedLine | undefined)?.text ?? '';
    if (readOrder(text)?.id === id) await rm(this.path, { force: true });
  }
}

const raiseNotWritten =
  (path: string) =>
  (error: unknown): never => {
    throw new UserError('run.notWritten', path, cause(error));
  };

/** A file in a cloned repository may say anything: whatever is not as it must be makes it none. */
function readOrder(line: string): Pick<RunState, 'id' | 'order'> | undefined {
  const run = parseJson(line);
  if (!isObject(run) || run['v'] !== 1) return undefined;
  const { wish } = run;
  if (!isObject(wish)) return undefined;
  const { id, query, langs, style, model, onlyFlagged, skipWithCandidate } = run;
  const { mode, fields, advice, count, split } = wish;
  const isSound =
    typeof id === 'string' &&
    ID.test(id) &&
    typeof query === 'string' &&
    query.length <= MAX_QUERY &&
    isNames(langs) &&
    isNames(fields) &&
    isName(model) &&
    typeof advice === 'string' &&
    advice.length <= MAX_ADVICE &&
    Number.isInteger(count) &&
    (count as number) >= 1 &&
    (count as number) <= MAX_COUNT &&
    MODES.includes(mode as never) &&
    SPLITS.includes(split as never) &&
    PROMPT_STYLES.includes(style as never) &&
    typeof onlyFlagged === 'boolean' &&
    typeof skipWithCandidate === 'boolean';
  if (!isSound) return undefined;
  const order = {
    query,
    langs,
    wish: { mode, fields, advice, count, split },
    style,
    model,
    onlyFlagged,
    skipWithCandidate,
  } as RunOrder;
  return { id, order };
}

const isName = (value: unknown): value is string => typeof value === 'string' && value.length <= MAX_NAME;
const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length <= MAX_NAMES && value.every(isName);
