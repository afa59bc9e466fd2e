/**
 * Reads two languages of a translation memory, TMX 1.1 to 1.4b (its specification: LISA OSCAR, tmx14b), piece by piece
 * however large it is.
 *
 * Markup within a segment holds codes of the program that the text comes from. What `hi` marks is text. Pairs of formatting
 * codes (`bpt`, `ept`, and `it`, whose other half is in another segment) are left out, since the sentence is whole without
 * them. `ph` and `ut` stand where something stood in the sentence, a name or a line break, nobody knows what: a text with a
 * hole teaches mistakes, so such a segment is no pair.
 *
 * Nothing is loaded, and no entity of a DOCTYPE is read: a reference to one is a mistake.
 */
import { TextDecoder } from 'node:util';
import sax from 'sax';
import { say, UserError, type Said } from '../core/messages';
import { languageTag, type Lang } from '../core/record';
import { chunksOf } from './chunks';

/** A text of a translation unit. */
export interface TmxText {
  readonly text: string;
  /** Why it cannot be used: there are several of its language, or a native code stands in it. */
  readonly left?: 'several' | 'native-code';
}

/** A translation unit that has at least one of the two languages. */
export interface TmxUnit {
  /** Which of the file's translation units it is, from 1. */
  readonly number: number;
  /** Where it begins, from 1. */
  readonly line: number;
  /** Its `tuid`. */
  readonly id: string | undefined;
  readonly source: TmxText | undefined;
  readonly target: TmxText | undefined;
  /** Whether formatting codes were left out of one of the texts. */
  readonly hadCodes: boolean;
}

export interface TmxPiece {
  readonly units: readonly TmxUnit[];
  /** Share of the file that was read by then, 0 to 1. */
  readonly done: number;
}

export interface TmxLangs {
  readonly sourceLang: Lang;
  readonly targetLang: Lang;
}

const FORMATTING = ['bpt', 'ept', 'it'];
/** UTF-16 units: a longer segment is no sentence, and would be held in memory. */
const MAX_SEGMENT = 1 << 20;
/** Of a tag, and of tags within each other: TMX has about ten of each. */
const MAX_ATTRIBUTES = 100;
const MAX_DEPTH = 64;
/** Texts of one language in a translation unit that are looked at, and languages that a message names. */
const MAX_TEXTS = 16;
const NAMED = 12;

export const isTmx = (path: string): boolean => /\.tmx$/i.test(path);

/**
 * A language is meant by its tag, or by the beginning of its tag where only one variety of it is in the file: `en` also means
 * `en-US`, as long as there is no `en-GB`.
 * @throws UserError for what is no TMX, or is broken, with the line; where two varieties of a language fit; and, when all was
 *   read, where one of the languages is not in the file
 */
export async function* readTmx(
  path: string,
  langs: TmxLangs,
  signal?: AbortSignal,
): AsyncGenerator<TmxPiece> {
  const reader = new TmxReader(path, langs);
  let decoder: TextDecoder | undefined;
  for await (const { bytes, done, isLast } of chunksOf(path, signal)) {
    decoder ??= decoderFor(path, bytes);
    let text: string;
    try {
      text = decoder.decode(bytes, { stream: !isLast });
    } catch {
      throw new UserError('tmx.encoding', path, reader.line, decoder.encoding);
    }
    yield { units: reader.take(text), done };
  }
  reader.end();
}

/** By the mark at its beginning, else by what its first line declares, else UTF-8: appendix F of XML 1.0. */
function decoderFor(path: string, head: Buffer): TextDecoder {
  const [first, second] = head;
  const marked =
    (first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)
      ? 'utf-16le'
      : (first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)
        ? 'utf-16be'
        : undefined;
  const declared = /^<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"']{1,40})["']/.exec(
    head.toString('latin1', 0, 300),
  )?.[1];
  // Whoever could read the declaration byte by byte has no UTF-16 before them, whatever it says.
  const label = marked ?? (declared === undefined || /^utf-?16/i.test(declared) ? 'utf-8' : declared);
  try {
    return new TextDecoder(label, { fatal: true });
  } catch {
    throw new UserError('tmx.unknownEncoding', path, label);
  }
}

/** A `tuv` of one of the two languages, while it is read. */
interface Variant {
  readonly tag: Lang;
  text: string;
  isHoled: boolean;
  hadCodes: boolean;
}

/** What was found of a language: its tag as it is wanted, and the one variety of it that stands for it. */
interface Side {
  readonly wanted: Lang;
  variety: Lang | undefined;
  isThere: boolean;
  variants: Variant[];
}

class TmxReader {
  readonly #path: string;
  readonly #parser = sax.parser(true);
  readonly #source: Side;
  readonly #target: Side;
  /** Languages that were met, as they are spelled; those that a message could name. */
  readonly #langs = new Set<string>();
  #units: TmxUnit[] = [];
  #isTmx = false;
  #number = 0;
  #line = 1;
  #id: string | undefined;
  #attributes = 0;
  #depth = 0;
  /** Within native codes, how deep. */
  #codes = 0;
  #isInSegment = false;
  /** Those that the `tuv` under way is; none where its language is not wanted. */
  #open: Variant[] = [];

  constructor(path: string, { sourceLang, targetLang }: TmxLangs) {
    this.#path = path;
    const side = (wanted: Lang): Side => ({ wanted, variety: undefined, isThere: false, variants: [] });
    this.#source = side(sourceLang);
    this.#target = side(targetLang);
    const parser = this.#parser;
    // Entities of HTML are none of XML, and what every object inherits (`&toString;`) is none either.
    parser.ENTITIES = Object.assign(Object.create(null) as object, XML_ENTITIES);
    parser.onerror = error => {
      throw this.#broken(error.message.split('\n', 1)[0] ?? '');
    };
    parser.onopentagstart = () => {
      this.#attributes = 0;
    };
    parser.onattribute = ({ name }) => {
      // The parser asks its list of attributes by this name whether it has the next one, and finds a text.
      if (name === 'hasOwnProperty') throw this.#broken(say('tmx.attribute', name));
      if (++this.#attributes > MAX_ATTRIBUTES) throw this.#broken(say('tmx.manyAttributes', MAX_ATTRIBUTES));
    };
    parser.onopentag = tag => this.#opened(tag as sax.Tag);
    parser.onclosetag = name => this.#closed(name);
    parser.ontext = text => this.#text(text);
    parser.oncdata = text => this.#text(text);
  }

  /** Where the reading is, from 1. */
  get line(): number {
    return this.#parser.line + 1;
  }

  /** @returns the units that end in this piece of the file */
  take(text: string): TmxUnit[] {
    this.#units = [];
    this.#parser.write(text);
    return this.#units;
  }

  end(): void {
    this.#parser.close();
    if (!this.#isTmx) throw new UserError('tmx.notTmx', this.#path);
    for (const { wanted, isThere } of [this.#source, this.#target])
      if (!isThere) throw new UserError('tmx.noLanguage', this.#path, wanted, [...this.#langs].join(', '));
  }

  #broken(why: string | Said): UserError {
    return new UserError('tmx.broken', this.#path, this.line, why);
  }

  #opened({ name, attributes }: sax.Tag): void {
    if (this.#depth === 0 && name !== 'tmx') throw new UserError('tmx.notTmx', this.#path);
    this.#isTmx = true;
    if (++this.#depth > MAX_DEPTH) throw this.#broken(say('tmx.deep', MAX_DEPTH));
    if (this.#isInSegment) this.#openedInSegment(name);
    else if (name === 'tu') {
      this.#number++;
      this.#line = this.line;
      this.#id = attributes['tuid'];
      for (const side of [this.#source, this.#target]) side.variants = [];
    } else if (name === 'tuv') this.#openedVariant(attributes['xml:lang'] ?? attributes['lang'] ?? '');
    else if (name === 'seg') this.#isInSegment = true;
  }

  #openedInSegment(name: string): void {
    if (this.#codes > 0) this.#codes++;
    else if (name !== 'hi') {
      this.#codes = 1;
      for (const variant of this.#open) {
        variant.hadCodes = true;
        if (!FORMATTING.includes(name)) variant.isHoled = true;
      }
    }
  }

  #openedVariant(spelled: string): void {
    if (this.#langs.size < NAMED) this.#langs.add(spelled);
    const tag = languageTag(spelled);
    this.#open = [];
    for (const { wanted, variants } of [this.#source, this.#target]) {
      if (tag === undefined || (tag !== wanted && !tag.startsWith(`${wanted}-`))) continue;
      const variant = { tag, text: '', isHoled: false, hadCodes: false };
      if (variants.length < MAX_TEXTS) variants.push(variant);
      this.#open.push(variant);
    }
  }

  #closed(name: string): void {
    this.#depth--;
    if (this.#codes > 0) this.#codes--;
    else if (name === 'seg') this.#isInSegment = false;
    else if (name === 'tuv') this.#open = [];
    else if (name === 'tu') this.#closedUnit();
  }

  #closedUnit(): void {
    const [source, target] = [this.#used(this.#source), this.#used(this.#target)];
    if (source.length + target.length === 0) return;
    this.#units.push({
      ...{ number: this.#number, line: this.#line, id: this.#id },
      source: textOf(source),
      target: textOf(target),
      hadCodes: [...source, ...target].some(({ hadCodes }) => hadCodes),
    });
  }

  /** The texts of exactly the language that is wanted, else those of the one variety that stands for it. */
  #used(side: Side): readonly Variant[] {
    const { wanted, variants } = side;
    const exact = variants.filter(({ tag }) => tag === wanted);
    const used = exact.length > 0 ? exact : variants;
    if (used.length > 0) side.isThere = true;
    for (const { tag } of exact.length > 0 ? [] : variants) {
      side.variety ??= tag;
      if (side.variety !== tag)
        throw new UserError('tmx.varieties', this.#path, this.#line, wanted, side.variety, tag);
    }
    return used;
  }

  #text(text: string): void {
    if (!this.#isInSegment || this.#codes > 0) return;
    for (const variant of this.#open) {
      variant.text += text;
      if (variant.text.length > MAX_SEGMENT) throw this.#broken(say('tmx.longSegment', MAX_SEGMENT));
    }
  }
}

const XML_ENTITIES = { amp: '&', gt: '>', lt: '<', quot: '"', apos: "'" };

function textOf([first, ...others]: readonly Variant[]): TmxText | undefined {
  if (!first) return undefined;
  // As section 2.11 of XML 1.0 has it.
  const text = first.text.replace(/\r\n?/g, '\n');
  if (others.length > 0) return { text, left: 'several' };
  return first.isHoled ? { text, left: 'native-code' } : { text };
}
