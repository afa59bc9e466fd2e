/** A word difference, told apart by more than colour: removed words are struck through, added ones underlined. */
import { html, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { wordDiff } from '../src/core/diff';

export function difference(before: string, after: string, lang: string): TemplateResult {
  // Not worked out anew each time that something else of the page is drawn.
  const parts = guard([before, after, lang], () =>
    wordDiff(before, after, lang).map(({ kind, text }) => {
      if (kind === 'removed') return html`<del>${text}</del>`;
      return kind === 'added' ? html`<ins>${text}</ins>` : text;
    }),
  );
  return html`<div class="difference" lang=${lang} dir="auto">${parts}</div>`;
}
