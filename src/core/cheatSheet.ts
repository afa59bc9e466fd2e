/** The keys of the review, as its cheat sheet shows them: which there are and what they mean. */
import type { MessageId } from './messages';

/** A key that a command is bound to, in VS Code's own notation: `ctrl+shift+z`. */
export interface Binding {
  readonly key: string;
  /** The same on a Mac, where it is another one. */
  readonly mac: string | null;
}

/** By the names of the commands, without `crossalpaca.`. */
export type Bindings = Readonly<Record<string, readonly Binding[]>>;

interface Entry {
  /** A command of the manifest, whose keys users can change; null: keys that the page itself knows. */
  readonly command: string | null;
  /** Of the page itself. */
  readonly keys: readonly Binding[];
  readonly says: MessageId;
}

const of = (command: string, says: MessageId): Entry => ({ command, keys: [], says });
const own = (key: string, says: MessageId, mac: string | null = null): Entry => ({
  command: null,
  keys: [{ key, mac }],
  says,
});

export const CHEAT_SHEET: readonly { readonly title: MessageId; readonly entries: readonly Entry[] }[] = [
  {
    title: 'help.moving',
    entries: [of('next', 'key.next'), of('previous', 'key.previous'), of('nextPending', 'key.nextPending')],
  },
  {
    title: 'help.deciding',
    entries: [
      of('approve', 'page.approve'),
      of('needsWork', 'page.needsWork'),
      of('reject', 'page.reject'),
      of('sourceWrong', 'key.sourceWrong'),
      of('skip', 'page.skip'),
      own('1–9', 'key.choose'),
      of('withdraw', 'key.withdraw'),
      of('keepApproved', 'key.keepApproved'),
      of('takeNew', 'key.takeNew'),
      of('undo', 'page.undo'),
      of('redo', 'key.redo'),
    ],
  },
  {
    title: 'help.warnings',
    entries: [
      of('nextFinding', 'key.nextFinding'),
      of('previousFinding', 'key.previousFinding'),
      of('applyFix', 'key.applyFix'),
      of('ignoreFinding', 'key.ignoreFinding'),
    ],
  },
  {
    title: 'help.writing',
    entries: [
      of('edit', 'key.edit'),
      of('editSource', 'key.editSource'),
      own('ctrl+enter', 'key.save', 'cmd+enter'),
      own('escape', 'key.drop'),
      of('comment', 'page.addComment'),
    ],
  },
  {
    title: 'help.proposals',
    entries: [
      of('takeFix', 'key.takeFix'),
      of('regenerate', 'key.regenerate'),
      of('regenerateRecord', 'key.regenerateRecord'),
      of('mendByModel', 'key.mendByModel'),
      of('answerAnew', 'key.answerAnew'),
      of('advise', 'key.advise'),
    ],
  },
  {
    title: 'help.finding',
    entries: [
      of('search', 'key.search'),
      of('find', 'view.find'),
      of('findNext', 'view.findNext'),
      of('findPrevious', 'view.findPrevious'),
      of('hiddenCharacters', 'view.hidden'),
      of('refreshQueue', 'help.refresh'),
      of('goTo', 'key.goTo'),
      of('replace', 'key.replace'),
    ],
  },
  {
    title: 'help.more',
    entries: [of('assign', 'key.assign'), of('guidelines', 'key.guidelines'), of('help', 'page.help')],
  },
];

/**
 * What the manifest of an extension binds to its commands.
 * @param manifest the parsed `package.json`
 * @param prefix of its commands, with the dot
 */
export function bindingsOf(
  manifest: { readonly contributes: { readonly keybindings: readonly ManifestKey[] } },
  prefix: string,
): Bindings {
  const all: Record<string, Binding[]> = {};
  for (const { command, key, mac } of manifest.contributes.keybindings) {
    if (command.startsWith(prefix))
      (all[command.slice(prefix.length)] ??= []).push({ key, mac: mac ?? null });
  }
  return all;
}

interface ManifestKey {
  readonly command: string;
  readonly key: string;
  readonly mac?: string;
}

const ARROWS: Readonly<Record<string, string>> = { up: '↑', down: '↓', left: '←', right: '→' };
/** Keys whose names hang on the language, as VS Code's own labels do: “Strg” for “Ctrl”. */
const NAMED: Readonly<Record<string, MessageId>> = {
  ctrl: 'cap.ctrl',
  shift: 'cap.shift',
  enter: 'cap.enter',
  escape: 'cap.escape',
};

/**
 * A key as it is printed on it, with those held down before it: `Ctrl+Shift+Z`, `↓`, `F8`.
 * @param named the sentence of an id in the language of the interface
 */
export function keyCap({ key, mac }: Binding, isMac: boolean, named: (id: MessageId) => string): string {
  return ((isMac ? mac : null) ?? key)
    .split('+')
    .map(part => {
      const id = NAMED[part];
      if (id !== undefined) return named(id);
      return ARROWS[part] ?? part.charAt(0).toUpperCase() + part.slice(1);
    })
    .join('+');
}
