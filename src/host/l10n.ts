/** Puts what the layers below say into the language of the interface. */
import * as vscode from 'vscode';
import { MESSAGES, phrase, UserError, type Argument, type MessageId, type Said } from '../core/messages';
import type { Lang } from '../core/record';

/** The sentence of a message id in the language of the interface. */
export function t(id: MessageId, ...args: Argument[]): string {
  return localize({ id, args });
}

/** No link is ever made of it: in notifications those can run commands, and what a server or a file says may hold some. */
export function localize(said: Said): string {
  const text = phrase(said, vscode.l10n.t(MESSAGES[said.id]), vscode.env.language);
  return text.replaceAll('](', ']\u200b(');
}

/** The name of a language in the language of the interface. */
export function languageName(tag: Lang): string {
  if (tag === 'und') return t('page.unknownLanguage');
  return new Intl.DisplayNames([vscode.env.language], { type: 'language' }).of(tag) ?? tag;
}

/** Every sentence, for the page: it cannot ask VS Code itself. */
export function pageStrings(): Record<string, string> {
  return Object.fromEntries(Object.entries(MESSAGES).map(([id, template]) => [id, vscode.l10n.t(template)]));
}

/** What to tell the user of an error; one that was not foreseen is logged whole, and shown by its message. */
export function explain(error: unknown, log: vscode.LogOutputChannel): string {
  if (error instanceof UserError) return localize(error.said);
  log.error(error instanceof Error ? error : String(error));
  return t('error.unexpected', error instanceof Error ? error.message : String(error));
}
