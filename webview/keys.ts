/**
 * The guard of the keyboard. VS Code gets every key pressed in the page and runs what is bound to it; it cannot see that
 * a text box has the focus. So the page stops, before VS Code's own listener, every key that may be typing.
 */
export interface KeyHandlers {
  /** Ctrl/Cmd+Enter in a text box. */
  readonly commit: () => void;
  /** Escape in a text box. */
  readonly drop: () => void;
  /** Escape anywhere else. */
  readonly close: () => void;
}

export function guardKeys({ commit, drop, close }: KeyHandlers): void {
  const guard = (event: KeyboardEvent) => {
    // The first of the path: events out of a shadow root name only its host as their target.
    const [target] = event.composedPath();
    const typing = takesText(target);
    // `Process` is the key that begins a composition, before the text box knows of it.
    const composing = event.isComposing || event.key === 'Process';
    const command = event.ctrlKey || event.metaKey;
    const altGr = event.ctrlKey && event.altKey;
    // Function keys type nothing, and F1 is wanted everywhere.
    // A key held down moves through the records; it must not decide on them one after the other.
    if (event.repeat && !typing && !MOVES.test(event.key)) event.stopPropagation();
    const typed =
      (!command || altGr || isDoneByBox(event) || event.key === 'Enter') && !/^F\d+$/.test(event.key);
    if (composing || (typing && typed)) event.stopPropagation();
    if (composing || event.type !== 'keydown') return;
    if (event.key === 'Escape') (typing ? drop : close)();
    if (typing && event.key === 'Enter' && command) {
      event.preventDefault();
      commit();
    }
  };
  window.addEventListener('keydown', guard, true);
  window.addEventListener('keyup', guard, true);
}

/** Keys that may repeat while they are held down. */
const MOVES = /^(Arrow|Page|[jk]$)/i;

/**
 * Undo and redo of typing, and selecting all of it: the text box does them itself. VS Code would select all once more, a
 * moment later, and so what was typed meanwhile would be replaced by the next letter.
 */
function isDoneByBox(event: KeyboardEvent): boolean {
  return (event.ctrlKey || event.metaKey) && !event.altKey && /^[zya]$/i.test(event.key);
}

function takesText(target: EventTarget | undefined): boolean {
  return (
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLInputElement ||
    (target instanceof HTMLElement && target.isContentEditable)
  );
}
