/**
 * What the page may ask of the host, and what the host tells the page. {@link HostApi} is the protocol: the messages
 * on the wire are derived from it, so that a method added here is missing at compile time wherever it must be filled in.
 */
import type { Finding } from './checks';
import type { Decision } from './events';
import type { State } from './fold';
import type { Said } from './messages';
import type { Fingerprint, Lang, Shape, Side, UnitKey } from './record';

/** UTF-8 bytes of any message to the page. */
export const MAX_MESSAGE_BYTES = 250 << 10;
/** Rows of a page of the list. */
export const MAX_ROWS = 100;
/** UTF-16 units of a field that are shown; less where a unit holds several as long. */
export const MAX_FIELD_UNITS = 64 << 10;

export interface HostApi {
  /** The shard as it stands; called once when the page has loaded. */
  start(): Promise<Start>;
  /** Records of the queue by position, from 0; at most {@link MAX_ROWS}. */
  rows(from: number, count: number): Promise<RowSummary[]>;
  unit(place: Place): Promise<Placed>;
  /** The next position of the queue after this one, from the start again at the end, where this reviewer has to decide. */
  nextPending(after: number): Promise<number | null>;
  /** Makes a queue of the records that a query selects; `mistake` where it is no query, and the queue stays as it was. */
  ask(query: string): Promise<{ readonly shard: ShardView; readonly mistake: Mistake | null }>;
  /** Asks the same query again, of the records as they are now. */
  askAgain(): Promise<void>;
  /** Ends a search that is under way; what it found stays. */
  cancelSearch(): Promise<void>;
  /** Keeps what is being typed; `null` drops it. Resolves when it is on disk. */
  draft(target: Target, side: Side, name: string, text: string | null): Promise<void>;
  /** Makes one edit of the unit's drafts. */
  commit(target: Target): Promise<UnitView>;
  /** Commits drafts first. Refused if the text is no longer the one named by `target.fingerprint`. */
  decide(target: Target, decision: Decision, note: string): Promise<UnitView>;
  /** Gives a unit that has gone stale the text back that was approved, or that its edits led to, and approves it. */
  keep(target: Target): Promise<UnitView>;
  comment(target: Target, text: string): Promise<UnitView>;
  /** Takes back this reviewer's last action, or the last taking back. Resolves to the row concerned, if any. */
  undo(): Promise<number | null>;
  redo(): Promise<number | null>;
  /** Streams a model's proposal for one target field: `delta` events carry `stream`. Commits drafts first. */
  regenerate(target: Target, name: string, stream: number): Promise<UnitView>;
  cancel(stream: number): Promise<void>;
  /** Makes an edit of a candidate as it is (null), or of the text that the reviewer made of it. */
  accept(target: Target, candidate: string, text: string | null): Promise<UnitView>;
  discard(target: Target, candidate: string): Promise<UnitView>;
  /** Shows another target language of records that have several. */
  showLanguage(lang: string): Promise<ShardView>;
  /** Runs one of the extension's own commands, such as the one that sets a backend. */
  run(command: PageCommand): Promise<void>;
  /** Remembers where the reviewer is, so that the shard opens there again. */
  visit(row: number): Promise<void>;
}

export const PAGE_COMMANDS = [
  'setBackend',
  'setReviewer',
  'setLanguages',
  'exportTrainingData',
  'openShardAsText',
  'goTo',
  'filters',
  'moveReviews',
  'showOrphans',
] as const;
export type PageCommand = (typeof PAGE_COMMANDS)[number];

/** The unit that an action is meant for, and the text it was seen with. */
export interface Target {
  readonly row: number;
  readonly key: UnitKey;
  readonly fingerprint: Fingerprint;
}

/** A record of the queue by its position, or one by its row; with a key also where it has moved to in a changed file. */
export type Place = { readonly position: number } | { readonly row: number; readonly key: UnitKey | null };

export interface Placed {
  readonly view: UnitView;
  /** Where it stands in the queue, or would stand. */
  readonly position: number;
  readonly isInQueue: boolean;
}

export interface Mistake {
  readonly reason: Said;
  /** UTF-16 offset in the query. */
  readonly at: number;
}

/** The records that the reviewer goes through. */
export interface QueueView {
  /** The query; empty for all records in file order. */
  readonly text: string;
  readonly length: number;
  /** Share of the file that was searched, from 0 to 1; null when the search is done. */
  readonly progress: number | null;
  /** Another number when positions mean other records. */
  readonly version: number;
  readonly problem: Said | null;
}

export interface Start {
  readonly strings: Readonly<Record<string, string>>;
  /** BCP-47 tag of the interface. */
  readonly locale: string;
  readonly shard: ShardView;
  readonly row: number;
}

export interface ShardView {
  readonly name: string;
  readonly rows: number;
  /** Whether the file is one JSON array: then its elements are numbered, not its lines. */
  readonly isArray: boolean;
  /** Units by state; those not counted are pending. */
  readonly counts: Readonly<Partial<Record<State, number>>>;
  /** False while the file is still read, and decisions of earlier sittings are matched to their records. */
  readonly matched: boolean;
  /** Share of the file that is read, from 0 to 1. */
  readonly read: number;
  readonly badRows: number;
  /** Reviewed units whose record is not in the file. */
  readonly orphans: number;
  /** Records that share their key with another one. */
  readonly repeated: number;
  readonly queue: QueueView;
  /** Reviews of a file that is gone, for records that are in this one. */
  readonly offer: { readonly name: string; readonly units: number } | null;
  readonly shape: Shape;
  /** Languages found so far, source first; one target language is shown at a time. */
  readonly sourceLang: Lang;
  readonly targetLangs: readonly Lang[];
  /** Which of them is shown of records that have several; null where no record has. */
  readonly shownLang: Lang | null;
  readonly reviewer: string | null;
  readonly backend: string | null;
  /** Why nothing can be written, or null. */
  readonly readonly: Said | null;
  /** What else the reviewer should know: lines of ledgers that were set aside, a broken policy. */
  readonly problems: readonly Said[];
}

export interface RowSummary {
  readonly row: number;
  readonly line: number;
  /** Null for a line that is not a record. */
  readonly key: UnitKey | null;
  readonly lang: Lang;
  readonly state: State;
  /** First words of the source. */
  readonly text: string;
  readonly findings: number;
  readonly bad: Said | null;
}

export type UnitView = GoodUnit | BadRow;

export interface BadRow {
  readonly kind: 'bad';
  readonly row: number;
  readonly line: number;
  readonly reason: Said;
  /** The beginning of the line as it stands in the file. */
  readonly raw: string;
}

export interface GoodUnit {
  readonly kind: 'unit';
  readonly row: number;
  readonly line: number;
  readonly key: UnitKey;
  readonly fingerprint: Fingerprint;
  readonly sourceLang: Lang;
  readonly targetLang: Lang;
  readonly fields: readonly FieldView[];
  readonly others: readonly (readonly [name: string, json: string])[];
  readonly state: State;
  readonly approvals: number;
  /** Approvals that the policy asks for; null while the policy is broken. */
  readonly needed: number | null;
  readonly findings: readonly Finding[];
  readonly decisions: readonly DecisionView[];
  readonly history: readonly HistoryView[];
  readonly comments: readonly CommentView[];
  readonly candidates: readonly CandidateView[];
  /** What the unit's text was when it went stale. */
  readonly stale: StaleView | null;
  /** In a conflict: the texts that rival, each by its reviewer. */
  readonly rivals: readonly RivalView[];
}

export interface FieldView {
  readonly name: string;
  readonly source: string;
  /** The current text, edits included. */
  readonly target: string;
  /** The row's own text, where it differs. */
  readonly original: string | null;
  readonly draft: string | null;
  /** UTF-16 units of the whole text where it is shown cut; such a field cannot be edited. */
  readonly sourceCut: number | null;
  readonly targetCut: number | null;
}

export interface DecisionView {
  readonly by: string;
  readonly at: string;
  readonly decision: Decision;
  readonly note: string;
  /** Whether it is about the text shown; otherwise it is out of date. */
  readonly current: boolean;
}

export interface StaleView {
  readonly by: string;
  readonly at: string;
  /** Whether that text was approved; otherwise it was only written. */
  readonly approved: boolean;
  readonly target: readonly (readonly [name: string, text: string])[];
}

export interface HistoryView {
  readonly by: string;
  readonly at: string;
  readonly type: 'edit' | 'decide' | 'comment' | 'undo';
  readonly decision: Decision | null;
  readonly text: string;
  /** The model whose proposal an edit took. */
  readonly model: string | null;
}

export interface CommentView {
  readonly by: string;
  readonly at: string;
  readonly text: string;
}

export interface CandidateView {
  readonly id: string;
  readonly name: string;
  readonly text: string;
  readonly model: string;
  readonly findings: readonly Finding[];
}

export interface RivalView {
  readonly by: string;
  readonly at: string;
  readonly fingerprint: Fingerprint;
  readonly target: readonly (readonly [name: string, text: string])[];
}

/** Keys and palette commands that the host passes on, since only the page knows what is on screen. */
export const ACTIONS = [
  'next',
  'previous',
  'nextPending',
  'approve',
  'needsWork',
  'reject',
  'skip',
  'edit',
  'regenerate',
  'undo',
  'redo',
  'comment',
  'keepApproved',
  'takeNew',
  'search',
  'refreshQueue',
  'help',
] as const;
export type Action = (typeof ACTIONS)[number];

export type HostEvent =
  | { readonly event: 'action'; readonly action: Action }
  | { readonly event: 'delta'; readonly stream: number; readonly text: string }
  | { readonly event: 'go'; readonly row: number }
  | { readonly event: 'ask'; readonly query: string }
  /** Counts changed, and the rows named (or any): those on screen are to be asked for again. */
  | { readonly event: 'changed'; readonly shard: ShardView; readonly rows: readonly number[] | 'all' };

type Method = keyof HostApi;
export type Call = {
  [M in Method]: { readonly id: number; readonly method: M; readonly params: Parameters<HostApi[M]> };
}[Method];
export type Reply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly error: string };

/** What the page sends besides calls: whether it has the keyboard focus, which keybindings depend on. */
export interface PageNotice {
  readonly notice: 'focus';
  readonly focused: boolean;
}

type Guard = (value: unknown) => boolean;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const integer: Guard = value => Number.isSafeInteger(value) && (value as number) >= 0;
const text: Guard = value => typeof value === 'string';
const oneOf =
  (values: readonly string[]): Guard =>
  value =>
    values.includes(value as string);
const target: Guard = value =>
  isObject(value) && integer(value['row']) && text(value['key']) && text(value['fingerprint']);
const side = oneOf(['source', 'target'] satisfies Side[]);
const place: Guard = value =>
  isObject(value) &&
  (integer(value['position']) || (integer(value['row']) && (value['key'] === null || text(value['key']))));

const PARAMS: Readonly<Record<Method, readonly Guard[]>> = {
  start: [],
  rows: [integer, integer],
  unit: [place],
  nextPending: [integer],
  ask: [text],
  askAgain: [],
  cancelSearch: [],
  draft: [target, side, text, value => value === null || text(value)],
  commit: [target],
  decide: [target, oneOf(['approve', 'needs-work', 'reject', 'skip'] satisfies Decision[]), text],
  keep: [target],
  comment: [target, text],
  undo: [],
  redo: [],
  regenerate: [target, text, integer],
  cancel: [integer],
  accept: [target, text, value => value === null || text(value)],
  discard: [target, text],
  showLanguage: [text],
  run: [oneOf(PAGE_COMMANDS)],
  visit: [integer],
};

/** Whether what arrived from the page is a call of {@link HostApi} with parameters of the right kind. */
export function isCall(message: unknown): message is Call {
  if (!isObject(message) || !integer(message['id'])) return false;
  const { method, params } = message;
  if (typeof method !== 'string' || !Object.hasOwn(PARAMS, method) || !Array.isArray(params)) return false;
  const guards = PARAMS[method as Method];
  return params.length === guards.length && guards.every((guard, index) => guard(params[index]));
}
