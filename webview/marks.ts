/**
 * Draws a text: findings, lines with their partners, code, hidden characters, matches. What stands behind a text box is the
 * same text once more; while it is edited it is unseen but for its marks, and so nothing here may move a letter then.
 */
import type { DirectiveResult } from 'lit/directive.js';
import { ref } from 'lit/directives/ref.js';
import type { Severity } from '../src/core/check';
import type { HiddenCharacter } from '../src/core/hiddenCharacters';
import { piecesOf, type Piece, type Span } from '../src/core/spans';
import { t } from './text';

export interface Mark extends Span {
  readonly severity: Severity;
  /** Whether it is the one that keys are meant for. */
  readonly isCurrent: boolean;
}

export interface Match extends Span {
  readonly isCurrent: boolean;
}

/** Spans are in UTF-16 code units of the text. */
export interface Drawing {
  readonly text: string;
  readonly marks: readonly Mark[];
  /** Whole lines that stand beside those of the other side; together all of the text. */
  readonly blocks: readonly Span[];
  readonly code: readonly Span[];
  readonly hidden: readonly HiddenCharacter[];
  readonly matches: readonly Match[];
  /** Whether it stands behind a text box, which has a last line even after the end of one. */
  readonly isBehind: boolean;
}

/** Drawn as wide as nothing, so that a last line that is empty has its height. */
const LAST_LINE = '\u200b';
/** What an element shows already. */
const shown = new WeakMap<Element, string>();
/** The blocks of what an element shows. */
const blocksShown = new WeakMap<Element, readonly Span[]>();
/** Matches are drawn over the text, so that they need no elements of their own, which marks would have to share. */
const matches = new Highlight();
const current = new Highlight();
CSS.highlights.set('match', matches).set('match-current', current);
const rangesOf = new WeakMap<Element, readonly Range[]>();

export function paint(element: HTMLElement, drawing: Drawing): void {
  element.hidden = false;
  const wanted = JSON.stringify(drawing);
  if (shown.get(element) === wanted) return;
  shown.set(element, wanted);
  blocksShown.set(element, drawing.blocks);
  const pieces = piecesOf(drawing.text, drawing.marks);
  const blocks = drawing.blocks.map(span => block(drawing, pieces, span));
  element.replaceChildren(...blocks);
  if (drawing.isBehind) (blocks.findLast(each => each.hasChildNodes()) ?? element).append(LAST_LINE);
  showMatches(element, drawing.matches);
}

/** Has an element hold a text and nothing else: never markup, whatever the text says. */
export function drawn(drawing: Drawing): DirectiveResult {
  return ref(element => {
    if (element instanceof HTMLElement) paint(element, drawing);
  });
}

/** A text with nothing but marks. */
export function marked(text: string, marks: readonly Mark[]): DirectiveResult {
  const blocks = text === '' ? [] : [{ start: 0, end: text.length }];
  return drawn({ text, marks, blocks, code: [], hidden: [], matches: [], isBehind: false });
}

/** Where the block of a place in the text is drawn, and which one it is; undefined where nothing is drawn. */
export function blockAt(element: Element, offset: number): { index: number; block: Element } | undefined {
  const spans = blocksShown.get(element) ?? [];
  // A caret after the end of a line stands in the next one.
  const index = spans.findLastIndex(({ start, end }) => start <= offset && (end > start || start === 0));
  const block = element.children[Math.max(0, index)];
  return block && { index: Math.max(0, index), block };
}

/** The match that is the current one, if it is drawn. */
export function currentMatch(): Range | undefined {
  return [...current.values()].find((each): each is Range => each instanceof Range && isShown(each));
}

/** Lets go of matches in what is no longer shown. */
export function forgetMatches(): void {
  for (const highlight of [matches, current])
    for (const range of [...highlight]) if (!isShown(range)) highlight.delete(range);
}

/** Where an element is taken away, what was in it becomes an empty place beside it. */
const isShown = ({ startContainer, collapsed }: AbstractRange) => startContainer.isConnected && !collapsed;

/** @param pieces of the whole text */
function block({ text, marks, code, hidden }: Drawing, pieces: readonly Piece[], span: Span): HTMLElement {
  const element = document.createElement('div');
  const isCode =
    code.some(({ start, end }) => start <= span.start && span.end <= end) && span.end > span.start;
  element.className = isCode ? 'block code' : 'block';
  if (isCode) {
    element.translate = false;
    element.lang = '';
  }
  const chosen = marks.find(each => each.isCurrent);
  for (const piece of pieces) {
    const start = Math.max(piece.start, span.start);
    const end = Math.min(piece.end, span.end);
    // A place where something is missing has no length; at the border of two lines it belongs to the second one.
    const isHere = piece.start === piece.end ? isIn(piece.start, span, text) : start < end;
    if (!isHere) continue;
    const nodes = lettersOf(text, start, Math.max(start, end), hidden);
    if (piece.severity === null) {
      element.append(...nodes);
      continue;
    }
    const mark = document.createElement('mark');
    const isCurrent = chosen !== undefined && piece.start >= chosen.start && piece.end <= chosen.end;
    mark.className = [
      piece.severity,
      ...(piece.isPlace ? ['place'] : []),
      ...(isCurrent ? ['current'] : []),
    ].join(' ');
    mark.append(...nodes);
    element.append(mark);
  }
  return element;
}

function isIn(place: number, { start, end }: Span, text: string): boolean {
  return place >= start && (place < end || (place === end && end === text.length && end > start));
}

/** A stretch of the text, each hidden character in an element of its own. */
function lettersOf(text: string, from: number, to: number, hidden: readonly HiddenCharacter[]): Node[] {
  const nodes: Node[] = [];
  let at = from;
  for (const { start, end, sign, name, code } of hidden) {
    if (start < from || end > to) continue;
    if (start > at) nodes.push(document.createTextNode(text.slice(at, start)));
    const element = document.createElement('span');
    element.className = 'hidden-character';
    element.dataset['sign'] = sign;
    element.title = `${t(name)} (U+${code})`;
    element.setAttribute('role', 'img');
    element.setAttribute('aria-label', t(name));
    element.append(text.slice(start, end));
    nodes.push(element);
    at = end;
  }
  if (to > at) nodes.push(document.createTextNode(text.slice(at, to)));
  return nodes;
}

function showMatches(element: HTMLElement, found: readonly Match[]): void {
  for (const range of rangesOf.get(element) ?? []) {
    matches.delete(range);
    current.delete(range);
  }
  if (found.length === 0) {
    rangesOf.delete(element);
    return;
  }
  const letters = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let node = letters.nextNode();
  let before = 0;
  // Offsets come in order: each text node is passed once.
  const place = (offset: number): [Node, number] => {
    while (node?.nodeValue && offset > before + node.nodeValue.length) {
      before += node.nodeValue.length;
      const next = letters.nextNode();
      if (!next) break;
      node = next;
    }
    return [node ?? element, node ? offset - before : 0];
  };
  rangesOf.set(
    element,
    found.map(({ start, end, isCurrent }) => {
      const range = document.createRange();
      range.setStart(...place(start));
      range.setEnd(...place(end));
      (isCurrent ? current : matches).add(range);
      return range;
    }),
  );
}
