/**
 * Teams for tests of the core: reviewers on clones of their own, who do whatever the session would let them do with what
 * their clone knows by then. What is refused to them does not happen.
 */
import fc from 'fast-check';
import { makeEdit, textBefore, textBeforeStale, wholeText, type EditFrom } from '../../src/core/editing';
import {
  DECISIONS,
  eventsOf,
  type BulkEvent,
  type Decision,
  type EditEvent,
  type EventId,
  type FieldEdit,
  type NewEvent,
  type ReviewEvent,
} from '../../src/core/events';
import { byOrder, factsOf, type EventFacts } from '../../src/core/eventFacts';
import { foldUnit, textAt, type UnitState } from '../../src/core/fold';
import { CLOSED_POLICY, DEFAULT_POLICY, mayDo, type Policy, type Right } from '../../src/core/policy';
import {
  fingerprint,
  type Field,
  type Fingerprint,
  type Side,
  type Unit,
  type UnitKey,
} from '../../src/core/record';
import { isBlind } from '../../src/core/standing';
import { undoStacks } from '../../src/core/undo';
import { asPart, sha256 } from './builders';

export const PEOPLE = ['ann', 'bob', 'cy', 'dora', 'eve'] as const;
const MAX_CLONES = 6;
const TEXTS = ['', 'a', 'b', 'c'] as const;
const FIELDS = ['input', 'output'] as const;
/** Units of every history, one of another language. */
export const KEYS = ['r1@de', 'r2@de', 'r3@it'] as UnitKey[];

/** A line of a ledger, and whose. */
export interface Line {
  readonly by: string;
  readonly clone: string;
  readonly event: ReviewEvent | BulkEvent;
}

const ACTS = [
  'edit',
  'edit-source',
  'begin',
  'commit',
  'decide',
  'comment',
  'reply',
  'resolve',
  'assign',
  'ignore',
  'withdraw',
  'restore',
  'take',
  'dismiss',
  'keep',
  'undo',
  'redo',
  'bulk-decide',
  'bulk-assign',
  'bulk-replace',
] as const;
const MOVES = ['split', 'pull', 'merge', 'pull-one', 'apply', 'row'] as const;

/** What somebody tries; the numbers choose among what is there then. */
export interface Step {
  readonly act: (typeof ACTS)[number] | (typeof MOVES)[number];
  readonly at: number;
  readonly unit: number;
  readonly a: number;
  readonly b: number;
}

/** What one of them does in a row, mostly to one unit: what is undone and done again comes one after the other. */
function burst(acts: fc.Arbitrary<Step['act']>): fc.Arbitrary<Step[]> {
  const single = fc.record({ act: acts, a: fc.nat(11), b: fc.nat(11) });
  return fc
    .record({
      at: fc.nat(MAX_CLONES - 1),
      unit: fc.nat(KEYS.length - 1),
      singles: fc.array(single, { minLength: 1, maxLength: 4 }),
    })
    .map(({ at, unit, singles }) => singles.map(each => ({ at, unit, ...each })));
}

const most = fc.subarray([...PEOPLE], { minLength: 3 });
const some = fc.subarray([...PEOPLE], { minLength: 1 });
/** Also those that nobody would write. */
export const anyPolicy: fc.Arbitrary<Policy> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .record({
        approvals: fc.integer({ min: 1, max: 3 }),
        lastEditorCounts: fc.boolean(),
        reviewers: fc.option(fc.record({ '*': some, de: most }, { requiredKeys: ['*'] }), {
          nil: undefined,
        }),
        adjudicators: fc.option(fc.record({ '*': some }), { nil: undefined }),
        sourceEdits: fc.constantFrom('no' as const, 'propose' as const, 'yes' as const),
        openComments: fc.constantFrom('allow' as const, 'block' as const),
        blind: fc.boolean(),
      })
      .map(more => ({ ...DEFAULT_POLICY, ...more })),
  },
  { weight: 2, arbitrary: fc.constant(DEFAULT_POLICY) },
  fc.constant(CLOSED_POLICY),
);

export interface History {
  /** Who works on each clone that is there from the beginning; one reviewer may have several. */
  readonly people: readonly number[];
  readonly policy: Policy;
  readonly steps: readonly Step[];
}

export const anyHistory: fc.Arbitrary<History> = fc.record({
  people: fc.array(fc.nat(PEOPLE.length - 1), { minLength: 3, maxLength: 4 }),
  policy: anyPolicy,
  steps: fc
    .array(
      fc.oneof(
        { weight: 3, arbitrary: burst(fc.constantFrom(...ACTS)) },
        { weight: 2, arbitrary: burst(fc.constantFrom('edit', 'edit-source', 'decide', 'take')) },
        { weight: 3, arbitrary: burst(fc.constantFrom('decide', 'pull', 'merge')) },
        { weight: 1, arbitrary: burst(fc.constantFrom('comment', 'assign', 'ignore', 'undo', 'redo')) },
        { weight: 2, arbitrary: burst(fc.constantFrom(...MOVES)) },
      ),
      { minLength: 3, maxLength: 30, size: 'max' },
    )
    .map(bursts => bursts.flat()),
});

/** Plays a history. @returns every clone as it is at the end, before anything more is pulled */
export function play({ people, policy, steps }: History): Clone[] {
  const clones = people.map((person, at) => new Clone(PEOPLE[person]!, `clone${at}`, policy));
  for (const each of steps) {
    const clone = clones[each.at % clones.length]!;
    const other = clones[each.a % clones.length]!;
    switch (each.act) {
      case 'split':
        // Of a tree that is copied as a whole the copy writes ledgers of the same names.
        if (clones.length < MAX_CLONES)
          clones.push(clone.split(each.b % 2 ? clone.clone : `clone${clones.length}`, clones.length));
        break;
      case 'pull':
        clone.pull(other);
        break;
      case 'merge':
        clone.pull(other);
        other.pull(clone);
        break;
      case 'pull-one':
        // One ledger that somebody was sent, without those that its events speak of.
        clone.pull(other, PEOPLE[each.b % PEOPLE.length]);
        break;
      default:
        clone.try(each);
    }
  }
  return clones;
}

/** Every line that any of them wrote. */
export function linesOf(clones: readonly Clone[]): Line[] {
  return [...new Map(clones.flatMap(clone => [...clone.lines])).values()];
}

/** Every text that any of them has in a row, by its fingerprint. */
export function rowsOf(clones: readonly Clone[], key: UnitKey): Unit[] {
  const rows = clones.map(clone => clone.row(key));
  return [...new Map(rows.map(row => [printOf(row), row])).values()];
}

export const printOf = ({ source, target }: Pick<Unit, 'source' | 'target'>): Fingerprint =>
  fingerprint(source, target, sha256);

class Refused extends Error {}

function refuse(): never {
  throw new Refused();
}

interface Loaded {
  readonly unit: Unit;
  readonly line: number;
  readonly rowFingerprint: Fingerprint;
  readonly state: UnitState;
  readonly source: readonly Field[];
  readonly target: readonly Field[];
  readonly edits: ReadonlyMap<EventId, ReviewEvent>;
}

/** Typed text that is no edit yet. */
interface Draft extends FieldEdit {
  readonly head: readonly EventId[];
  readonly fingerprint: Fingerprint;
}

type More = Pick<EditEvent, 'undoes' | 'redoes' | 'settles'>;

export class Clone {
  readonly by: string;
  readonly clone: string;
  readonly lines: Map<EventId, Line>;
  readonly #policy: Policy;
  readonly #events: Map<UnitKey, Map<EventId, ReviewEvent>>;
  readonly #drafts = new Map<UnitKey, Draft[]>();
  readonly #rows: Map<UnitKey, Unit>;
  /** Told apart also where two write ledgers of one name. */
  readonly #prefix: string;
  #written = 0;
  #seq = 0;

  constructor(by: string, clone: string, policy: Policy, from?: Clone, tree = clone) {
    this.by = by;
    this.clone = clone;
    this.#policy = policy;
    this.lines = new Map(from?.lines);
    this.#rows = new Map(from ? from.#rows : KEYS.map(key => [key, rowOf(key, '', '')]));
    this.#events = new Map(KEYS.map(key => [key, new Map(from?.events(key))]));
    this.#seq = from ? from.#seq : 0;
    this.#prefix = `${by}${tree}`.toUpperCase();
  }

  split(clone: string, tree: number): Clone {
    return new Clone(this.by, clone, this.#policy, this, `tree${tree}`);
  }

  row(key: UnitKey): Unit {
    return this.#rows.get(key)!;
  }

  facts(key: UnitKey): EventFacts[] {
    return [...this.events(key).values()].map(event => factsOf(event));
  }

  events(key: UnitKey): ReadonlyMap<EventId, ReviewEvent> {
    return this.#events.get(key)!;
  }

  /** @param only the ledgers of this reviewer; left out: of all */
  pull(other: Clone, only?: string): void {
    for (const line of other.lines.values()) if (only === undefined || line.by === only) this.#take(line);
  }

  #take(line: Line): void {
    this.lines.set(line.event.id, line);
    this.#seq = Math.max(this.#seq, line.event.seq);
    for (const event of eventsOf(line.event)) this.#events.get(event.key)?.set(event.id, event);
  }

  #append(said: NewEvent | Pick<BulkEvent, 'type' | 'key' | 'line' | 'events'>): void {
    const id = `${this.#prefix}N${++this.#written}` as EventId;
    const seq = this.#seq + 1;
    const at = new Date(Date.UTC(2026, 0, 1 + (seq % 28))).toISOString();
    const event = { v: 1, id, seq, at, by: this.by, ...said } as ReviewEvent | BulkEvent;
    this.#take({ by: this.by, clone: this.clone, event });
  }

  /** Does what a step says. @returns whether it was possible */
  try(step: Step): boolean {
    try {
      this.#do(step);
      return true;
    } catch (error) {
      if (error instanceof Refused) return false;
      throw error;
    }
  }

  #do({ act, unit, a, b }: Step): void {
    const key = KEYS[unit]!;
    const change = { name: FIELDS[a % FIELDS.length]!, text: TEXTS[b % TEXTS.length]! };
    switch (act) {
      case 'edit':
        this.#edit(key, [{ side: 'target', ...change }]);
        break;
      case 'edit-source':
        this.#edit(key, [{ side: 'source', ...change }]);
        break;
      case 'begin':
        this.#begin(key, { side: a % 3 === 0 ? 'source' : 'target', ...change });
        break;
      case 'commit':
        this.#commit(key);
        break;
      case 'decide':
        this.#decide(key, DECISIONS[a % DECISIONS.length]!, b);
        break;
      case 'comment':
        this.#say(key, 'comment', { type: 'comment', text: change.text });
        break;
      case 'reply': {
        const { comments } = this.#load(key).state;
        const said = comments[a % comments.length] ?? refuse();
        this.#say(key, 'comment', { type: 'comment', text: change.text, thread: said.thread ?? said.id });
        break;
      }
      case 'resolve': {
        const { openThreads, comments } = this.#load(key).state;
        const thread = openThreads[a % openThreads.length] ?? refuse();
        const resolves = comments.filter(each => each.id === thread || each.thread === thread);
        this.#say(key, 'comment', {
          type: 'comment',
          text: '',
          thread,
          resolves: resolves.map(({ id }) => id),
        });
        break;
      }
      case 'assign':
        this.#permit('assign', this.#load(key));
        this.#append(this.#assignment(key, a));
        break;
      case 'ignore': {
        const side: Side = a % 2 ? 'source' : 'target';
        const own = this.#load(key)[side].find(each => each.name === change.name)?.text ?? '';
        const text = sha256(own).slice(0, 32) as Fingerprint;
        const { name: field } = change;
        this.#say(key, 'ignore', { type: 'ignore', check: 'empty', side, field, text, reason: 'So it is.' });
        break;
      }
      case 'withdraw':
        this.#withdraw(key);
        break;
      case 'restore':
        this.#restore(key, a);
        break;
      case 'take':
      case 'dismiss':
        this.#settle(key, a, act);
        break;
      case 'keep':
        this.#keep(key);
        break;
      case 'undo':
        this.#undo();
        break;
      case 'redo':
        this.#redo();
        break;
      case 'bulk-decide':
        this.#bulk(a, loaded => {
          this.#permit('decide', loaded);
          if (['conflict', 'disputed', 'stale'].includes(loaded.state.state)) refuse();
          return this.#decisionOn(loaded, DECISIONS[b % DECISIONS.length]!, 0);
        });
        break;
      case 'bulk-assign':
        this.#bulk(a, loaded => {
          this.#permit('assign', loaded);
          return this.#assignment(loaded.unit.key, b);
        });
        break;
      case 'bulk-replace':
        this.#bulk(a, loaded => {
          const { state, heads, current } = loaded.state;
          if (state === 'conflict' || (state === 'stale' && heads.length > 0 && !current)) refuse();
          return this.#editOf(loaded, [{ side: 'target', ...change }]) ?? refuse();
        });
        break;
      case 'apply': {
        const { unit: row, source, target } = this.#load(key);
        this.#rows.set(key, { ...row, source, target });
        break;
      }
      case 'row':
        this.#rows.set(key, rowOf(key, TEXTS[a % TEXTS.length]!, change.text));
        break;
      case 'split':
      case 'pull':
      case 'merge':
      case 'pull-one':
        break;
    }
  }

  #load(key: UnitKey): Loaded {
    const unit = this.row(key);
    const edits = this.events(key);
    const rowFingerprint = printOf(unit);
    const state = foldUnit(rowFingerprint, this.facts(key), this.#policy);
    const common = { unit, line: KEYS.indexOf(key) + 1, rowFingerprint, edits };
    const at = (side: Side) => textAt(unit, side, state.current, edits);
    const [source, target] = [at('source'), at('target')];
    if (!state.current || printOf({ source, target }) === state.fingerprint)
      return { ...common, state, source, target };
    // An edit that it comes from is in a ledger that this clone was not given.
    const unsettled = {
      ...state,
      state: 'conflict',
      current: undefined,
      fingerprint: rowFingerprint,
    } as const;
    return { ...common, state: unsettled, source: unit.source, target: unit.target };
  }

  #answer(right: Right, { unit }: Loaded) {
    return mayDo(this.#policy, this.by, unit.targetLang, right);
  }

  #permit(right: Right, loaded: Loaded): void {
    if (this.#answer(right, loaded) === 'no') refuse();
  }

  #say(key: UnitKey, right: Right, said: WithoutPlace<NewEvent>): void {
    const loaded = this.#load(key);
    this.#permit(right, loaded);
    this.#append({ key, line: loaded.line, ...said });
  }

  #edit(key: UnitKey, changes: readonly FieldEdit[], more: More = {}, from?: EditFrom): void {
    const edit = this.#editOf(this.#load(key), changes, from, more.settles);
    if (edit) this.#append({ ...edit, ...more });
  }

  #editOf(
    loaded: Loaded,
    changes: readonly FieldEdit[],
    from: EditFrom = basisOf(loaded),
    settles?: readonly EventId[],
  ) {
    const { state, edits } = loaded;
    this.#permit('edit', loaded);
    const edit = makeEdit(loaded, from, changes, edits, sha256);
    if (!edit) return undefined;
    const source = edit.fields.some(field => field.side === 'source');
    if (source) this.#permit('edit-source', loaded);
    if (settles || this.#holds(edit.fields, loaded)) return edit;
    const mine = state.proposals.filter(each => each.by === this.by && each.source === source);
    if (mine.length === 0) return edit;
    const said = mine.toReversed().flatMap(({ id }) => {
      const event = edits.get(id);
      return event?.type === 'edit' ? event.fields : [];
    });
    const parents = [...new Set([...from.parents, ...mine.map(each => each.id)])];
    return makeEdit(loaded, { ...from, parents }, [...changes, ...said], edits, sha256);
  }

  #holds(fields: readonly FieldEdit[], loaded: Loaded): boolean {
    const right = fields.some(field => field.side === 'source') ? 'edit-source' : 'edit';
    return this.#answer(right, loaded) === 'yes';
  }

  #begin(key: UnitKey, change: FieldEdit): void {
    const { state } = this.#load(key);
    const drafts = this.#drafts.get(key) ?? [];
    const known = drafts.find(each => each.side === change.side && each.name === change.name);
    const seen = known ?? { head: state.heads.map(each => each.id), fingerprint: state.fingerprint };
    this.#drafts.set(key, [...drafts.filter(each => each !== known), { ...seen, ...change }]);
  }

  /** What was typed becomes an edit of the text that it was typed over, whatever came meanwhile. */
  #commit(key: UnitKey): void {
    const drafts = this.#drafts.get(key) ?? [];
    this.#drafts.delete(key);
    for (const began of new Set(drafts.map(draft => draft.fingerprint))) {
      const group = drafts.filter(draft => draft.fingerprint === began);
      const head = group[0]!.head;
      const { unit, edits } = this.#load(key);
      const seen = head.map(id => edits.get(id)).filter(event => event?.type === 'edit');
      const basis = seen.find(edit => edit.result === began);
      const at = (side: Side) => textAt(unit, side, basis, edits);
      if (printOf({ source: at('source'), target: at('target') }) !== began) refuse();
      const of = (side: Side) =>
        group.filter(draft => draft.side === side).map(({ name, text }) => ({ side, name, text }));
      const whole = this.#holds(group, this.#load(key));
      for (const changes of whole ? [[...of('target'), ...of('source')]] : [of('target'), of('source')])
        if (changes.length > 0) this.#edit(key, changes, {}, { basis, parents: head });
    }
  }

  #decide(key: UnitKey, decision: Decision, choice: number): void {
    const loaded = this.#load(key);
    this.#permit(decision === 'skip' ? 'skip' : 'decide', loaded);
    let kept = loaded;
    if (loaded.state.state === 'conflict' && decision !== 'skip') {
      const { heads } = loaded.state;
      const rival = heads[choice % heads.length] ?? refuse();
      const text = wholeText(loaded.unit, rival, loaded.edits);
      const side = (name: Side) => text.filter(field => field.side === name);
      if (printOf({ source: side('source'), target: side('target') }) !== rival.result) refuse();
      const parents = heads.map(head => head.id);
      this.#edit(key, text, {}, { basis: undefined, parents });
      kept = this.#load(key);
      if (kept.state.state === 'conflict') refuse();
    }
    this.#append(this.#decisionOn(kept, decision, choice));
  }

  #decisionOn({ unit, line, state, target }: Loaded, decision: Decision, choice: number): NewEvent {
    const { key, targetLang } = unit;
    const onThis = state.decisions.filter(
      each => each.fingerprint === state.fingerprint && each.by !== this.by && each.decision !== 'skip',
    );
    const against = onThis.filter(each => (each.decision === 'approve') !== (decision === 'approve'));
    const reasons = choice % 2 ? ['term'] : [];
    const settles =
      state.state === 'disputed' &&
      decision !== 'skip' &&
      against.length > 0 &&
      mayDo(this.#policy, this.by, targetLang, 'adjudicate') === 'yes';
    if (settles && reasons.length === 0) refuse();
    const before = state.decisions.find(
      each => each.by === this.by && each.fingerprint === state.fingerprint && each.decision === decision,
    );
    const aside = [
      ...new Set([...(before?.settles ?? []), ...(settles ? against.map(each => each.id) : [])]),
    ];
    const hadSeen = [...this.events(key).values()].some(
      each =>
        each.type === 'decide' &&
        each.by === this.by &&
        each.decision !== 'skip' &&
        each.fingerprint === state.fingerprint,
    );
    return {
      key,
      line,
      type: 'decide',
      decision,
      fingerprint: state.fingerprint,
      head: state.heads.map(head => head.id),
      reasons: reasons.length === 0 && aside.length > 0 ? (before?.reasons ?? []) : reasons,
      ...(aside.length > 0 ? { settles: aside } : {}),
      ...(isBlind(state, this.by, targetLang, this.#policy) && !hadSeen ? { blind: true as const } : {}),
      ...(decision === 'approve' ? { target: target.map(({ name, text }) => [name, text] as const) } : {}),
    };
  }

  #assignment(key: UnitKey, to: number): NewEvent {
    const { line, state } = this.#load(key);
    const name = ['', ...PEOPLE][to % (PEOPLE.length + 1)]!;
    return { key, line, type: 'assign', to: name, replaces: state.assignments.map(each => each.id) };
  }

  #restore(key: UnitKey, choice: number): void {
    const { unit, state, edits } = this.#load(key);
    if (state.state === 'conflict') refuse();
    const versions = [...edits.values()].filter(event => event.type === 'edit').sort(byOrder);
    this.#edit(key, wholeText(unit, versions[choice % (versions.length + 1)], edits));
  }

  #settle(key: UnitKey, choice: number, outcome: 'take' | 'dismiss'): void {
    const loaded = this.#load(key);
    const { state, edits } = loaded;
    const proposal = state.proposals[choice % state.proposals.length] ?? refuse();
    if (state.state === 'conflict' || (!state.current && state.heads.length > 0)) refuse();
    this.#permit(proposal.source ? 'accept-source' : 'accept', loaded);
    const event = edits.get(proposal.id);
    const proposed = outcome === 'take' && event?.type === 'edit' ? event.fields : [];
    const from = { ...basisOf(loaded, [proposal.id]), settled: [proposal.id] };
    this.#edit(key, proposed, { settles: [proposal.id] }, from);
  }

  #withdraw(key: UnitKey): void {
    const loaded = this.#load(key);
    this.#permit('skip', loaded);
    const events = [...this.events(key).values()];
    const undone = new Set(events.flatMap(event => (event.type === 'undo' ? event.undoes : [])));
    const mine = events.filter(
      event =>
        event.type === 'decide' &&
        event.by === this.by &&
        event.fingerprint === loaded.state.fingerprint &&
        !undone.has(event.id),
    );
    const { line } = loaded;
    const undos = mine.map(({ id }) => ({ key, line, type: 'undo', undoes: id }) as const);
    this.#appendAll(undos, undos.length > 1);
  }

  #keep(key: UnitKey): void {
    const loaded = this.#load(key);
    const { unit, state, edits } = loaded;
    this.#permit('decide', loaded);
    const before = textBeforeStale(unit, state, edits) ?? refuse();
    this.#edit(
      key,
      before.target.map(field => ({ side: 'target' as const, ...field })),
    );
    const kept = this.#load(key);
    if (kept.state.state === 'conflict') refuse();
    this.#append(this.#decisionOn(kept, 'approve', 0));
  }

  #bulk(choice: number, make: (loaded: Loaded) => NewEvent): void {
    // Bits of the number say which units the filter leaves.
    const events = KEYS.filter((_, at) => ((choice + 1) >> at) & 1).flatMap(key =>
      attempt(() => make(this.#load(key))),
    );
    this.#appendAll(events, true);
  }

  #appendAll(events: readonly NewEvent[], asBulk: boolean): void {
    const [first] = events;
    if (!first) refuse();
    if (asBulk) this.#append({ type: 'bulk', key: first.key, line: first.line, events });
    else this.#append(first);
  }

  get #mine(): EventFacts[] {
    const mine = KEYS.flatMap(key => this.facts(key)).filter(event => event.by === this.by);
    return mine.sort(byOrder);
  }

  #undo(): void {
    for (const { events } of undoStacks(this.#mine).done.toReversed()) {
      const back = events.flatMap(event => attempt(() => this.#takingBack(event)));
      if (back.length === 0) continue;
      this.#appendAll(back, events.length > 1);
      return;
    }
  }

  #takingBack(action: EventFacts): NewEvent {
    const loaded = this.#load(action.key);
    const { unit, line, state, edits } = loaded;
    if (action.type !== 'edit') return { key: unit.key, line, type: 'undo', undoes: action.id };
    const event = edits.get(action.id);
    if (event?.type !== 'edit') refuse();
    const { settles } = event;
    const proposal = state.proposals.find(each => each.by === action.by && each.result === event.result);
    const isLast = state.fingerprint === event.result && state.heads.length <= 1;
    const isOwn = settles !== undefined || this.#holds(event.fields, loaded);
    if (!proposal && !(isLast && isOwn)) refuse();
    if (proposal) {
      const parents = [...state.heads.map(head => head.id), proposal.id];
      const made = makeEdit(loaded, { basis: state.current, parents }, [], edits, sha256) ?? refuse();
      return { ...made, undoes: action.id };
    }
    if (settles) {
      const own = { ...event, parents: event.parents.filter(id => !settles.includes(id)) };
      const made = makeEdit(loaded, basisOf(loaded), textBefore(unit, own, edits), edits, sha256);
      const parents = state.heads.map(head => head.id);
      const [base, result] = [loaded.rowFingerprint, state.fingerprint];
      const same = { type: 'edit', key: unit.key, line, fields: [], parents, base, result } as const;
      return { ...(made ?? same), undoes: action.id, settles };
    }
    const made = makeEdit(loaded, basisOf(loaded), textBefore(unit, event, edits), edits, sha256) ?? refuse();
    return { ...made, undoes: action.id };
  }

  #redo(): void {
    const undone = undoStacks(this.#mine).undone.at(-1) ?? refuse();
    const { action, by } = undone;
    const again = action.events.flatMap(each => {
      const undoing = by.events.find(event => 'undoes' in event && event.undoes === each.id);
      return undoing ? attempt(() => this.#doingAgain(each, undoing)) : [];
    });
    this.#appendAll(again, action.events.length > 1);
  }

  #doingAgain(action: EventFacts, undoing: EventFacts): NewEvent {
    const loaded = this.#load(action.key);
    const { line, state, edits } = loaded;
    const event = edits.get(action.id) ?? refuse();
    if (event.type === 'edit') {
      const isThere = undoing.type === 'edit' && undoing.result === state.fingerprint;
      if (!isThere || state.heads.length > 1) refuse();
      const { settles } = event;
      const from = settles && { ...basisOf(loaded, settles), settled: settles };
      const edit = this.#editOf(loaded, event.fields, from, settles) ?? refuse();
      return { ...edit, redoes: undoing.id, ...(settles ? { settles } : {}) };
    }
    if (event.type === 'undo') refuse();
    return { ...asPart(event), line, redoes: undoing.id };
  }
}

type WithoutPlace<T> = T extends unknown ? Omit<T, 'key' | 'line'> : never;

function basisOf({ state }: Loaded, more: readonly EventId[] = []): EditFrom {
  const heads = state.heads.map(head => head.id);
  const first = state.current ? [state.current.id] : [];
  return { basis: state.current, parents: [...new Set([...first, ...heads, ...more])] };
}

/** What can be made, or nothing where it is refused. */
function attempt<T>(make: () => T): T[] {
  try {
    return [make()];
  } catch (error) {
    if (error instanceof Refused) return [];
    throw error;
  }
}

function rowOf(key: UnitKey, input: string, output: string): Unit {
  const texts = (first: string, second: string): Field[] => [
    { name: FIELDS[0], text: first },
    { name: FIELDS[1], text: second },
  ];
  const targetLang = key.slice(key.indexOf('@') + 1);
  return {
    key,
    sourceLang: 'en',
    targetLang,
    source: texts('', 's'),
    target: texts(input, output),
    others: [],
  };
}
