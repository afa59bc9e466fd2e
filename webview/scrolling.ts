/** What is scrolled: where room is short that is not the record alone (styles/windows.css). */

/** The nearest of an element and those around it that scrolls what is in it up and down. */
export function scrollerOf(element: Element): Element | null {
  let each: Element | null = element;
  while (each && getComputedStyle(each).overflowY !== 'auto') each = each.parentElement;
  return each;
}
