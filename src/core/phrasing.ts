/**
 * Putting a sentence into a language. Apart from the sentences themselves, so that the page, which gets those of its language
 * from the host, need not load them all in English too.
 */
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
  const numbers = new Intl.NumberFormat(locale);
  const languages = new Intl.DisplayNames([locale], { type: 'language' });
  return {
    template,
    number: value => numbers.format(value),
    language: tag => {
      try {
        return languages.of(tag) ?? tag;
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
