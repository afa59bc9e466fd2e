import { render } from 'lit';
import { app } from './app';
import { guardKeys } from './keys';
import { layoutQueue } from './queue';
import { listen, notify } from './rpc';
import { Store } from './store';
import { registerToolkit } from './toolkit';

const root = document.querySelector<HTMLElement>('#page');
if (!root) throw new Error('The page has no root.');

let scheduled = false;
/** A new record is read from its top. */
let shown: string | undefined;
/** Draws at most once a frame, however much changed. */
function draw(): void {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    if (!root) return;
    render(app(store), root);
    layoutQueue(store);
    // Modal, so that the focus goes into it and comes back, and nothing behind it is reached.
    const dialog = root.querySelector('dialog');
    if (dialog && !dialog.open) dialog.showModal();
    const { view } = store;
    const place = view && (view.kind === 'unit' ? view.key : String(view.row));
    if (place !== shown) {
      shown = place;
      document.querySelector('main')?.scrollTo(0, 0);
    }
  });
}

const store = new Store(draw);

registerToolkit();
listen(event => store.onEvent(event));
guardKeys({
  commit: () => {
    if (document.activeElement?.id === 'comment') void store.comment();
    else void store.commit();
    blur();
  },
  drop: () => {
    const name =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset['field'] : undefined;
    if (name !== undefined) void store.drop(name);
    blur();
  },
  close: () => store.set({ help: false }),
});

/** Gives the keys back: letters are actions again. */
function blur(): void {
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
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

draw();
void store.start().then(() => {
  if (document.hasFocus()) requestAnimationFrame(focusList);
});
