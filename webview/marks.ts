/** Marks findings within a text. What stands behind a text box is the same text once more, unseen but for its marks. */
import type { DirectiveResult } from 'lit/directive.js';
import { ref } from 'lit/directives/ref.js';
import type { Severity } from '../src/core/check';
import { piecesOf, type Span } from '../src/core/spans';

export interface Mark extends Span {
  readonly severity: Severity;
  /** Whether it is the one that keys are meant for. */
  readonly isCurrent: boolean;
}

/** Drawn as wide as nothing, so that a last line that is empty has its height. */
const LAST_LINE = '\u200b';
/** What an element shows already. */
const shown = new WeakMap<Element, { readonly text: string; readonly marks: string }>();

/** @param isBehind whether it stands behind a text box, which has a last line even after the end of one */
export function paint(element: HTMLElement, text: string, marks: readonly Mark[], isBehind: boolean): void {
  element.hidden = false;
  const known = shown.get(element);
  const wanted = JSON.stringify(marks);
  if (known?.text === text && known.marks === wanted) return;
  shown.set(element, { text, marks: wanted });
  const current = marks.find(each => each.isCurrent);
  const nodes = piecesOf(text, marks).map(({ start, end, severity, isPlace }) => {
    const content = document.createTextNode(text.slice(start, end));
    if (severity === null) return content;
    const mark = document.createElement('mark');
    const isCurrent = current !== undefined && start >= current.start && end <= current.end;
    mark.className = [severity, ...(isPlace ? ['place'] : []), ...(isCurrent ? ['current'] : [])].join(' ');
    mark.append(content);
    return mark;
  });
  element.replaceChildren(...nodes, ...(isBehind ? [LAST_LINE] : []));
}

/** Has an element hold a text and nothing else, with its marks: never markup, whatever the text says. */
export function marked(text: string, marks: readonly Mark[], isBehind: boolean): DirectiveResult {
  return ref(element => {
    if (element instanceof HTMLElement) paint(element, text, marks, isBehind);
  });
}
