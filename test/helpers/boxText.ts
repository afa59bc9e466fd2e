/** Where a text box has drawn its letters, which scripts of the page cannot see: asked of the browser's debugger. */
import type { CDPSession, Page } from 'playwright-core';

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface DomNode {
  readonly nodeName: string;
  readonly backendNodeId: number;
  readonly attributes?: readonly string[];
  readonly children?: readonly DomNode[];
  readonly shadowRoots?: readonly DomNode[];
  readonly contentDocument?: DomNode;
}

/** The boxes of a stretch of the text in the text box that has some attribute of some value, in its frame. */
export async function rectsInBox(
  page: Page,
  [name, value]: readonly [string, string],
  [start, end]: readonly [number, number],
): Promise<Rect[]> {
  const session = await page.context().newCDPSession(page);
  try {
    const { root } = (await session.send('DOM.getDocument', { depth: -1, pierce: true })) as {
      root: DomNode;
    };
    const box = find(root, node => node.nodeName === 'TEXTAREA' && hasAttribute(node, name, value));
    const inner = box?.shadowRoots?.[0] && find(box.shadowRoots[0], isLetters);
    if (!inner) throw new Error(`There is no text box with ${name}=${value}.`);
    return await rangeRects(session, inner.backendNodeId, start, end);
  } finally {
    await session.detach();
  }
}

/** Beside it stands the text that is shown in an empty box. */
function isLetters(node: DomNode): boolean {
  return (
    node.nodeName === 'DIV' &&
    !hasAttribute(node, 'id', 'placeholder') &&
    !hasAttribute(node, 'pseudo', 'placeholder')
  );
}

function hasAttribute({ attributes = [] }: DomNode, name: string, value: string): boolean {
  return attributes.some(
    (each, index) => index % 2 === 0 && each === name && attributes[index + 1] === value,
  );
}

function find(node: DomNode, wanted: (node: DomNode) => boolean): DomNode | undefined {
  if (wanted(node)) return node;
  const inside = [
    ...(node.children ?? []),
    ...(node.shadowRoots ?? []),
    ...(node.contentDocument ? [node.contentDocument] : []),
  ];
  for (const each of inside) {
    const found = find(each, wanted);
    if (found) return found;
  }
  return undefined;
}

async function rangeRects(session: CDPSession, node: number, start: number, end: number): Promise<Rect[]> {
  const { object } = (await session.send('DOM.resolveNode', { backendNodeId: node })) as {
    object: { objectId: string };
  };
  const { result } = (await session.send('Runtime.callFunctionOn', {
    objectId: object.objectId,
    returnByValue: true,
    arguments: [{ value: start }, { value: end }],
    functionDeclaration: RANGE_RECTS,
  })) as { result: { value: Rect[] } };
  return result.value;
}

/** In the page, with the element that holds the letters of the text box as `this`. */
const RANGE_RECTS = `function (start, end) {
  const range = document.createRange();
  const place = offset => {
    for (const node of this.childNodes) {
      // An end of a line that was typed is an element.
      const length = node.nodeType === Node.TEXT_NODE ? node.length : 1;
      if (offset <= length && node.nodeType === Node.TEXT_NODE) return [node, offset];
      offset -= length;
    }
    return [this, 0];
  };
  range.setStart(...place(start));
  range.setEnd(...place(end));
  return Array.from(range.getClientRects(), ({ x, y, width, height }) => ({ x, y, width, height }));
}`;
