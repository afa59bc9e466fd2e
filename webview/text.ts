/** Sentences, names and dates in the language of the interface. */
import { directionOf } from '../src/core/direction';
import { fill, MESSAGES, phrase, type Argument, type MessageId, type Said } from '../src/core/messages';
import type { ReasonView } from '../src/core/protocol';

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
  document.documentElement.dir = directionOf(tag);
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

/** A reason of a decision by its label: one of the policy's own, a built-in one, or, of another policy, its id. */
export function reasonLabel(id: string, reasons: readonly ReasonView[]): string {
  const own = reasons.find(each => each.id === id)?.label;
  const message = `reason.${id}`;
  return own ?? (isMessage(message) ? t(message) : id);
}

/** What a check looks for. */
export function checkTitle(id: string): string {
  const title = `check.${id}`;
  return isMessage(title) ? t(title) : id;
}

function isMessage(id: string): id is MessageId {
  return Object.hasOwn(MESSAGES, id);
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
