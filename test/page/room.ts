/** How much room the page has, and whether what stands in it can be seen. */
import type { Locator } from 'playwright-core';
import { until } from './steps';
import type { Workbench } from './workbench';

/** In the page: what reaches out of its width, or out of that of what holds it, and cannot be scrolled to. */
const CUT = `(() => {
  const width = document.documentElement.clientWidth;
  const name = each => each.tagName + '.' + each.className + ' ' + (each.textContent ?? '').trim().slice(0, 30);
  const inside = document.querySelector('dialog[open]') ?? document;
  const controls = [...inside.querySelectorAll('button, vscode-button, textarea, select, input, h1, h2, h3, p, [role=tab]')]
    .filter(each => !each.closest('.behind') && each.getClientRects().length > 0);
  const outside = controls.filter(each => {
    each.scrollIntoView({ block: 'center', inline: 'nearest' });
    const { left, right, top, bottom } = each.getBoundingClientRect();
    return left < -1 || right > width + 1 || bottom <= 0 || top >= innerHeight;
  });
  const scrolled = [...document.querySelectorAll('html, body, #page, header, .columns, nav, main, aside, dialog[open]')]
    .filter(each => each.scrollWidth > each.clientWidth + 1);
  const cut = controls.filter(each => each.matches('button, vscode-button, h2, [role=tab]') && each.scrollWidth > each.clientWidth + 1);
  return [
    ...outside.map(each => 'outside: ' + name(each)),
    ...scrolled.map(each => 'scrolls: ' + name(each)),
    ...cut.map(each => 'cut: ' + name(each)),
  ];
})()`;

/** What is used of the page by the function below, which runs there. */
interface Shown {
  /** Of a match. */
  readonly startContainer: { readonly parentElement: Shown };
  closest(selector: string): Shown | null;
  contains(other: Shown | null): boolean;
  getBoundingClientRect(): Record<'left' | 'right' | 'top' | 'bottom', number>;
}
declare const CSS: { readonly highlights: { get(name: string): Iterable<Shown> | undefined } };
declare const document: { elementFromPoint(x: number, y: number): Shown | null };
declare const innerWidth: number;
declare const innerHeight: number;

/** Whether some of an element, or of the match that is current in it, is on the screen with nothing over it. */
const seen = (element: unknown, what: 'element' | 'match') => {
  const shown = what === 'element' ? (element as Shown) : [...(CSS.highlights.get('match-current') ?? [])][0];
  if (!shown) return false;
  const { left, right, top, bottom } = shown.getBoundingClientRect();
  const [from, to] = [Math.max(0, top), Math.min(innerHeight, bottom)];
  if (to <= from || right <= 0 || left >= innerWidth) return false;
  const x = (Math.max(0, left) + Math.min(innerWidth, right)) / 2;
  const place = what === 'match' ? shown.startContainer.parentElement : shown;
  // Marks lie behind the box of their text.
  const within = place.closest('.box') ?? place;
  return [0.1, 0.5, 0.9].some(share =>
    within.contains(document.elementFromPoint(x, from + (to - from) * share)),
  );
};

/** Gives the page a size in CSS pixels, as a group of a split editor or a zoomed window would. */
export async function sizePage({ page, frame }: Workbench, width: number, height: number): Promise<void> {
  const html = frame.locator('html');
  // By strings, here and below, since the document is the browser's.
  const sizeNow = (): Promise<[number, number]> => html.evaluate('[innerWidth, innerHeight]');
  await until(async () => {
    const [isWide, isHigh] = await sizeNow();
    if (isWide === width && isHigh === height) return true;
    const window = page.viewportSize()!;
    await page.setViewportSize({
      width: window.width + width - isWide,
      height: window.height + height - isHigh,
    });
    return false;
  });
}

/** What cannot be read without scrolling sideways, or not at all. */
export async function cutOff({ frame }: Workbench): Promise<string[]> {
  return frame.locator('body').evaluate(CUT);
}

/** Whether some of it is on the screen, with nothing over it. */
export async function isSeen(place: Locator): Promise<boolean> {
  return place.evaluate(seen, 'element' as const);
}

/** The same of the match that is the current one in the record. */
export async function isMatchSeen({ frame }: Workbench): Promise<boolean> {
  return frame.locator('html').evaluate(seen, 'match' as const);
}
