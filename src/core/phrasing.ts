/**
 * Putting a sentence into a language. Apart from the sentences themselves, so that the page, which gets those of its language
 * from the host, need not load them all in English too.
 */
import { directionOf } from './direction';
import type { MessageId } from './messages';

/** What is put into a sentence. A sentence in it, or several, are put into the same language. */
export type Argument = string | number | Said | readonly Said[];

/** A sentence not yet put into a language. Travels over the wire and through errors. */
export interface Said {
  readonly id: MessageId;
  readonly args: readonly Argument[];
}

/** UTF-16 units of an argument: what a hostile file says is quoted, not reprinted. */
const MAX_ARGUMENT = 500;

export function say(id: MessageId, ...args: Argument[]): Said {
  return { id, args: args.map(arg => (typeof arg === 'string' ? arg.slice(0, MAX_ARGUMENT) : arg)) };
}

/** A text in the quotation marks of the language that the sentence around it is put into. */
export function quoted(text: string): Said {
  return say('text.quoted', text);
}

/** A language by its name, in a sentence that does not begin with `language.`. */
export function languageNamed(tag: string): Said {
  return say('language.name', tag);
}

/** More of a list help nobody, and a file may have thousands. */
const MAX_LISTED = 10;

/** Several things in one sentence, divided as the language does it. @param items at least one; the first ten are named */
export function listed(items: readonly Said[]): Said {
  return items.slice(0, MAX_LISTED).reduce((list, item) => say('list.more', list, item));
}

/** Fills the arguments into a template, English or translated. */
export function fill(template: string, args: readonly (string | number)[]): string {
  return template.replace(/\{(\d+)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));
}

/** How one language writes what stands in a sentence. */
export interface Writing {
  template(id: MessageId): string;
  number(value: number): string;
  /** The name of a language for its BCP-47 tag; the same text where it has none, or is no tag. */
  language(tag: string): string;
}

/** @param locale BCP-47 tag of the language that the templates are in */
export function writingIn(locale: string, template: Writing['template']): Writing {
  // Made when they are first used: the first of each kind reads the data of ICU, for tens of milliseconds.
  let numbers: Intl.NumberFormat | undefined;
  let languages: Intl.DisplayNames | undefined;
  // Browsers turn brackets with the writing, but no arrows: one that leads on leads to the left there.
  const isTurned = directionOf(locale) === 'rtl';
  return {
    template: id => (isTurned ? template(id).replaceAll('→', '←') : template(id)),
    number: value => (numbers ??= new Intl.NumberFormat(locale)).format(value),
    language: tag => {
      try {
        return (languages ??= new Intl.DisplayNames([locale], { type: 'language' })).of(tag) ?? tag;
      } catch {
        // No tag at all: problems of a candidate stand in a file that anybody may have written.
        return tag;
      }
    },
  };
}

/** The sentence in a language. Messages of the language check hold languages as tags: their names are put into it. */
export function phrase(said: Said, writing: Writing): string {
  const namesLanguages = said.id.startsWith('language.');
  const args = said.args.map(arg => {
    if (typeof arg === 'number') return writing.number(arg);
    if (typeof arg === 'string') return namesLanguages ? writing.language(arg) : arg;
    return 'id' in arg ? phrase(arg, writing) : arg.map(each => phrase(each, writing)).join(' ');
  });
  return fill(writing.template(said.id), args);
}
