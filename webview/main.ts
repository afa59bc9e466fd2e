import { render } from 'lit';
import type { Action } from '../src/core/protocol';
import { app } from './app';
import { sendComment } from './comments';
import { guardKeys, KeyOrder } from './keys';
import { layoutQueue } from './queue';
import { arrive } from './record';
import { listen, notify } from './rpc';
import { Store } from './store';
import { registerToolkit } from './toolkit';
import { foldTopBar } from './topBar';

/** Before this nothing tells that there is something to wait for: it would only flicker. Milliseconds. */
const WAIT_MS = 500;

const root = document.querySelector<HTMLElement>('#page');
if (!root) throw new Error('The page has no root.');

let scheduled = false;
/** A new record is read from its top, or from where it is in doubt. */
let shown: string | undefined;
/** What had the focus before the cheat sheet: it is read in passing. */
let left: Element | null = null;
/** Draws at most once a frame, however much changed. */
function draw(): void {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    if (!root) return;
    const before = root.querySelector('dialog');
    const focused = document.activeElement;
    store.candidates.mark();
    render(app(store), root);
    foldTopBar();
    layoutQueue(store);
    // Modal, so that the focus goes into it, and nothing behind it is reached.
    const dialog = root.querySelector('dialog');
    if (dialog && !dialog.open) dialog.showModal();
    // What had the focus is gone: the keys go on from the dialog, or from the list.
    if (document.activeElement === document.body && (focused !== document.body || before !== dialog)) {
      if (dialog) dialog.querySelector<HTMLElement>('[autofocus]')?.focus();
      else if (before?.matches('.help') && left instanceof HTMLElement && left.isConnected) left.focus();
      else focusList();
    }
    if (dialog !== before) left = dialog ? focused : null;
    const { view } = store;
    const place = view && (view.kind === 'unit' ? view.key : String(view.row));
    if (place !== shown) {
      if (shown === undefined && document.hasFocus()) focusList();
      shown = place;
      arrive(store);
    }
  });
}

const store = new Store(draw);

registerToolkit();
const order = new KeyOrder();
listen(event => {
  if (event.event === 'action') void act(event.action);
  else store.onEvent(event);
});

/** What VS Code made of a key. Those pressed after it are for the record that it was pressed for, and for no other. */
async function act(action: Action): Promise<void> {
  const { view } = store;
  order.answered();
  await store.act(action);
  order.done(store.view?.row === view?.row);
}

guardKeys(
  {
    commit: () => {
      const { begun, candidate } = boxOf()?.dataset ?? {};
      if (begun !== undefined) void sendComment(store, begun);
      else if (candidate !== undefined) void store.candidates.takeEdited();
      else void store.commit();
      store.set({ sourceOpen: undefined });
      blur();
    },
    drop: () => {
      const { field, sourceField, begun, candidate } = boxOf()?.dataset ?? {};
      // An empty box goes; what was begun stays in it.
      if (begun !== undefined && store.begun.get(begun) === '') store.begun.delete(begun);
      if (field !== undefined) void store.drop('target', field);
      if (sourceField !== undefined) void store.drop('source', sourceField);
      if (candidate !== undefined) store.candidates.leave();
      close();
      blur();
    },
    close: () => {
      // It closes by itself.
      if (document.querySelector('#more:popover-open')) return;
      // What lies over the record goes first.
      if (!store.isModal && store.sourceOpen === undefined) store.candidates.escape();
      close();
    },
    isModal: () =>
      store.verdicts.panel !== undefined ||
      store.ignoring.panel !== undefined ||
      store.bulk.step !== undefined,
    press: (event, typing) => {
      if (store.bulk.step !== undefined) return false;
      if (store.find.press(event)) return true;
      return store.ignoring.panel ? store.ignoring.press(event, typing) : store.verdicts.press(event, typing);
    },
  },
  order,
);

function boxOf(): HTMLElement | undefined {
  return document.activeElement instanceof HTMLElement ? document.activeElement : undefined;
}

/** Ends what lies over the record, and gives its source its quiet form back. */
function close(): void {
  if (store.verdicts.panel) store.verdicts.close();
  if (store.ignoring.panel) store.ignoring.close();
  if (store.bulk.step !== undefined) store.bulk.cancel();
  store.find.close();
  store.set({ help: false, sourceOpen: undefined });
}

/** Gives the keys back: letters are actions again. */
function blur(): void {
  boxOf()?.blur();
  focusList();
}

function focusList(): void {
  document.querySelector<HTMLElement>('#queue')?.focus({ preventScroll: true });
}

window.addEventListener('focus', () => {
  notify({ notice: 'focus', focused: true });
  if (document.activeElement === document.body) focusList();
});
window.addEventListener('blur', () => {
  notify({ notice: 'focus', focused: false });
  void store.flush();
});
// The page may be gone the next moment: what was typed goes first.
window.addEventListener('pagehide', () => void store.flush());
document.addEventListener('visibilitychange', () => void store.flush());
window.addEventListener('resize', draw);
if (document.hasFocus()) notify({ notice: 'focus', focused: true });

// What the host has sent by now comes first.
window.addEventListener('load', () => requestAnimationFrame(() => setTimeout(() => void store.start())));
window.setTimeout(draw, WAIT_MS);
