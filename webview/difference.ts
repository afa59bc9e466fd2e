/** A word difference, told apart by more than colour: removed words are struck through, added ones underlined. */
import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { wordDiff } from '../src/core/diff';

/** @param folded whether what was removed is only marked where nothing stands in its place, so that the new text can be read */
export function difference(before: string, after: string, lang: string, folded = false): TemplateResult {
  // Not worked out anew each time that something else of the page is drawn.
  const parts = guard([before, after, lang, folded], () =>
    wordDiff(before, after, lang).map(({ kind, text }, index, all) => {
      if (kind === 'removed') {
        if (!folded) return html`<del>${text}</del>`;
        return all[index + 1]?.kind === 'added' ? nothing : html`<del class="folded" title=${text}></del>`;
      }
      return kind === 'added' ? html`<ins>${text}</ins>` : text;
    }),
  );
  return html`<div class="difference" lang=${lang} dir="auto">${parts}</div>`;
}
