/**
 * Rows of `reviews.jsonl` as text. Of most units nobody has touched anything, and their rows differ in four members only:
 * what is the same in all of them is put into words once.
 */
import { textsAsJson, type Demonstration } from './demonstration';
import { reviewRow, type Provenance, type ReviewRow } from './reviewRows';
import type { Sha256 } from './record';

/** Templates that are kept: shards, languages and ways of a hostile recipe could make a new one of each row. */
const MAX_TEMPLATES = 1000;

/** The members that differ among rows that are otherwise alike, in the order of the row. */
const OWN = ['id', 'source_id', 'line', 'text_sha256'] as const;

interface Template {
  readonly number: number;
  readonly demonstration: Demonstration;
  readonly provenance: Provenance;
  /** What stands before each of `OWN`, and behind the last. */
  readonly pieces: readonly string[];
}

export interface ReviewText {
  /** The row as JSON, without line feed. */
  readonly json: string;
  /** Of the template that it was made by, see `alike`; undefined for a row of its own. */
  readonly template: number | undefined;
}

export class ReviewTexts {
  readonly #sha256: Sha256;
  readonly #pseudonym: (name: string) => string;
  readonly #templates: Template[] = [];
  readonly #rows: ReviewRow[] = [];
  /** Mostly the next row is of the template of the one before. */
  #last: Template | undefined;

  /** @param pseudonym of a reviewer's name */
  constructor(sha256: Sha256, pseudonym: (name: string) => string) {
    this.#sha256 = sha256;
    this.#pseudonym = pseudonym;
  }

  /** The same as `JSON.stringify(reviewRow(…))`. */
  of(demonstration: Demonstration, provenance: Provenance): ReviewText {
    const template = isUntouched(provenance) ? this.#templateOf(demonstration, provenance) : undefined;
    if (!template) {
      const row = reviewRow(demonstration, provenance, this.#sha256, this.#pseudonym);
      return { json: JSON.stringify(row), template: undefined };
    }
    const [beforeId, beforeSource, beforeLine, beforeHash, end] = template.pieces as readonly [
      string,
      ...string[],
    ];
    const hash = this.#sha256(`[${textsAsJson(demonstration).join(',')}]`);
    const source = JSON.stringify(provenance.key.toWellFormed());
    const json = `${beforeId}${JSON.stringify(demonstration.id)}${beforeSource}${source}${beforeLine}${provenance.line}${beforeHash}"${hash}"${end}`;
    return { json, template: template.number };
  }

  /** A row that says of everything but its own unit the same as that text: what a tally needs of it. */
  alike({ json, template }: ReviewText): ReviewRow {
    return (template === undefined ? undefined : this.#rows[template]) ?? (JSON.parse(json) as ReviewRow);
  }

  #templateOf(demonstration: Demonstration, provenance: Provenance): Template | undefined {
    const isIts = (template: Template) => isAlike(template, demonstration, provenance);
    if (this.#last && isIts(this.#last)) return this.#last;
    this.#last = this.#templates.find(isIts) ?? this.#add(demonstration, provenance);
    return this.#last;
  }

  #add(demonstration: Demonstration, provenance: Provenance): Template | undefined {
    const number = this.#templates.length;
    if (number >= MAX_TEMPLATES) return undefined;
    const row = reviewRow(demonstration, provenance, this.#sha256, this.#pseudonym);
    const template = { number, demonstration, provenance, pieces: around(row) };
    this.#templates.push(template);
    this.#rows.push(row);
    return template;
  }
}

function isUntouched({ edited, candidate, author, decisions }: Provenance): boolean {
  return edited.length === 0 && candidate === undefined && author === undefined && decisions.length === 0;
}

function isAlike(template: Template, { kind, langs }: Demonstration, provenance: Provenance): boolean {
  const { demonstration: known, provenance: same } = template;
  return (
    same.shard === provenance.shard &&
    same.licence === provenance.licence &&
    same.origin === provenance.origin &&
    same.state === provenance.state &&
    same.sourceLang === provenance.sourceLang &&
    same.targetLang === provenance.targetLang &&
    same.way === provenance.way &&
    known.kind === kind &&
    known.langs[0] === langs[0] &&
    known.langs[1] === langs[1]
  );
}

/** The JSON of a row without the values of `OWN`. */
function around(row: ReviewRow): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const [at, [name, value]] of Object.entries(row).entries()) {
    piece += `${at === 0 ? '{' : ','}${JSON.stringify(name)}:`;
    if (OWN.some(own => own === name)) {
      pieces.push(piece);
      piece = '';
    } else piece += JSON.stringify(value);
  }
  return [...pieces, `${piece}}`];
}
