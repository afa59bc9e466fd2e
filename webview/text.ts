/** Sentences, names and dates in the language of the interface. */
import type { MessageId } from '../src/core/messages';
import { phrase, writingIn, type Argument, type Said } from '../src/core/phrasing';
import type { ReasonView } from '../src/core/protocol';

/** Every sentence in the language of the interface, by its id: the host has put them into the document. */
const sentences = JSON.parse(document.querySelector('#sentences')?.textContent ?? '{}') as Partial<
  Record<string, string>
>;
/** BCP-47 tag of that language. */
export const locale = document.documentElement.lang;
const writing = writingIn(locale, id => sentences[id] ?? '');
const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });

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
  return Object.hasOwn(sentences, id);
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
