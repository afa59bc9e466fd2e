/**
 * Fields whose lines stand beside their partners are read as such. A text box cannot leave room between its lines: when one
 * is edited, its field is laid out plainly, and the partner of the line with the caret is kept level with it. That lasts
 * until the keys are given back to the list or another field is edited, so that nothing moves under a click.
 */
import type { UnitKey } from '../src/core/record';
import { blockAt } from './marks';
import { scrollerOf } from './scrolling';

export class Opening {
  #place: string | undefined;

  isOpen(key: UnitKey, name: string): boolean {
    return this.#place === placeOf(key, name);
  }

  /** Lays a field out to be edited; the line with the caret stays where it is. */
  open(key: UnitKey, name: string, box: HTMLTextAreaElement): void {
    if (this.isOpen(key, name)) return;
    keepInPlace(box, () => {
      this.#place = placeOf(key, name);
      for (const other of document.querySelectorAll('.pair.editing')) lay(other, false);
      const pair = box.closest('.pair');
      if (pair) lay(pair, true);
    });
    tie(box);
  }

  /** Lays the field out to be read again. */
  close(): void {
    const pair = document.querySelector('.pair.editing');
    this.#place = undefined;
    const box = pair?.querySelector('textarea');
    if (pair && box) keepInPlace(box, () => lay(pair, false));
  }
}

/** While the first click is made in a box that shows the text of its reading view: the caret goes where that was clicked. */
export function press(event: MouseEvent): void {
  const box = event.currentTarget;
  if (!(box instanceof HTMLTextAreaElement) || event.button !== 0) return;
  const behind = box.parentElement?.querySelector('.behind');
  if (!behind || box.closest('.aligned:not(.editing)') === null) return;
  event.preventDefault();
  const offset = Math.min(offsetAt(behind, event), box.value.length);
  box.setSelectionRange(offset, offset);
  box.focus({ preventScroll: true });
}

/** Brings the partner of the line with the caret level with it. */
export function tie(box: HTMLTextAreaElement): void {
  const cell = box.closest<HTMLElement>('.pair.editing > .cell');
  const own = behindOf(box);
  const partner = [...(cell?.parentElement?.children ?? [])].find(
    (each): each is HTMLElement => each instanceof HTMLElement && each.matches('.cell') && each !== cell,
  );
  const text = partner?.querySelector('.behind, .text');
  if (!cell || !own || !partner || !text || box.selectionStart !== box.selectionEnd) return;
  const here = blockAt(own, box.selectionStart);
  const there = here && text.children[here.index];
  // In a narrow page it stands above or below.
  if (!there || partner.offsetTop !== cell.offsetTop) return;
  const [ownDown, partnerDown] = [downOf(cell), downOf(partner)];
  const apart = top(here.block) - ownDown - (top(there) - partnerDown);
  setDown(partner, Math.max(0, apart));
  setDown(cell, Math.max(0, -apart));
  scrollerOf(cell)?.scrollBy(0, downOf(cell) - ownDown);
}

/** Does what changes the layout; the line with the caret stays where it is on the screen. */
function keepInPlace(box: HTMLTextAreaElement, change: () => void): void {
  const own = behindOf(box);
  const line = () => own && blockAt(own, box.selectionStart)?.block;
  const before = line();
  const was = before ? top(before) : undefined;
  change();
  const after = line();
  if (was !== undefined && after) scrollerOf(box.closest('.cell') ?? box)?.scrollBy(0, top(after) - was);
}

function lay(pair: Element, isEditing: boolean): void {
  pair.classList.toggle('editing', isEditing);
  for (const cell of pair.children) if (cell instanceof HTMLElement) setDown(cell, 0);
}

/** Of the text under the pointer, in UTF-16 code units. */
function offsetAt(behind: Element, { clientX, clientY }: MouseEvent): number {
  const box = behind.parentElement;
  box?.classList.add('probed');
  const place = document.caretPositionFromPoint(clientX, clientY);
  box?.classList.remove('probed');
  if (!place || !behind.contains(place.offsetNode)) return 0;
  const range = document.createRange();
  range.setStart(behind, 0);
  range.setEnd(place.offsetNode, place.offset);
  return range.toString().length;
}

function behindOf(box: HTMLTextAreaElement): Element | null | undefined {
  return box.parentElement?.querySelector('.behind');
}

const top = (element: Element) => element.getBoundingClientRect().top;

function downOf(cell: HTMLElement): number {
  return Number.parseFloat(cell.style.getPropertyValue('--down')) || 0;
}

function setDown(cell: HTMLElement, pixels: number): void {
  if (pixels === 0) cell.style.removeProperty('--down');
  else cell.style.setProperty('--down', `${pixels}px`);
}

function placeOf(key: UnitKey, name: string): string {
  return `${name} ${key}`;
}
