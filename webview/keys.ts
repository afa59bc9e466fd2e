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
  /** Whether a dialog has all the keys: VS Code gets none of them without Ctrl/Cmd. */
  readonly isModal: () => boolean;
  /** Keys that the page itself knows: digits, and those of its dialogs. @returns whether the key was used */
  readonly press: (event: KeyboardEvent, typing: boolean) => boolean;
}

export function guardKeys({ commit, drop, close, isModal, press }: KeyHandlers, order: KeyOrder): void {
  const guard = (event: KeyboardEvent) => {
    // The first of the path: events out of a shadow root name only its host as their target.
    const [target] = event.composedPath();
    const typing = takesText(target);
    // `Process` is the key that begins a composition, before the text box knows of it.
    const composing = event.isComposing || event.key === 'Process';
    const command = event.ctrlKey || event.metaKey;
    const altGr = event.ctrlKey && event.altKey;
    const isPlain = !command && !event.altKey;
    // A key held down moves through the records; it must not decide on them one after the other.
    const isAction = !typing || FUNCTION_KEY.test(event.key);
    if (event.repeat && isAction && !MOVES.test(event.key)) event.stopPropagation();
    // Function keys type nothing, and F1 is wanted everywhere.
    const typed =
      (!command || altGr || isDoneByBox(event) || event.key === 'Enter') && !FUNCTION_KEY.test(event.key);
    const modal = isModal();
    if (composing || (typing && typed) || (modal && isPlain && !FUNCTION_KEY.test(event.key)))
      event.stopPropagation();
    if (composing || event.type !== 'keydown') return;
    const mayWait = !typing && (digitOf(event) !== undefined || [' ', 'Enter'].includes(event.key));
    if (isPlain && !modal && mayWait && order.wait(() => press(event, typing))) {
      event.preventDefault();
      return;
    }
    if (isPlain && press(event, typing)) {
      event.preventDefault();
      return;
    }
    if (isPlain && !modal && !typing && !event.repeat && /^\p{L}$/u.test(event.key)) order.letter();
    if (event.key === 'Escape') (typing ? drop : close)();
    if (typing && event.key === 'Enter' && command) {
      event.preventDefault();
      commit();
    }
  };
  window.addEventListener('keydown', guard, true);
  window.addEventListener('keyup', guard, true);
}

/** Longer than VS Code takes to tell what a letter means, in milliseconds. */
const ANSWER_MS = 500;

/**
 * Keeps the order of keys. What a letter means VS Code tells a moment later, while the page knows by itself what a digit
 * means: one that is pressed after a letter waits until that is done.
 */
export class KeyOrder {
  #waiting: (() => unknown)[] | undefined;
  #timer: number | undefined;

  /** A key was pressed that VS Code may make an action of. */
  letter(): void {
    this.#waiting ??= [];
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.done(true), ANSWER_MS);
  }

  /** VS Code has told what it means; now it is being done, which may take longer. */
  answered(): void {
    window.clearTimeout(this.#timer);
  }

  /** @returns false if there is nothing to wait for */
  wait(key: () => unknown): boolean {
    this.#waiting?.push(key);
    return this.#waiting !== undefined;
  }

  /** @param isMeant false: the keys were pressed for what is no longer shown */
  done(isMeant: boolean): void {
    const keys = this.#waiting ?? [];
    this.#waiting = undefined;
    if (isMeant) for (const key of keys) key();
  }
}

/** A digit from 1 to 9 by where it is on the keyboard, so that it needs no Shift on any layout. */
export function digitOf(event: KeyboardEvent): number | undefined {
  const { code, key, shiftKey } = event;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(code)?.[1];
  // With Shift, or without Num Lock, the same key is often another one.
  const isDigit = /^\d$/.test(key) || (code.startsWith('Digit') && !shiftKey);
  return digit !== undefined && isDigit ? Number(digit) : undefined;
}

const FUNCTION_KEY = /^F\d+$/;
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
    // Its letters and arrows choose.
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && target.type !== 'checkbox') ||
    (target instanceof HTMLElement && target.isContentEditable)
  );
}
