/**
 * Every event that was met, found by its id, its unit and its reviewer. What is in it never hangs on what came first.
 *
 * An event that was read is kept as the bytes of its line until somebody asks for it: objects for all of 100,000 at once take the
 * collector of garbage as long as reading them does, and most are of units that nobody looks at yet.
 */
import { encodeEvent, type EventId, type ReviewEvent } from './events';
import { byOrder } from './fold';
import type { UnitKey } from './record';

/** Far below 2^53: a forged counter above it does not take away the room that later events need. */
const MAX_SEQ = 2 ** 50;

/** What became of an event: it is new, it was there, or another one has its id, which only a mistake or a forgery makes. */
export type Added = 'new' | 'repeated' | 'rival';

/** Where the line of an event stands in what was read, which must not change afterwards. */
export interface Source {
  readonly bytes: Uint8Array;
  /** First byte of the line, and the one after its last. */
  readonly from: number;
  readonly to: number;
}

/** Reads a line that `decodeEvent` took for an event. */
type Read = (source: Source) => ReviewEvent;

/** One that is in several indexes, each of which sees when it is there as an event. */
interface Entry {
  kept: ReviewEvent | Source;
}

export class EventSet {
  readonly #byId = new Map<EventId, Entry>();
  /** One or several: most units have one, and a list for each takes as long to make as all the rest. */
  readonly #byKey = new Map<UnitKey, Entry | Entry[]>();
  readonly #byReviewer = new Map<string, { entries: Entry[]; sorted?: ReviewEvent[] }>();
  readonly byId: ReadonlyMap<EventId, ReviewEvent> = new EventsById(this.#byId, entry =>
    this.#eventOf(entry),
  );
  #seq: number;

  readonly #read: Read;

  /** @param seq a counter above which all that follow have to be */
  constructor(read: Read, seq = 0) {
    this.#read = read;
    this.#seq = seq;
  }

  /** The units that anything happened to. */
  get keys(): Iterable<UnitKey> {
    return this.#byKey.keys();
  }

  get isEmpty(): boolean {
    return this.#byId.size === 0;
  }

  /** Whether anything happened to a unit; tells it without reading what. */
  has(key: UnitKey): boolean {
    return this.#entriesOf(key).length > 0;
  }

  /** The highest counter met, of which the next event's is one more. */
  get seq(): number {
    return this.#seq;
  }

  /** The events of one unit, in the order in which they were met. */
  eventsOf(key: UnitKey): readonly ReviewEvent[] {
    return this.#entriesOf(key).map(entry => this.#eventOf(entry));
  }

  /** The events of one reviewer, in the order in which they were made. */
  eventsBy(reviewer: string): readonly ReviewEvent[] {
    const mine = this.#byReviewer.get(reviewer);
    if (!mine) return [];
    // Ledgers are read one after the other, and those of one reviewer overlap in time. Sorting joined runs is quick.
    mine.sorted ??= mine.entries.map(entry => this.#eventOf(entry)).sort(byOrder);
    return mine.sorted;
  }

  /**
   * Takes an event in; of two with one id the same one is kept, whichever came first.
   * @param event of which, if there is a source, only `id`, `key`, `by` and `seq` are looked at
   * @param source from which it is read once it is asked for; without one the event itself is kept
   */
  add(event: ReviewEvent, source?: Source): Added {
    const known = this.#byId.get(event.id);
    if (known !== undefined) {
      const [ours, theirs] = [rank(this.#eventOf(known)), rank(source ? this.#read(source) : event)];
      if (ours === theirs) return 'repeated';
      if (ours < theirs) return 'rival';
      this.#remove(known);
    }
    const entry: Entry = { kept: source ?? event };
    this.#byId.set(event.id, entry);
    const others = this.#byKey.get(event.key);
    if (others === undefined) this.#byKey.set(event.key, entry);
    else if (Array.isArray(others)) others.push(entry);
    else this.#byKey.set(event.key, [others, entry]);
    const mine = this.#byReviewer.get(event.by);
    if (mine === undefined) {
      this.#byReviewer.set(event.by, { entries: [entry] });
    } else {
      mine.entries.push(entry);
      if (mine.sorted) insert(mine.sorted, this.#eventOf(entry));
    }
    if (event.seq > this.#seq && event.seq <= MAX_SEQ) this.#seq = event.seq;
    return known === undefined ? 'new' : 'rival';
  }

  #entriesOf(key: UnitKey): readonly Entry[] {
    const known = this.#byKey.get(key);
    return known === undefined ? [] : Array.isArray(known) ? known : [known];
  }

  #remove(entry: Entry): void {
    const { key, by } = this.#eventOf(entry);
    const others = this.#entriesOf(key).filter(each => each !== entry);
    if (others.length > 0) this.#byKey.set(key, others);
    else this.#byKey.delete(key);
    const mine = this.#byReviewer.get(by)?.entries ?? [];
    this.#byReviewer.set(by, { entries: mine.filter(each => each !== entry) });
  }

  #eventOf(entry: Entry): ReviewEvent {
    // The bytes go then, so that an event is not kept twice.
    if ('bytes' in entry.kept) entry.kept = this.#read(entry.kept);
    return entry.kept;
  }
}

/** The map of all events, each made of its line when it is asked for. */
class EventsById implements ReadonlyMap<EventId, ReviewEvent> {
  readonly #entries: ReadonlyMap<EventId, Entry>;
  readonly #eventOf: (entry: Entry) => ReviewEvent;

  constructor(entries: ReadonlyMap<EventId, Entry>, eventOf: (entry: Entry) => ReviewEvent) {
    this.#entries = entries;
    this.#eventOf = eventOf;
  }

  get size(): number {
    return this.#entries.size;
  }

  has(id: EventId): boolean {
    return this.#entries.has(id);
  }

  get(id: EventId): ReviewEvent | undefined {
    const entry = this.#entries.get(id);
    return entry && this.#eventOf(entry);
  }

  keys(): MapIterator<EventId> {
    return this.#entries.keys();
  }

  *values(): Generator<ReviewEvent, undefined> {
    for (const entry of this.#entries.values()) yield this.#eventOf(entry);
    return undefined;
  }

  *entries(): Generator<[EventId, ReviewEvent], undefined> {
    for (const [id, entry] of this.#entries) yield [id, this.#eventOf(entry)];
    return undefined;
  }

  [Symbol.iterator](): Generator<[EventId, ReviewEvent], undefined> {
    return this.entries();
  }

  forEach(use: (event: ReviewEvent, id: EventId, map: ReadonlyMap<EventId, ReviewEvent>) => void): void {
    for (const [id, event] of this) use(event, id, this);
  }
}

/** Puts an event into its place, which for a new one is nearly always the last. */
function insert(sorted: ReviewEvent[], event: ReviewEvent): void {
  const at = sorted.findLastIndex(each => byOrder(each, event) <= 0);
  if (at === sorted.length - 1) sorted.push(event);
  else sorted.splice(at + 1, 0, event);
}

/** An order of events that share an id. */
function rank(event: ReviewEvent): string {
  return `${event.by} ${encodeEvent(event)}`;
}
