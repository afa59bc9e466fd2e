/** Sentences, names and dates in the language of the interface. */
import { directionOf } from '../src/core/direction';
import { MESSAGES, phrase, writingIn, type Argument, type MessageId, type Said } from '../src/core/messages';
import type { ReasonView } from '../src/core/protocol';

/** English until the host has told the language: it may have failed before it could. */
let writing = writingIn('en', id => MESSAGES[id]);
let dates = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** Takes on the language of the interface, once the host has told it. */
export function setLocale(table: Readonly<Record<string, string>>, tag: string): void {
  writing = writingIn(tag, id => table[id] ?? '');
  dates = new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short' });
  document.documentElement.lang = tag;
  document.documentElement.dir = directionOf(tag);
}

export function t(id: MessageId, ...args: Argument[]): string {
  return sentence({ id, args });
}

export function sentence(said: Said): string {
  return phrase(said, writing);
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
  return tag === 'und' ? t('page.unknownLanguage') : writing.language(tag);
}

export function date(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : dates.format(time);
}

export function number(value: number): string {
  return writing.number(value);
}
