/**
 * What the page may ask of the host, and what the host tells the page. {@link HostApi} is the protocol: the messages
 * on the wire are derived from it, so that a method added here is missing at compile time wherever it must be filled in.
 */
import type { Bindings } from './cheatSheet';
import type { Finding } from './check';
import type { Decision, EventId, ReviewEvent } from './events';
import type { Look } from './look';
import type { MessageId, Said } from './messages';
import type { Answer } from './policy';
import type { Fingerprint, Lang, Shape, Side, UnitKey } from './record';
import type { Mode, Wish } from './regeneration';
import type { State } from './states';

/** UTF-8 bytes of any message to the page. */
export const MAX_MESSAGE_BYTES = 250 << 10;
/** Rows of a page of the list. */
export const MAX_ROWS = 100;
/** Texts of a conflict that are shown; of more, which only a forged ledger makes, none can be chosen. */
export const MAX_RIVALS = 20;
/** UTF-16 units of a field that are shown; less where a unit holds several as long. */
export const MAX_FIELD_UNITS = 64 << 10;

export interface HostApi {
  /** What the event `start` tells, for a page that is loaded again: each call begins anew. */
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
  /** What the checks say of the unit with its drafts in place of its text; nothing is written. */
  check(target: Target): Promise<CheckedView>;
  /** The next position of the queue with a finding, round its end; some thousand records at a time. */
  nextFinding(after: number, direction: Direction): Promise<NextFinding>;
  /** Makes one edit of the unit's drafts. */
  commit(target: Target): Promise<UnitView>;
  /** Commits drafts first. Refused if the text is no longer the one named by `target.fingerprint`. */
  decide(target: Target, decision: Decision, verdict: Verdict): Promise<UnitView>;
  /** Gives a unit that has gone stale the text back that was approved, or that its edits led to, and approves it. */
  keep(target: Target, shown: EventId): Promise<UnitView>;
  /** @param thread the first comment of the thread that this one answers; null begins one */
  comment(target: Target, text: string, thread: EventId | null): Promise<UnitView>;
  /** Settles every comment of a thread; another comment opens it again. */
  resolve(target: Target, thread: EventId): Promise<UnitView>;
  /** @param to a reviewer's name; empty: nobody */
  assign(target: Target, to: string): Promise<UnitView>;
  /** Takes this reviewer's decision in force back, whatever was done since. */
  withdraw(target: Target): Promise<UnitView>;
  /** Says that a finding is wrong, or not worth mending: it counts no more as long as the text of its field stays. */
  ignore(target: Target, finding: IgnoredPlace, reason: string): Promise<UnitView>;
  /** Takes one's own `ignore` back. */
  stopIgnoring(target: Target, ignored: EventId): Promise<UnitView>;
  /** Gives the unit the text of one of its edits, or of the row (null), by a new edit. */
  restore(target: Target, version: EventId | null): Promise<UnitView>;
  /** Takes a text that somebody proposed, or dismisses it. */
  settle(target: Target, proposal: EventId, outcome: 'take' | 'dismiss'): Promise<UnitView>;
  /** Works out what a change of all records of the queue would do; `bulk` events tell how far it is. One at a time. */
  bulkPrepare(change: BulkChange): Promise<BulkView>;
  /** Changes of the preview by position, from 0; at most {@link MAX_ROWS}. */
  bulkRows(from: number, count: number): Promise<BulkRow[]>;
  /** Takes a change in or out; null: all of them. */
  bulkTick(position: number | null, ticked: boolean): Promise<BulkView>;
  /** Does what is ticked, as one action. @returns to how many units */
  bulkCommit(): Promise<number>;
  bulkCancel(): Promise<void>;
  /** Takes back this reviewer's last action, or the last taking back. Resolves to the row concerned, if any. */
  undo(): Promise<number | null>;
  redo(): Promise<number | null>;
  /**
   * Has a model write candidates, which `partial` events with this number show as they come; commits drafts first.
   * Settles when all are there, or with what went wrong; those that are there stay.
   */
  regenerate(target: Target, wish: Wish, stream: number): Promise<UnitView>;
  /** @param waited the number of what is regenerated, or the candidate that the model is asked about */
  cancel(waited: number | string): Promise<void>;
  /** Shows the requests that `regenerate` would send, word for word, in an editor of their own. */
  showRequest(target: Target, wish: Wish): Promise<void>;
  /** Makes an edit of a candidate as it is (null), or of the texts that the reviewer made of some of its fields. */
  accept(target: Target, candidate: string, texts: readonly FieldText[] | null): Promise<UnitView>;
  discard(target: Target, candidate: string): Promise<UnitView>;
  /** Asks the model what it thinks of a candidate: unsure words, the way back into the source language. */
  signals(target: Target, candidate: string): Promise<SignalsView>;
  /** Shows another target language of records that have several. */
  showLanguage(lang: string): Promise<ShardView>;
  /** Runs one of the extension's own commands, such as the one that sets a backend. */
  run(command: PageCommand): Promise<void>;
  /** Remembers where the reviewer is, so that the shard opens there again. */
  visit(visited: Visited): Promise<void>;
  /** Remembers how the page looks to this person, for all their windows. */
  keepLook(look: Look): Promise<void>;
}

export const PAGE_COMMANDS = [
  'selectBackend',
  'setBackendKey',
  'testBackend',
  'regenerateQueue',
  'lookAhead',
  'editPrompt',
  'setReviewer',
  'setLanguages',
  'exportTrainingData',
  'openShardAsText',
  'goTo',
  'filters',
  'moveReviews',
  'showOrphans',
  'guidelines',
  'assign',
  'bulk',
  'dashboard',
  'changeKeys',
] as const;
export type PageCommand = (typeof PAGE_COMMANDS)[number];

/** The unit that an action is meant for, and the text it was seen with. */
export interface Target {
  readonly row: number;
  readonly key: UnitKey;
  readonly fingerprint: Fingerprint;
}

/** Why somebody decided as they did. */
export interface Verdict {
  /** Ids of the policy's reasons. */
  readonly reasons: readonly string[];
  readonly note: string;
}

/** All findings of one check in one field: they are ignored together. */
export interface IgnoredPlace {
  readonly check: string;
  readonly side: Side;
  readonly field: string;
}

export type Direction = 'next' | 'previous';

export interface NextFinding {
  /** Null: none of the records that were looked at has one. */
  readonly position: number | null;
  readonly looked: number;
  /** After which position to go on looking; null where all of the queue was looked at. */
  readonly goOn: number | null;
}

/** What is to be done to every record of the queue. */
export type BulkChange =
  | {
      readonly kind: 'decide';
      readonly decision: 'approve' | 'reject' | 'needs-work';
      readonly verdict: Verdict;
    }
  /** `to` empty: to nobody. */
  | { readonly kind: 'assign'; readonly to: string }
  /** In the target fields; text as it stands, no pattern. */
  | {
      readonly kind: 'replace';
      readonly find: string;
      readonly replacement: string;
      readonly matchCase: boolean;
    };

export interface BulkView {
  readonly change: BulkChange;
  /** Units that would be changed, and how many of them are ticked. */
  readonly total: number;
  readonly ticked: number;
  /** Units that stay as they are, by why. */
  readonly refused: readonly { readonly reason: Said; readonly count: number }[];
  /** Where not all of the queue fits into one action: how many records were not looked at any more. */
  readonly left: number;
}

export interface BulkRow {
  readonly position: number;
  readonly row: number;
  readonly line: number;
  readonly key: UnitKey;
  readonly lang: Lang;
  readonly ticked: boolean;
  /** Where nothing is replaced: the beginning of each field that holds anything. */
  readonly fields: readonly { readonly name: string; readonly source: string; readonly target: string }[];
  /** Warnings about the text as it is. */
  readonly findings: number;
  readonly sourceLang: Lang;
  /** What a replacement changes: stretches of fields, with some of what stands around. */
  readonly changes: readonly { readonly name: string; readonly before: string; readonly after: string }[];
  /** Further stretches that are changed. */
  readonly more: number;
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

/** What a page needs to begin: the shard as it stands, and the record where the reviewer was last. */
export interface Start {
  readonly bindings: Bindings;
  readonly shard: ShardView;
  readonly first: Placed;
  readonly last: Visited;
  /** How the page looks to this person. */
  readonly look: Look;
}

/** Where the reviewer was last: `key` finds the record where the file has changed since; null: of a row that is none. */
export interface Visited {
  readonly row: number;
  readonly key: UnitKey | null;
}

export interface ShardView {
  readonly name: string;
  readonly rows: number;
  /** Whether the file is one JSON array: then its elements are numbered, not its lines. */
  readonly isArray: boolean;
  /** Units by state; those not counted are pending. */
  readonly counts: Readonly<Partial<Record<State, number>>>;
  /** The sample of the policy: how it is asked for, and how far it is in each language; null where there is none. */
  readonly sample: { readonly query: string; readonly said: readonly (readonly [Lang, Said])[] } | null;
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
  /** The server that candidates come from; null where none is set. */
  readonly backend: BackendView | null;
  /** Flagged records ahead that get a candidate while one reads; 0: none do. */
  readonly lookAhead: number;
  /** What the policy lets a reviewer give as a reason, in the order of their keys 1 to 9. */
  readonly reasons: readonly ReasonView[];
  /** Everybody who did something in this shard or is named by the policy, for assigning; at most 100. */
  readonly people: readonly string[];
  /** Why nothing can be written, or null. */
  readonly readonly: Said | null;
  /** What else the reviewer should know: lines of ledgers that were set aside, a broken policy. */
  readonly problems: readonly Said[];
}

export interface BackendView {
  readonly host: string;
  /** Empty: the server's own choice. */
  readonly model: string;
  /** Candidates that are being written now, for records ahead and for the whole queue. */
  readonly running: number;
  /** Whether the prompt style has a place for advice; not looked at where the team has a template of its own. */
  readonly takesAdvice: boolean;
}

export interface ReasonView {
  readonly id: string;
  /** Null: a built-in one; its sentence is `reason.<id>`. */
  readonly label: string | null;
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
  /** Whether a model's candidate for its text as it is waits for the reviewer. */
  readonly hasCandidate: boolean;
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

/** A finding, and whether the policy lets nobody approve as long as it is there. */
export interface FindingView extends Finding {
  readonly blocks: boolean;
}

/** Findings that somebody set aside, as long as the text of their field stays. */
export interface IgnoredView extends IgnoredPlace {
  readonly id: EventId;
  readonly by: string;
  readonly at: string;
  readonly reason: string;
}

/** What the checks say of the text as it stands in the boxes: drafts are text too. */
export interface CheckedView {
  /** In reading order. */
  readonly findings: readonly FindingView[];
  /** Findings that are not shown, the least grave: there are too many, or they are about text that is cut. */
  readonly moreFindings: number;
  readonly ignored: readonly IgnoredView[];
}

export interface GoodUnit extends CheckedView {
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
  readonly decisions: readonly DecisionView[];
  readonly history: readonly HistoryView[];
  readonly comments: readonly CommentView[];
  readonly candidates: readonly CandidateView[];
  /** What the unit's text was when it went stale. */
  readonly stale: StaleView | null;
  /** In a conflict: the texts that rival, each by its reviewer. */
  readonly rivals: readonly RivalView[];
  /** Texts that wait to be taken or dismissed. */
  readonly proposals: readonly ProposalView[];
  readonly assigned: readonly string[];
  /** What this reviewer may do with the unit: by the policy, and as long as something can be written. */
  readonly rights: Rights;
  /** Whether the decisions and words of others are hidden until this reviewer has decided. */
  readonly blind: boolean;
}

export interface Rights {
  readonly edit: Answer;
  readonly editSource: Answer;
  readonly decide: boolean;
  /** Whether a dispute can be settled by this reviewer's decision, with a reason. */
  readonly adjudicate: boolean;
  /** Whether proposals can be taken and dismissed. */
  readonly settle: boolean;
  readonly settleSource: boolean;
}

export interface FieldView {
  readonly name: string;
  readonly source: string;
  /** The current text, edits included. */
  readonly target: string;
  /** The row's own text, where it differs. */
  readonly original: string | null;
  readonly draft: string | null;
  /** The row's own source text, where the current one differs, and what is being typed over it. */
  readonly sourceOriginal: string | null;
  readonly sourceDraft: string | null;
  /** UTF-16 units of the whole text where it is shown cut; such a field cannot be edited. */
  readonly sourceCut: number | null;
  readonly targetCut: number | null;
}

export interface DecisionView {
  readonly by: string;
  readonly at: string;
  readonly decision: Decision;
  readonly reasons: readonly string[];
  readonly note: string;
  /** Whether it is about the text shown; otherwise it is out of date. */
  readonly current: boolean;
  /** Whether it counts: its writer has a say, and no adjudicator has set it aside. */
  readonly counts: boolean;
}

export interface StaleView {
  /** The decision or edit that the text is from. */
  readonly id: EventId;
  readonly by: string;
  readonly at: string;
  /** Whether that text was approved; otherwise it was only written. */
  readonly approved: boolean;
  readonly target: readonly (readonly [name: string, text: string])[];
}

export interface HistoryView {
  readonly id: EventId;
  /** Of an edit: those whose proposals it takes or dismisses. */
  readonly settles: readonly string[];
  /** Of an edit: whether it is a proposal that waits. */
  readonly waiting: boolean;
  readonly by: string;
  readonly at: string;
  readonly type: ReviewEvent['type'];
  readonly decision: Decision | null;
  readonly reasons: readonly string[];
  /** A note, a comment, a reason, or to whom it was assigned. */
  readonly text: string;
  /** The model whose proposal an edit took. */
  readonly model: string | null;
  /** Of an edit: each field it changed, from the text before it to its own. */
  readonly changes: readonly TextChange[];
  /** Of an edit: whether its text can be given back to the unit, since it is another than the current one. */
  readonly restorable: boolean;
  /** Whether it was taken back. */
  readonly undone: boolean;
}

export interface TextChange {
  readonly side: Side;
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

export interface CommentView {
  readonly id: EventId;
  readonly by: string;
  readonly at: string;
  readonly text: string;
  /** The first comment of its thread, perhaps itself. */
  readonly thread: EventId;
  /** Whether the thread is open. */
  readonly open: boolean;
}

export interface ProposalView {
  readonly id: EventId;
  readonly by: string;
  readonly at: string;
  /** From the current text to the proposed one. */
  readonly changes: readonly TextChange[];
  /** Whether it changes the source. */
  readonly source: boolean;
}

/** A text for a target field. */
export type FieldText = readonly [name: string, text: string];

export interface CandidateView {
  readonly id: string;
  readonly mode: Mode;
  /** The fields that it gives a text. */
  readonly texts: readonly FieldText[];
  readonly model: string;
  readonly seed: number;
  readonly advice: string;
  /** Id of the check whose finding it was to mend. */
  readonly finding: string | null;
  /** Whether the unit's text is another by now than the one it was made from. */
  readonly outdated: boolean;
  /** What the checks say of the unit as it would be, in these fields. */
  readonly findings: readonly Finding[];
  /** Checks that warn of these fields now and would no more, by id. */
  readonly mended: readonly string[];
  /** What was lost on the way: a placeholder, the end of the text. */
  readonly problems: readonly Said[];
  /** Whether not all of it is shown; then it can only be taken as it is. */
  readonly cut: boolean;
}

/** What speaks for and against a candidate; for the eyes of the reviewer only. */
export interface SignalsView {
  /** Stretches that the model was unsure of, UTF-16, end exclusive; null where the server does not tell. */
  readonly unsure: readonly { readonly name: string; readonly start: number; readonly end: number }[] | null;
  /** chrF against the other candidates of these fields, from 0 to 100; null where there is no other. */
  readonly agreement: number | null;
  /** Each field put back into the source language, and its chrF against the source. */
  readonly back: readonly { readonly name: string; readonly text: string; readonly chrF: number }[];
}

export interface RivalView {
  readonly id: EventId;
  readonly by: string;
  readonly at: string;
  readonly fingerprint: Fingerprint;
  readonly source: readonly (readonly [name: string, text: string])[];
  readonly target: readonly (readonly [name: string, text: string])[];
  /** Whether not all of it is shown; then it cannot be chosen. */
  readonly cut: boolean;
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
  'regenerateRecord',
  'mendByModel',
  'answerAnew',
  'advise',
  'undo',
  'redo',
  'comment',
  'keepApproved',
  'takeNew',
  'search',
  'find',
  'findNext',
  'findPrevious',
  'largerTexts',
  'smallerTexts',
  'breakLines',
  'hiddenCharacters',
  'refreshQueue',
  'sourceWrong',
  'editSource',
  'takeFix',
  'withdraw',
  'replace',
  'nextFinding',
  'previousFinding',
  'applyFix',
  'ignoreFinding',
  'help',
] as const;
export type Action = (typeof ACTIONS)[number];

export type HostEvent =
  /** Sent once, as soon as the shard is open, without being asked: the page needs no round trip for its first record. */
  | { readonly event: 'start'; readonly start: Start }
  | { readonly event: 'action'; readonly action: Action }
  /** How far a candidate is, the whole of it each time; `seed` tells those apart that come at once. */
  | {
      readonly event: 'partial';
      readonly stream: number;
      readonly seed: number;
      readonly texts: readonly FieldText[];
      /** Why nothing comes at the moment, and how many seconds it may last; null while it comes. */
      readonly waiting: Said | null;
    }
  /** `check`: of the finding that is meant; null where the record is. */
  | { readonly event: 'go'; readonly row: number; readonly check: string | null }
  /** A change of many records was asked for by a command: the page prepares it and shows what it would do. */
  | { readonly event: 'bulk'; readonly change: BulkChange }
  /** How far the preview of a bulk is, from 0 to 1. */
  | { readonly event: 'bulkProgress'; readonly done: number }
  | { readonly event: 'ask'; readonly query: string }
  /** Counts changed, and the rows named (or any): those on screen are to be asked for again. */
  | { readonly event: 'changed'; readonly shard: ShardView; readonly rows: readonly number[] | 'all' };

export type Method = keyof HostApi;
export type Call = {
  [M in Method]: { readonly id: number; readonly method: M; readonly params: Parameters<HostApi[M]> };
}[Method];
export type Reply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  /** `reason`: what kind of failure it was; null for one that was not foreseen. */
  | {
      readonly id: number;
      readonly ok: false;
      readonly error: string;
      readonly reason: MessageId | null;
    };

/** What the page sends besides calls: whether it has the keyboard focus, which keybindings depend on. */
export interface PageNotice {
  readonly notice: 'focus';
  readonly focused: boolean;
}
