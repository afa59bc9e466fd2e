/** What the checks say of a record: at its fields, and all of it in the tab, with what was ignored. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Severity } from '../src/core/check';
import type { FieldView, FindingView, GoodUnit, IgnoredView } from '../src/core/protocol';
import type { Side } from '../src/core/record';
import { isSame, mayMend } from './checks';
import { nameOf } from './history';
import { call } from './rpc';
import type { Store } from './store';
import { checkTitle, date, sentence, t } from './text';

/** Findings that are written at their field; all are in the tab. */
const AT_FIELD = 5;
/** UTF-16 units shown of what a fix replaces, of what it puts there, and of what stands around. */
const MAX_SHOWN = 60;
const AROUND = 12;

/** Told apart by more than colour. */
const SIGNS: Readonly<Record<Severity, string>> = { error: '✕', warning: '!', info: 'i' };

export function sign(severity: Severity): TemplateResult {
  return html`<span class="sign" aria-hidden="true">${SIGNS[severity]}</span>`;
}

function of(view: GoodUnit, side: Side, name: string): FindingView[] {
  return view.findings.filter(each => each.side === side && each.field === name);
}

/** Ids of what is said of a field, for its box; undefined where nothing is. */
export function describing(view: GoodUnit, side: Side, name: string): string | undefined {
  const ids = of(view, side, name)
    .slice(0, AT_FIELD)
    .map((_, index) => idOf(view, side, name, index));
  return ids.length === 0 ? undefined : ids.join(' ');
}

/** By numbers: the name of a field may be any text. */
function idOf(view: GoodUnit, side: Side, name: string, index: number): string {
  return `finding-${side}-${view.fields.findIndex(field => field.name === name)}-${index}`;
}

export function fieldFindings(store: Store, view: GoodUnit, side: Side, field: FieldView): TemplateResult {
  const findings = of(view, side, field.name);
  const more = findings.length - AT_FIELD;
  return html`<div>
    ${findings.slice(0, AT_FIELD).map(
      (finding, index) =>
        html`<div class=${classOf(store, finding)}>
          <p id=${idOf(view, side, field.name, index)}>
            ${sign(finding.severity)} <strong>${t(`severity.${finding.severity}`)}</strong>
            ${sentence(finding.message)}
          </p>
          ${mending(store, view, field, finding)} ${byModel(store, view, field, finding)}
        </div>`,
    )}
    ${more > 0 ? html`<p class="hint">${t('page.moreAtField', more)}</p>` : nothing}
  </div>`;
}

function classOf(store: Store, finding: FindingView): string {
  const { current } = store.checks;
  return `finding ${finding.severity} ${current && isSame(finding, current) ? 'current' : ''}`;
}

/** What mends it, shown by what it makes of the text. */
function mending(
  store: Store,
  view: GoodUnit,
  field: FieldView,
  finding: FindingView,
): TemplateResult | typeof nothing {
  const { fix, side } = finding;
  if (!fix || !mayMend(store, view, side, field)) return nothing;
  const text = (side === 'source' ? field.sourceDraft : field.draft) ?? field[side];
  const old = visible(text.slice(fix.start, fix.end));
  const now = visible(fix.text);
  const label =
    old === ''
      ? t('page.mendInsert', now)
      : now === ''
        ? t('page.mendRemove', old)
        : t('page.mendAs', old, now);
  return html`<div class="mend">
    <button aria-description=${label} @click=${() => store.checks.mend(finding)}>
      ${t('page.mend')}
      ${isSameAs(store.checks.mendable, finding) ? html`<kbd aria-hidden="true">Q</kbd>` : nothing}
    </button>
    <bdi class="difference" lang=${side === 'source' ? view.sourceLang : view.targetLang}
      >${before(text, fix.start)}${old === '' ? nothing : html`<del>${old}</del>`}${
        now === '' ? nothing : html`<ins>${now}</ins>`
      }${after(text, fix.end)}</bdi
    >
  </div>`;
}

/** Only of the target: the model writes nothing else. */
function byModel(
  store: Store,
  view: GoodUnit,
  field: FieldView,
  finding: FindingView,
): TemplateResult | typeof nothing {
  if (finding.side === 'source' || !mayMend(store, view, 'target', field)) return nothing;
  if (store.shard?.backend === null) return nothing;
  return html`<div class="mend">
    <button @click=${() => store.candidates.mend(finding)}>
      ${t('candidates.mend')}
      ${isSameAs(store.candidates.mendable, finding) ? html`<kbd aria-hidden="true">Z</kbd>` : nothing}
    </button>
  </div>`;
}

function isSameAs(one: FindingView | undefined, other: FindingView): boolean {
  return one !== undefined && isSame(one, other);
}

/** Of whole words where there are some: half a letter with its accents would be another one. */
function before(text: string, at: number): string {
  const near = text.slice(Math.max(0, at - AROUND), at);
  return at > AROUND ? `…${near.replace(/^\S*\s/, '')}` : near;
}

function after(text: string, at: number): string {
  const near = text.slice(at, at + AROUND);
  return at + AROUND < text.length ? `${near.replace(/\s\S*$/, '')}…` : near;
}

/** As it can be read: what shows nothing by its number, a long one by both of its ends. */
function visible(text: string): string {
  const some =
    text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN / 2)}…${text.slice(-MAX_SHOWN / 2)}` : text;
  return some.replace(/[\p{Cc}\p{Cf}]/gu, letter =>
    t('page.hiddenCharacter', (letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')),
  );
}

export function findingsTab(store: Store, view: GoodUnit): TemplateResult {
  const { findings, moreFindings, ignored } = view;
  const { problem } = store.checks;
  return html`${
    problem === undefined ? nothing : html`<p class="notice warning">${t('page.checkFailed', problem)}</p>`
  }
  ${
    findings.length === 0
      ? html`<p class="hint">${t('page.noFindings')}</p>`
      : html`<ul class="list">
          ${findings.map(finding => entry(store, view, finding))}
        </ul>`
  }
  ${moreFindings > 0 ? html`<p class="hint">${t('page.moreFindings', moreFindings)}</p>` : nothing}
  ${
    ignored.length === 0
      ? nothing
      : html`<h3>${t('page.ignoredOnes')}</h3>
          <ul class="list">
            ${ignored.map(each => ignoredEntry(store, each))}
          </ul>`
  }`;
}

function entry(store: Store, view: GoodUnit, finding: FindingView): TemplateResult {
  const { severity, check, side, field: name } = finding;
  const field = view.fields.find(each => each.name === name);
  const isNext = isSameAs(store.checks.finding ?? view.findings[0], finding);
  return html`<li class=${classOf(store, finding)}>
    <p>
      ${sign(severity)} <strong>${t(`severity.${severity}`)}</strong> ${checkTitle(check)} ·
      <button class="link" @click=${() => store.checks.select(finding)}>${nameOf(side, name)}</button>
    </p>
    <p>${sentence(finding.message)}</p>
    ${finding.blocks ? html`<p class="hint">${t('page.blocks')}</p>` : nothing}
    ${field ? html`${mending(store, view, field, finding)} ${byModel(store, view, field, finding)}` : nothing}
    ${
      view.rights.decide
        ? html`<button class="link" @click=${() => store.ignoring.open(finding)}>
            ${t('page.ignore')} ${isNext ? html`<kbd aria-hidden="true">I</kbd>` : nothing}
          </button>`
        : nothing
    }
  </li>`;
}

function ignoredEntry(store: Store, { id, check, side, field, by, at, reason }: IgnoredView): TemplateResult {
  return html`<li class="finding ignored">
    <p>${checkTitle(check)} · ${nameOf(side, field)}</p>
    <p dir="auto">${t('page.ignoredBy', by, date(at), reason)}</p>
    ${
      by === store.shard?.reviewer
        ? html`<button
            class="link"
            @click=${() => store.change(target => call('stopIgnoring', target, id), t('page.heeded'))}
          >
            ${t('page.heed')}
          </button>`
        : nothing
    }
  </li>`;
}
