/** How the records of a file are laid out, as far as they have told: their shape, and their languages. */
import type { Lang, RecordResult, Shape } from './record';

/** Target languages of one file; a hostile one could name another in each record. */
const MAX_LANGS = 100;

/** What some records tell. */
export interface ToldLayout {
  /** Undefined where none of them was a record; so is the language. */
  readonly shape: Shape | undefined;
  readonly sourceLang: Lang | undefined;
  readonly targetLangs: Iterable<Lang>;
  /** The first target language of a record that has several. */
  readonly shownLang: Lang | undefined;
}

export class Layout {
  #shape: Shape = 'nested';
  #sourceLang: Lang = 'und';
  readonly #targetLangs = new Set<Lang>();
  #shownLang: Lang | undefined;

  get shape(): Shape {
    return this.#shape;
  }

  get sourceLang(): Lang {
    return this.#sourceLang;
  }

  /** In the order in which they were met; the first hundred. */
  get targetLangs(): Lang[] {
    return [...this.#targetLangs];
  }

  /** The language shown of records that have several; undefined as long as none of these was met. */
  get shownLang(): Lang | undefined {
    return this.#shownLang;
  }

  learn({ shape, sourceLang, targetLangs, shownLang }: ToldLayout): void {
    if (this.#targetLangs.size === 0 && shape) {
      this.#shape = shape;
      this.#sourceLang = sourceLang ?? 'und';
    }
    for (const lang of targetLangs) if (this.#targetLangs.size < MAX_LANGS) this.#targetLangs.add(lang);
    this.#shownLang ??= shownLang;
  }

  learnFrom(records: readonly RecordResult[]): void {
    for (const record of records) {
      if (!record.ok) continue;
      const { shape, units } = record;
      const targetLangs = units.map(unit => unit.targetLang);
      const shownLang = units.length > 1 ? targetLangs[0] : undefined;
      this.learn({ shape, sourceLang: units[0]?.sourceLang, targetLangs, shownLang });
    }
  }

  /** Learns anew from the first records of a changed file. The language that was shown stays, unless it is gone from them. */
  learnAnew(records: readonly RecordResult[]): void {
    this.#targetLangs.clear();
    this.learnFrom(records);
    if (this.#shownLang === undefined || this.#targetLangs.has(this.#shownLang)) return;
    this.#shownLang = undefined;
    this.learnFrom(records);
  }

  /** Shows another target language of records that have several. */
  show(lang: Lang): void {
    if (this.#shownLang !== undefined && this.#targetLangs.has(lang)) this.#shownLang = lang;
  }
}
