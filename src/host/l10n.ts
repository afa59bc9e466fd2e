/** Puts what the layers below say into the language of the interface. */
import * as vscode from 'vscode';
import {
  MESSAGES,
  phrase,
  UserError,
  writingIn,
  type Argument,
  type MessageId,
  type Said,
} from '../core/messages';
import type { Lang } from '../core/record';

/** The id goes with the English text, so that one English text can be translated differently in two places. */
const translated = (id: MessageId) => vscode.l10n.t({ message: MESSAGES[id], comment: id });

const writing = writingIn(vscode.env.language, translated);

/** The sentence of a message id in the language of the interface. */
export function t(id: MessageId, ...args: Argument[]): string {
  return localize({ id, args });
}

/** No link is ever made of it: in notifications those can run commands, and what a server or a file says may hold some. */
export function localize(said: Said): string {
  return phrase(said, writing).replaceAll('](', ']\u200b(');
}

/** The name of a language in the language of the interface. */
export function languageName(tag: Lang): string {
  if (tag === 'und') return t('page.unknownLanguage');
  return writing.language(tag);
}

/** Every sentence, for the page: it cannot ask VS Code itself. */
export function pageStrings(): Record<string, string> {
  return Object.fromEntries((Object.keys(MESSAGES) as MessageId[]).map(id => [id, translated(id)]));
}

/** What to tell the user of an error; one that was not foreseen is logged whole, and shown by its message. */
export function explain(error: unknown, log: vscode.LogOutputChannel): string {
  if (error instanceof UserError) return localize(error.said);
  log.error(error instanceof Error ? error : String(error));
  return t('error.unexpected', error instanceof Error ? error.message : String(error));
}
