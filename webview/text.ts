/** Sentences, names and dates in the language of the interface. */
import { fill, MESSAGES, phrase, type Argument, type MessageId, type Said } from '../src/core/messages';

/** English until the host has told the language: it may have failed before it could. */
let strings: Readonly<Record<string, string>> = MESSAGES;
let locale = 'en';
let languages = new Intl.DisplayNames(['en'], { type: 'language' });
let dates = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });
let numbers = new Intl.NumberFormat('en');

/** Takes on the language of the interface, once the host has told it. */
export function setLocale(table: Readonly<Record<string, string>>, tag: string): void {
  strings = table;
  locale = tag;
  languages = new Intl.DisplayNames([tag], { type: 'language' });
  dates = new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short' });
  numbers = new Intl.NumberFormat(tag);
  document.documentElement.lang = tag;
}

export function t(id: MessageId, ...args: Argument[]): string {
  return fill(
    strings[id] ?? '',
    args.map(arg => (typeof arg === 'number' ? number(arg) : arg)),
  );
}

export function sentence(said: Said): string {
  return phrase(said, strings[said.id] ?? '', locale);
}

export function language(tag: string): string {
  return tag === 'und' ? t('page.unknownLanguage') : (languages.of(tag) ?? tag);
}

export function date(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : dates.format(time);
}

export function number(value: number): string {
  return numbers.format(value);
}
