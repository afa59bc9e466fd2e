/** The same change to every record of the queue: worked out, shown, ticked, and then made as one action. */
import type { FieldEdit, NewEvent } from './core/events';
import { say, UserError, type Said } from './core/messages';
import { MAX_ROWS, type BulkChange, type BulkRow, type BulkView } from './core/protocol';
import type { Field } from './core/record';
import { breather } from './io/breath';
import { MAX_LINE_BYTES } from './io/ledgerLines';
import type { Session } from './session';
import type { Loaded } from './units';

/** All of it is one line of a ledger; what the line has besides its events fits into the rest. */
const MAX_BYTES = MAX_LINE_BYTES - (64 << 10);
/** Bytes that undoing or redoing an event may need besides its texts. */
const UNDO_BYTES = 200;
/** UTF-16 units shown of a text, and on each side of a change in it. */
const SHOWN_UNITS = 160;
const AROUND_UNITS = 40;
/** Stretches with changes, and fields, that are shown of a record; further stretches are counted. */
const SHOWN_PARTS = 3;

interface Item {
  readonly row: Omit<BulkRow, 'position' | 'ticked'>;
  readonly event: NewEvent;
  ticked: boolean;
}

export class Bulk {
  readonly #session: Session;
  readonly #change: BulkChange;
  readonly #items: Item[] = [];
  readonly #refused = new Map<string, { readonly reason: Said; count: number }>();
  #left = 0;

  private constructor(session: Session, change: BulkChange) {
    this.#session = session;
    this.#change = change;
  }

  /**
   * Works out what a change would do, without doing any of it.
   * @param onProgress gets the share of the queue that was looked at, from 0 to 1
   * @throws UserError `bulk.empty` for a replacement of nothing
   */
  static async prepare(
    session: Session,
    change: BulkChange,
    { signal, onProgress }: { signal: AbortSignal; onProgress: (done: number) => void },
  ): Promise<Bulk> {
    if (change.kind === 'replace' && change.find === '') throw new UserError('bulk.empty');
    const bulk = new Bulk(session, change);
    await session.queue.done;
    if (change.kind === 'decide' && change.decision === 'approve') await session.shard.findBlockingSoon();
    await bulk.#look(signal, onProgress);
    return bulk;
  }

  async #look(signal: AbortSignal, onProgress: (done: number) => void): Promise<void> {
    const { queue, shard } = this.#session;
    const { length } = queue;
    const pause = breather(signal);
    let bytes = 0;
    for (let at = 0; at < length; at += MAX_ROWS) {
      signal.throwIfAborted();
      const loaded = await shard.loadRows(queue.rows(at, MAX_ROWS));
      for (const [step, each] of loaded.entries()) {
        if ('reason' in each) this.#refuse(say('bulk.bad'));
        const event = 'reason' in each ? undefined : this.#eventFor(each);
        await pause();
        if (!event || 'reason' in each) continue;
        bytes += bytesOf(each, event);
        if (bytes > MAX_BYTES) {
          this.#left = length - at - step;
          return;
        }
        this.#items.push({
          row: rowOf(each, event, this.#change, shard.findings.of(shard.seen(each)).length),
          event,
          ticked: true,
        });
      }
      onProgress(Math.min(1, (at + loaded.length) / length));
    }
  }

  /** @returns undefined where the unit stays as it is */
  #eventFor(loaded: Loaded): NewEvent | undefined {
    try {
      return this.#made(loaded);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#refuse(error.said);
      return undefined;
    }
  }

  #refuse(reason: Said): void {
    const known = this.#refused.get(reason.id);
    if (known) known.count++;
    else this.#refused.set(reason.id, { reason, count: 1 });
  }

  #made(loaded: Loaded): NewEvent | undefined {
    const change = this.#change;
    const session = this.#session;
    // By what is hidden from the reviewer nothing is refused: that would tell.
    const { state } = session.shard.seen(loaded);
    switch (change.kind) {
      case 'assign': {
        session.permit('assign', loaded);
        const assigned = state.assignments.map(each => each.to);
        if (assigned.every(to => to === change.to) && (assigned.length > 0 || change.to === ''))
          throw new UserError('bulk.already');
        return session.assignmentOf(loaded, change.to);
      }
      case 'decide': {
        session.permit('decide', loaded);
        if (state.state === 'conflict') throw new UserError('bulk.conflict');
        if (state.state === 'disputed') throw new UserError('bulk.disputed');
        // What was approved and what is there now have to be seen.
        if (state.state === 'stale') throw new UserError('bulk.stale');
        const mine = state.decisions.find(each => each.by === session.writer?.reviewer);
        if (mine?.fingerprint === state.fingerprint && mine.decision === change.decision)
          throw new UserError('bulk.already');
        return session.decisionOn(loaded, change.decision, change.verdict);
      }
      case 'replace': {
        const changes = replacedIn(loaded.target, change);
        if (changes.length === 0) return undefined;
        if (state.state === 'conflict') throw new UserError('bulk.conflict');
        // Edits that wait for a look at the changed record would be replaced unseen.
        if (state.state === 'stale' && state.heads.length > 0 && !state.current)
          throw new UserError('bulk.stale');
        return session.editOf(loaded, changes);
      }
    }
  }

  get view(): BulkView {
    return {
      change: this.#change,
      total: this.#items.length,
      ticked: this.#items.filter(each => each.ticked).length,
      refused: [...this.#refused.values()].map(({ reason, count }) => ({ reason, count })),
      left: this.#left,
    };
  }

  /** @param count at most {@link MAX_ROWS} */
  rows(from: number, count: number): BulkRow[] {
    return this.#items
      .slice(from, from + Math.min(count, MAX_ROWS))
      .map(({ row, ticked }, step) => ({ ...row, position: from + step, ticked }));
  }

  /** @param position null: all of them */
  tick(position: number | null, ticked: boolean): void {
    for (const item of position === null ? this.#items : this.#items.slice(position, position + 1))
      item.ticked = ticked;
  }

  /** Makes what is ticked, as one action. @returns the number of units */
  async commit(): Promise<number> {
    const events = this.#items.filter(each => each.ticked).map(each => each.event);
    await this.#session.bulk(events);
    return events.length;
  }
}

/** What an event takes in a ledger, or the one that takes it back, which names the texts before it: both must fit. */
function bytesOf({ target }: Loaded, event: NewEvent): number {
  const size = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length;
  if (event.type !== 'edit') return size(event) + UNDO_BYTES;
  const changed = target.filter(({ name }) => event.fields.some(field => field.name === name));
  return Math.max(size(event), size({ ...event, fields: changed })) + UNDO_BYTES;
}

function rowOf(loaded: Loaded, event: NewEvent, change: BulkChange, findings: number): Item['row'] {
  const { row, line, unit, target } = loaded;
  const parts = change.kind === 'replace' && event.type === 'edit' ? target.flatMap(partsOf(change)) : [];
  return {
    row,
    line,
    key: unit.key,
    lang: unit.targetLang,
    sourceLang: unit.sourceLang,
    fields: change.kind === 'replace' ? [] : beginnings(loaded),
    findings,
    changes: parts.slice(0, SHOWN_PARTS),
    more: Math.max(0, parts.length - SHOWN_PARTS),
  };
}

function beginnings({ source, target }: Loaded): BulkRow['fields'] {
  const cut = (text: string) => (text.length > SHOWN_UNITS ? `${text.slice(0, SHOWN_UNITS)}…` : text);
  return target
    .map(({ name, text }, at) => ({ name, source: cut(source[at]?.text ?? ''), target: cut(text) }))
    .filter(field => field.source !== '' || field.target !== '')
    .slice(-SHOWN_PARTS);
}

type Replacement = Omit<Extract<BulkChange, { kind: 'replace' }>, 'kind'>;

/** The stretches of a field in which something is replaced, each with some of what stands around it. */
function partsOf(change: Replacement): (field: Field) => BulkRow['changes'] {
  return ({ name, text }) => {
    const stretches: [from: number, to: number][] = [];
    for (const { index, 0: found } of text.matchAll(patternOf(change))) {
      const [from, to] = [Math.max(0, index - AROUND_UNITS), index + found.length + AROUND_UNITS];
      const last = stretches.at(-1);
      const overlaps = last !== undefined && from <= last[1];
      if (overlaps && to - last[0] <= SHOWN_UNITS) {
        last[1] = to;
        continue;
      }
      // No stretch ends within what is replaced.
      if (overlaps) last[1] = Math.min(last[1], index);
      stretches.push([overlaps ? last[1] : from, to]);
    }
    return stretches.map(([from, to]) => {
      const before = text.slice(from, to);
      return { name, before, after: replaced(before, change) };
    });
  };
}

function patternOf({ find, matchCase }: Replacement): RegExp {
  const literal = find.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return new RegExp(literal, matchCase ? 'gu' : 'giu');
}

function replaced(text: string, change: Replacement): string {
  // As a function: in a string `$` would mean something.
  return text.replace(patternOf(change), () => change.replacement);
}

/** The fields in which a text occurs, with the other one in its place. Without case, letters of all scripts are folded. */
export function replacedIn(fields: readonly Field[], change: Replacement): FieldEdit[] {
  return fields.flatMap(({ name, text }): FieldEdit[] => {
    const after = replaced(text, change);
    return after === text ? [] : [{ side: 'target', name, text: after }];
  });
}
