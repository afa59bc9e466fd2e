/**
 * Every event that was met, by its unit. What is in it never hangs on what came first.
 *
 * Only what the fold compares is kept of an event, some 250 bytes: a million of them fit into the memory of an editor.
 */
import type { EventId } from './events';
import { byOrder, type DecideFacts, type EditFacts, type EventFacts } from './eventFacts';
import type { Fingerprint, UnitKey } from './record';

/** Events of one unit from which on they are looked up by their ids; below that looking at each is quicker. */
const MANY = 16;

/** What became of an event: it is new, it was there, or another one has its id, which only a mistake or a forgery makes. */
export type Added = 'new' | 'repeated' | 'rival';

export class EventSet {
  /** One or several: most units have few, and a list for each takes as long to make as all the rest. */
  readonly #byKey = new Map<UnitKey, EventFacts | EventFacts[]>();
  /** Of units with many events. */
  readonly #ids = new Map<UnitKey, Map<EventId, EventFacts>>();
  /** Made when it is first asked for, of those who ask: people undo their own. */
  readonly #byReviewer = new Map<string, EventFacts[]>();
  readonly #names = new Map<string, string>();
  #seq: number;
  #size = 0;

  /** @param seq a counter above which all that follow have to be */
  constructor(seq = 0) {
    this.#seq = seq;
  }

  /** The units that anything happened to. */
  get keys(): Iterable<UnitKey> {
    return this.#byKey.keys();
  }

  get size(): number {
    return this.#size;
  }

  /** Everybody who wrote an event. */
  get reviewers(): Iterable<string> {
    return this.#names.keys();
  }

  /** Whether anything happened to a unit. */
  has(key: UnitKey): boolean {
    return this.#byKey.has(key);
  }

  /** The highest counter met, of which the next event's is one more. */
  get seq(): number {
    return this.#seq;
  }

  /** The events of one unit, in the order in which they were met. */
  eventsOf(key: UnitKey): readonly EventFacts[] {
    const known = this.#byKey.get(key);
    return known === undefined ? NO_EVENTS : Array.isArray(known) ? known : [known];
  }

  get(key: UnitKey, id: EventId): EventFacts | undefined {
    return this.#ids.get(key)?.get(id) ?? this.eventsOf(key).find(event => event.id === id);
  }

  *all(): Generator<EventFacts, undefined> {
    for (const events of this.#byKey.values()) {
      if (Array.isArray(events)) yield* events;
      else yield events;
    }
    return undefined;
  }

  /** The events of one reviewer, in the order in which they were made. */
  eventsBy(reviewer: string): readonly EventFacts[] {
    let mine = this.#byReviewer.get(reviewer);
    if (!mine) {
      mine = [...this.all()].filter(event => event.by === reviewer).sort(byOrder);
      this.#byReviewer.set(reviewer, mine);
    }
    return mine;
  }

  /** Takes an event in; of two of one unit with one id the same one is kept, whichever came first. */
  add(event: EventFacts): Added {
    const others = this.#byKey.get(event.key);
    const known = others === undefined ? undefined : this.#known(event, others);
    if (known) {
      const [ours, theirs] = [rank(known), rank(event)];
      if (ours === theirs) {
        // The first place of all, so that everybody reads the same line.
        if (isBefore(event, known)) this.#replace(known, event);
        return 'repeated';
      }
      if (ours > theirs) this.#replace(known, event);
      return 'rival';
    }
    this.#share(event, others);
    if (others === undefined) {
      this.#byKey.set(event.key, event);
    } else if (Array.isArray(others)) {
      if (others.length < MANY) {
        // As long as needed: `push` makes room for a dozen more, and most units stay with few.
        const more = others.concat(event);
        this.#byKey.set(event.key, more);
        if (more.length === MANY) this.#ids.set(event.key, new Map(more.map(each => [each.id, each])));
      } else {
        others.push(event);
        this.#ids.get(event.key)?.set(event.id, event);
      }
    } else {
      this.#byKey.set(event.key, [others, event]);
    }
    const mine = this.#byReviewer.get(event.by);
    if (mine) insert(mine, event);
    this.#size++;
    if (event.seq > this.#seq) this.#seq = event.seq;
    return 'new';
  }

  #known({ id, key }: EventFacts, others: EventFacts | readonly EventFacts[]): EventFacts | undefined {
    if (!isList(others)) return others.id === id ? others : undefined;
    if (others.length >= MANY) return this.#ids.get(key)?.get(id);
    for (const each of others) if (each.id === id) return each;
    return undefined;
  }

  /** One string for what is the same in several events, in place of one for each line that was read. */
  #share(event: EventFacts, others: EventFacts | readonly EventFacts[] | undefined): void {
    const own = event as Shared;
    const name = this.#names.get(event.by);
    if (name === undefined) this.#names.set(event.by, event.by);
    else own.by = name;
    if (others === undefined) return;
    for (const other of isList(others) ? others.slice(-MANY) : [others]) {
      own.key = other.key;
      if (event.type === 'decide') shareOfDecision(own, event, other);
      else if (event.type === 'edit') shareOfEdit(own, event, other);
    }
  }

  #replace(known: EventFacts, event: EventFacts): void {
    const others = this.#byKey.get(known.key);
    if (!Array.isArray(others)) this.#byKey.set(known.key, event);
    else others[others.indexOf(known)] = event;
    this.#ids.get(known.key)?.set(event.id, event);
    this.#byReviewer.clear();
  }
}

const NO_EVENTS: readonly EventFacts[] = [];

function isList(events: EventFacts | readonly EventFacts[]): events is readonly EventFacts[] {
  return Array.isArray(events);
}

/** What several events may say alike. */
interface Shared {
  id: EventId;
  by: string;
  key: UnitKey;
  fingerprint?: Fingerprint;
  base?: Fingerprint;
  result?: Fingerprint;
  head?: readonly EventId[];
  parents?: readonly EventId[];
}

function shareOfDecision(own: Shared, event: DecideFacts, other: EventFacts): void {
  if (other.type === 'decide') {
    if (other.fingerprint === event.fingerprint) own.fingerprint = other.fingerprint;
    if (event.head.length === 1 && other.head.length === 1 && other.head[0] === event.head[0])
      own.head = other.head;
  } else if (other.type === 'edit') {
    if (other.result === event.fingerprint) own.fingerprint = other.result;
    if (event.head[0] === other.id) own.head = seenBy(event.head, other);
  }
}

/** A decision may be met before the edit that it is about. */
function shareOfEdit(own: Shared, event: EditFacts, other: EventFacts): void {
  if (other.type === 'edit') {
    if (other.base === event.base) own.base = other.base;
    if (event.parents[0] === other.id) own.parents = seenBy(event.parents, other);
  } else if (other.type === 'decide') {
    if (other.fingerprint === event.base) own.base = other.fingerprint;
    if (other.fingerprint === event.result) own.result = other.fingerprint;
    const [seen] = other.head;
    if (seen === event.id) own.id = seen;
  }
}

/** The list with the very id of the edit that it begins with. */
function seenBy(list: readonly EventId[], { id }: EventFacts): readonly EventId[] {
  return [id, ...list.slice(1)];
}

/** Puts an event into its place, which for a new one is nearly always the last. */
function insert(sorted: EventFacts[], event: EventFacts): void {
  const at = sorted.findLastIndex(each => byOrder(each, event) <= 0);
  if (at === sorted.length - 1) sorted.push(event);
  else sorted.splice(at + 1, 0, event);
}

/** An order of events that share an id: the same for the same line, wherever it stands. */
function rank(event: EventFacts): string {
  return JSON.stringify({ ...event, file: '', from: 0 });
}

function isBefore(a: EventFacts, b: EventFacts): boolean {
  return a.file < b.file || (a.file === b.file && a.from < b.from);
}
