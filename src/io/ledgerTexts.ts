/** Reading events with their texts, from the places in the ledgers where their lines were met. */
import { actionOf, decodeEvent, eventsOf, type EventId, type ReviewEvent } from '../core/events';
import type { EventFacts } from '../core/eventFacts';
import { UserError } from '../core/messages';
import { readAt, withFile } from './files';

/** Bytes between two lines up to which one reading takes both: cheaper than another call. */
const GAP_BYTES = 16 << 10;
/** 1 MiB read at once, unless a line is longer. */
const SPAN_BYTES = 1 << 20;
/** Events kept after reading, so that one action reads nothing twice, and the bytes of their lines. */
const KEPT = 1000;
const KEPT_BYTES = 4 << 20;
/** Bulks kept: what is undone and redone, and what that was made on. Three as long as a line can be. */
const KEPT_BULKS = 16;
const KEPT_BULK_BYTES = 24 << 20;

/** A line of many events, with all of them. */
interface WholeLine {
  readonly file: string;
  readonly from: number;
  readonly length: number;
  readonly events: ReadonlyMap<EventId, ReviewEvent>;
}

export class LedgerTexts {
  readonly #kept = new Map<EventFacts, ReviewEvent>();
  #bytes = 0;
  /** Bulks read last, by their places: their parts are asked for one after the other, and reading one takes all of it. */
  readonly #bulks = new Map<string, WholeLine>();

  /** @throws UserError `ledger.changed` where another line stands in one of the places now, or nothing */
  async read(wanted: Iterable<EventFacts>): Promise<ReadonlyMap<EventFacts, ReviewEvent>> {
    const read = new Map<EventFacts, ReviewEvent>();
    const byFile = new Map<string, EventFacts[]>();
    for (const facts of wanted) {
      const known = this.#kept.get(facts) ?? this.#inBulk(facts);
      const others = byFile.get(facts.file);
      if (known) read.set(facts, known);
      else if (others) others.push(facts);
      else byFile.set(facts.file, [facts]);
    }
    for (const [file, facts] of byFile) {
      for (const [each, event] of await this.#readFrom(file, facts)) {
        read.set(each, event);
        if (actionOf(each.id) === each.id) this.#keep(each, event);
      }
    }
    return read;
  }

  #inBulk(facts: EventFacts): ReviewEvent | undefined {
    const bulk = this.#bulks.get(`${facts.from} ${facts.file}`);
    if (bulk?.length !== facts.length) return undefined;
    const event = bulk.events.get(facts.id);
    return event?.key === facts.key ? event : undefined;
  }

  #keepBulk(line: WholeLine): void {
    const bytes = [...this.#bulks.values()].reduce((sum, { length }) => sum + length, line.length);
    if (this.#bulks.size >= KEPT_BULKS || bytes > KEPT_BULK_BYTES) this.#bulks.clear();
    this.#bulks.set(`${line.from} ${line.file}`, line);
  }

  #keep(facts: EventFacts, event: ReviewEvent): void {
    if (this.#kept.size >= KEPT || this.#bytes + facts.length > KEPT_BYTES) {
      this.#kept.clear();
      this.#bytes = 0;
    }
    this.#kept.set(facts, event);
    this.#bytes += facts.length;
  }

  async #readFrom(path: string, facts: EventFacts[]): Promise<[EventFacts, ReviewEvent][]> {
    const found: [EventFacts, ReviewEvent][] = [];
    try {
      await withFile(path, async file => {
        for (const span of spansOf(facts)) {
          const [first, last] = [span[0], span.at(-1)];
          if (!first || !last) continue;
          const bytes = await readAt(file, first.from, last.from + last.length - first.from);
          let line: WholeLine | undefined;
          for (const each of span) {
            const { from, length } = each;
            // The parts of a bulk stand on one line.
            if (line?.from !== from) {
              const start = from - first.from;
              const events = eventsIn(bytes.toString('utf8', start, start + length));
              line = { file: path, from, length, events };
              if (events.size > 1) this.#keepBulk(line);
            }
            const event = line.events.get(each.id);
            if (event?.key !== each.key) throw new UserError('ledger.changed', path);
            found.push([each, event]);
          }
        }
      });
    } catch (error) {
      if (error instanceof UserError && error.said.id === 'file.missing')
        throw new UserError('ledger.changed', path);
      throw error;
    }
    return found;
  }
}

function eventsIn(line: string): ReadonlyMap<EventId, ReviewEvent> {
  const decoded = decodeEvent(line.trim());
  const events = decoded.ok ? eventsOf(decoded.event) : [];
  return new Map(events.map(event => [event.id, event]));
}

/** Events whose lines are read together, in the order of the file. */
function spansOf(facts: EventFacts[]): EventFacts[][] {
  const spans: EventFacts[][] = [];
  let end = -Infinity;
  for (const each of facts.sort((a, b) => a.from - b.from)) {
    const span = spans.at(-1);
    const size = each.from + each.length - (span?.[0]?.from ?? 0);
    if (span && each.from - end <= GAP_BYTES && size <= SPAN_BYTES) span.push(each);
    else if (span?.at(-1)?.from === each.from) span.push(each);
    else spans.push([each]);
    end = each.from + each.length;
  }
  return spans;
}
