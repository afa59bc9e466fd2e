/**
 * What a check is: a function that looks at a unit and reports what seems wrong in it. In doubt it abstains, since a warning
 * that is wrong costs the reviewer's trust. The table of all checks is in `checks.ts`.
 */
import { looksLikeCode } from './codeShape';
import { blankNoProse } from './languageText';
import type { MessageId, Said } from './messages';
import type { Field, Lang, Side } from './record';

export type Severity = 'error' | 'warning' | 'info';

/** A replacement within one field; UTF-16 code units, end exclusive. */
export interface Fix {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface Finding {
  /** Kebab-case; ids of checks about language begin with `language`. */
  readonly check: string;
  readonly severity: Severity;
  readonly side: Side;
  /** Name of the field. */
  readonly field: string;
  /** The text in doubt, in UTF-16 code units of the field, end exclusive. Empty where something is missing. */
  readonly start: number;
  readonly end: number;
  readonly message: Said;
  /** What would mend it, where that is certain. */
  readonly fix?: Fix;
}

/** What a check reports: a finding without what the table knows of the check. */
export interface Hit extends Omit<Finding, 'check' | 'severity' | 'side'> {
  /** The target where nothing is said. */
  readonly side?: Side;
  /** Where it is less sure, or less grave, than the check mostly is. */
  readonly severity?: Severity;
}

/** One term of the glossary `.crossalpaca/glossary.csv`. */
export interface Term {
  readonly source: string;
  /** How it is translated, or must not be. */
  readonly target: string;
  readonly rule: 'must' | 'forbidden';
}

/** How readers are addressed: Sie, usted, Lei, vous, or du, tú, tu. */
export type Register = 'formal' | 'informal';
/** In which characters Chinese is written: simplified, traditional. */
export type Variant = 'Hans' | 'Hant';

/** What a team settled for a target language. */
export interface CheckSettings {
  readonly terms: readonly Term[];
  readonly register: Register | undefined;
  readonly variant: Variant | undefined;
}

/** What only the whole file tells. */
export interface FileFacts {
  /**
   * Median of target length by source length, in UTF-16 code units, over the fields of one name in one target language
   * that are long enough to tell; no entry where there are too few. By `lengthRatioName(lang, field)`.
   */
  readonly lengthRatios: ReadonlyMap<string, number>;
}

/** What a check may look at: the current text of both sides, same field names in the same order. */
export interface CheckInput {
  readonly sourceLang: Lang;
  readonly targetLang: Lang;
  /** Empty where the source is not known. */
  readonly source: readonly Field[];
  readonly target: readonly Field[];
  readonly settings?: CheckSettings;
  /** Absent as long as the file has not been read. */
  readonly facts?: FileFacts;
}

/** What a check cannot do without; where that is missing it is not run. */
export type Need = 'source' | 'terms' | 'register' | 'variant' | 'facts';

export interface Check {
  readonly id: string;
  readonly title: MessageId;
  readonly severity: Severity;
  readonly needs: readonly Need[];
  /** Pure; never throws; time linear in the length of the texts. */
  readonly run: (unit: CheckedUnit) => readonly Hit[];
}

/** One field with its source, and what several checks ask of them, worked out once. */
export class FieldPair {
  readonly name: string;
  /** Empty where it is not known. */
  readonly source: string;
  readonly target: string;
  #isCode: boolean | undefined;
  #sourceProse: string | undefined;
  #targetProse: string | undefined;

  constructor(name: string, source: string, target: string) {
    this.name = name;
    this.source = source;
    this.target = target;
  }

  /** Whether one of both is code rather than prose: what is checked of prose says nothing then. */
  get isCode(): boolean {
    return (this.#isCode ??= looksLikeCode(this.source) || looksLikeCode(this.target));
  }

  /** The source with code, addresses, tags, placeholders and digits blanked out; same offsets. */
  get sourceProse(): string {
    return (this.#sourceProse ??= blankNoProse(this.source));
  }

  get targetProse(): string {
    return (this.#targetProse ??= blankNoProse(this.target));
  }
}

/**
 * UTF-16 code units. Longer fields are no demonstrations but data, and the page shows them cut: what compares both sides
 * would take long, and hold up whoever waits.
 */
const MAX_CHECKED = 1 << 17;

/** A unit under check. */
export class CheckedUnit {
  readonly input: CheckInput;
  /** Fields of which both sides are short enough to be looked at. */
  readonly pairs: readonly FieldPair[];
  /** The others. */
  readonly long: readonly FieldPair[];
  readonly #memo = new Map<unknown, unknown>();

  constructor(input: CheckInput) {
    this.input = input;
    const sources = new Map(input.source.map(field => [field.name, field.text]));
    const pairs = input.target.map(({ name, text }) => new FieldPair(name, sources.get(name) ?? '', text));
    const isLong = ({ source, target }: FieldPair) => Math.max(source.length, target.length) > MAX_CHECKED;
    this.pairs = pairs.filter(pair => !isLong(pair));
    this.long = pairs.filter(isLong);
  }

  has(need: Need): boolean {
    const { source, settings, facts } = this.input;
    switch (need) {
      case 'source':
        return source.length > 0;
      case 'terms':
        return settings !== undefined && settings.terms.length > 0;
      case 'register':
      case 'variant':
        return settings?.[need] !== undefined;
      case 'facts':
        return facts !== undefined;
    }
  }

  /** What several checks share, worked out when it is asked for first. */
  once<T>(make: (unit: CheckedUnit) => T): T {
    if (!this.#memo.has(make)) this.#memo.set(make, make(this));
    return this.#memo.get(make) as T;
  }
}
