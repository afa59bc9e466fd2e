/** One field: source and target beside each other, line by line, each with what is to be known of it. */
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { ref } from 'lit/directives/ref.js';
import { codeLines, isAllCode } from '../src/core/codeLines';
import { hiddenCharacters, type HiddenCharacter } from '../src/core/hiddenCharacters';
import { alignLines, type Block } from '../src/core/lineAlignment';
import type { FieldView, GoodUnit, ShardView } from '../src/core/protocol';
import type { Side } from '../src/core/record';
import type { Span } from '../src/core/spans';
import { difference } from './difference';
import { describing, fieldFindings } from './findings';
import { drawn, paint, type Drawing } from './marks';
import { press, tie } from './opening';
import type { Store } from './store';
import { language, t } from './text';

/** UTF-16 units of a text whose marks are drawn anew with each key. */
const MARKED_AT_ONCE = 8000;
/** UTF-16 units of a text with which source and target are still seen together when they stand below each other. */
const SHORT = 600;
/** Kinds of hidden characters that are named below a text. */
const NAMED_KINDS = 8;

/** What is known of both texts of a field however they are shown. */
interface Laid {
  readonly blocks: readonly Block[];
  readonly code: Readonly<Record<Side, readonly Span[]>>;
  readonly isCode: Readonly<Record<Side, boolean>>;
  /** Found when they are first shown. */
  readonly hidden: Partial<Record<Side, readonly HiddenCharacter[]>>;
}
/** Of the fields shown, by their texts: most of what is drawn is drawn again. */
let laid = new Map<string, Laid>();

export function fieldRow(store: Store, shard: ShardView, view: GoodUnit, field: FieldView): TemplateResult {
  const { name } = field;
  const { blocks } = layOut(store, view, field);
  const isAligned = blocks.length > 1;
  const isLong = Math.max(field.source.length, field.target.length) > SHORT;
  const classes = [
    'pair',
    ...(isAligned ? ['aligned'] : []),
    ...(isLong ? ['long'] : []),
    ...(store.opening.isOpen(view.key, name) ? ['editing'] : []),
  ].join(' ');
  const rows = ref(element => {
    if (element instanceof HTMLElement) element.style.setProperty('--lines', String(blocks.length));
  });
  return html`<section class="field ${store.field === name ? 'marked' : ''}" aria-label=${name}>
    <h3>${name}</h3>
    <div class=${classes} ${rows}>
      <div class="cell" data-head=${language(view.sourceLang)}>
        ${sourceText(store, shard, view, field)}
        <div class="said">
          ${sourceHint(store, view, field)} ${cut(field.sourceCut)}
          ${hiddenHere(store, view, 'source', field)} ${fieldFindings(store, view, 'source', field)}
          ${changed(field.sourceOriginal, field.source, view.sourceLang)}
        </div>
      </div>
      <div class="cell" data-head=${language(view.targetLang)}>
        ${box(store, shard, view, 'target', field)}
        <div class="said">
          ${cut(field.targetCut)} ${hiddenHere(store, view, 'target', field)}
          ${store.typing.isTyped(view, 'target', field) ? html`<p class="hint">${t('page.draft')}</p>` : nothing}
          ${fieldFindings(store, view, 'target', field)}
          ${changed(field.original, field.target, view.targetLang)}
        </div>
      </div>
    </div>
  </section>`;
}

/** Which lines of the texts as they stand in their boxes belong together, and which are code. */
function layOut(store: Store, view: GoodUnit, field: FieldView): Laid {
  const [source, target] = [
    store.typing.textOf(view, 'source', field),
    store.typing.textOf(view, 'target', field),
  ];
  const texts = JSON.stringify([source, target]);
  let known = laid.get(texts);
  if (!known) {
    const code = { source: codeLines(source), target: codeLines(target) };
    const isCode = { source: isAllCode(source, code.source), target: isAllCode(target, code.target) };
    known = { blocks: alignLines(source, target), code, isCode, hidden: {} };
    if (laid.size > 50) laid = new Map();
    laid.set(texts, known);
  }
  return known;
}

function hiddenOf(store: Store, view: GoodUnit, side: Side, field: FieldView): readonly HiddenCharacter[] {
  if (!store.appearance.look.hidden) return [];
  const { hidden } = layOut(store, view, field);
  return (hidden[side] ??= hiddenCharacters(store.typing.textOf(view, side, field)));
}

function drawingOf(store: Store, view: GoodUnit, side: Side, field: FieldView, isBehind: boolean): Drawing {
  const { blocks, code } = layOut(store, view, field);
  const text = store.typing.textOf(view, side, field);
  return {
    text,
    marks: store.checks.marksOf(view, side, field.name),
    blocks: text === '' ? [] : blocks.map(each => each[side]),
    code: code[side],
    hidden: hiddenOf(store, view, side, field),
    matches: store.find.matchesOf(side, field.name, text),
    isBehind,
  };
}

/** Names of the hidden characters in a text, for those who cannot see where they stand. */
function hiddenHere(
  store: Store,
  view: GoodUnit,
  side: Side,
  field: FieldView,
): TemplateResult | typeof nothing {
  const found = hiddenOf(store, view, side, field);
  if (found.length === 0) return nothing;
  const counts = new Map<string, number>();
  for (const { name, code } of found) {
    const label = name === 'view.hidden.other' ? `U+${code}` : t(name);
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const named = [...counts].slice(0, NAMED_KINDS).map(([name, count]) => t('view.hiddenCount', count, name));
  return html`<p class="hint" id=${hiddenId(view, side, field)}>
    ${t('view.hiddenHere', named.join(', '))}
  </p>`;
}

/** By number: the name of a field may be any text. */
function hiddenId(view: GoodUnit, side: Side, field: FieldView): string {
  return `hidden-${side}-${view.fields.indexOf(field)}`;
}

function descriptions(store: Store, view: GoodUnit, side: Side, field: FieldView): string | typeof nothing {
  const isHiding = hiddenOf(store, view, side, field).length > 0;
  const ids = [describing(view, side, field.name), isHiding ? hiddenId(view, side, field) : undefined];
  return ids.filter(id => id !== undefined).join(' ') || nothing;
}

function labelOf(name: string, lang: string): string {
  return t('page.field', name, language(lang));
}

/** The source is there to be read; on demand, or where something was typed in it, it is a box. */
function isSourceBox(store: Store, view: GoodUnit, field: FieldView): boolean {
  return store.typing.isTyped(view, 'source', field) || store.sourceOpen === view.key;
}

/** Reached by Tab where its lines are not broken: with the arrow keys it is scrolled sideways. */
function sourceText(store: Store, shard: ShardView, view: GoodUnit, field: FieldView): TemplateResult {
  if (isSourceBox(store, view, field)) return box(store, shard, view, 'source', field);
  const isCode = layOut(store, view, field).isCode.source;
  return html`<div
    class="text ${isCode ? 'code' : ''}"
    role="group"
    tabindex=${store.appearance.look.wraps ? '-1' : '0'}
    aria-label=${labelOf(field.name, view.sourceLang)}
    aria-describedby=${descriptions(store, view, 'source', field)}
    data-empty=${t('page.empty')}
    lang=${isCode ? '' : view.sourceLang}
    dir=${isCode ? 'ltr' : 'auto'}
    translate=${isCode ? 'no' : nothing}
    ${drawn(drawingOf(store, view, 'source', field, false))}
  ></div>`;
}

function sourceHint(store: Store, view: GoodUnit, field: FieldView): TemplateResult | typeof nothing {
  if (!isSourceBox(store, view, field)) return nothing;
  return html`${
    view.rights.editSource === 'propose' ? html`<p class="hint">${t('page.sourceProposes')}</p>` : nothing
  }
  ${store.typing.isTyped(view, 'source', field) ? html`<p class="hint">${t('page.draft')}</p>` : nothing}`;
}

function changed(original: string | null, now: string, lang: string): TemplateResult | typeof nothing {
  if (original === null) return nothing;
  return html`<div class="changes">
    <span class="hint">${t('page.changes')}</span>
    ${difference(original, now, lang)}
  </div>`;
}

function box(store: Store, shard: ShardView, view: GoodUnit, side: Side, field: FieldView): TemplateResult {
  const { name } = field;
  const isTarget = side === 'target';
  const lang = isTarget ? view.targetLang : view.sourceLang;
  const right = isTarget ? view.rights.edit : view.rights.editSource;
  const isCut = field.targetCut !== null || field.sourceCut !== null;
  const text = store.typing.textOf(view, side, field);
  const { isCode, code } = layOut(store, view, field);
  const direction = isCode[side] ? 'ltr' : 'auto';
  const drawing = drawingOf(store, view, side, field, true);
  const isDrawn =
    drawing.blocks.length > 1 || drawing.code.length + drawing.hidden.length + drawing.matches.length > 0;
  return html`<div class="box ${isDrawn ? 'drawn' : ''} ${isCode[side] ? 'code' : ''}">
    ${
      isDrawn || drawing.marks.length > 0
        ? html`<div
            class="behind"
            aria-hidden="true"
            lang=${isCode[side] ? '' : lang}
            dir=${direction}
            ${drawn(drawing)}
          ></div>`
        : nothing
    }
    <textarea
      data-field=${isTarget ? name : nothing}
      data-source-field=${isTarget ? nothing : name}
      aria-label=${labelOf(name, lang)}
      aria-describedby=${descriptions(store, view, side, field)}
      lang=${isCode[side] ? '' : lang}
      dir=${direction}
      rows="1"
      spellcheck=${code[side].length > 0 ? 'false' : 'true'}
      translate=${isCode[side] ? 'no' : nothing}
      placeholder=${t('page.empty')}
      ?readonly=${isCut || right === 'no' || shard.readonly !== null}
      .value=${live(text)}
      @mousedown=${press}
      @input=${(event: Event) => type(store, view, side, name, event.target as HTMLTextAreaElement)}
      @selectionchange=${(event: Event) => tie(event.target as HTMLTextAreaElement)}
      @focus=${(event: Event) => {
        store.opening.open(view.key, name, event.target as HTMLTextAreaElement);
        store.set({ field: name });
      }}
      @blur=${() => {
        // Only a moment later the page knows whether it lost the focus as a whole: then the draft is enough.
        setTimeout(() => {
          if (!document.hasFocus()) return;
          if (document.activeElement?.id === 'queue') store.opening.close();
          void store.commit();
        });
      }}
    ></textarea>
  </div>`;
}

function type(store: Store, view: GoodUnit, side: Side, name: string, box: HTMLTextAreaElement): void {
  store.type(view, side, name, box.value);
  const behind = box.parentElement?.querySelector<HTMLElement>('.behind');
  const field = view.fields.find(each => each.name === name);
  if (!behind || !field) return;
  // At once, and nothing else of the page: the marks go with the letters. In a long text, which takes its time to be laid
  // out twice, they come back with the next drawing.
  if (box.value.length > MARKED_AT_ONCE) behind.hidden = true;
  else paint(behind, drawingOf(store, view, side, field, true));
  tie(box);
}

function cut(units: number | null): TemplateResult | typeof nothing {
  return units === null ? nothing : html`<p class="hint">${t('page.cut', units)}</p>`;
}
