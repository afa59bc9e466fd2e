/** The tab of the model: what it is asked for, what it is writing, and its proposals beside the text as it is. */
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import { MAX_ADVICE, MAX_COUNT, MODES, type Mode } from '../src/core/regeneration';
import {
  MAX_FIELD_UNITS,
  type BackendView,
  type CandidateView,
  type FieldText,
  type GoodUnit,
  type ShardView,
} from '../src/core/protocol';
import type { Failed } from './candidates';
import { difference } from './difference';
import { sign } from './findings';
import { distinct, isNote, isThereNow } from './merits';
import { signals } from './signals';
import type { Store } from './store';
import { draftsOf, draftTexts, streams } from './streams';
import { checkTitle, sentence, t } from './text';

/** The advice line, by which a key finds it. */
export const ADVICE = 'advice';
/** What is said where the key takes none of the proposals. */
export const NONE_GOOD = 'none-good';
/** Why it cannot be written in. */
const NO_ADVICE = 'no-advice';

export function candidatesTab(store: Store, shard: ShardView, view: GoodUnit): TemplateResult {
  const { candidates } = store;
  const failure = candidates.failedOf(view.key);
  const isWriting = candidates.runningOf(view.key).length > 0;
  const shown = inOrder(store, view);
  const none = shown.length === 0 && !isWriting && !failure;
  const isFolded = (shown.length > 0 || isWriting) && !candidates.form.isOpen;
  return html`<div class="list">
    ${shard.backend === null ? noBackend(store) : isFolded ? folded(store) : form(store, shard.backend, view)}
    ${failure ? failed(store, view, failure) : nothing} ${streams(store, view)}
    ${none && shard.backend !== null ? html`<p class="hint">${t('candidates.none')}</p>` : nothing}
    ${candidates.isNoneGood ? html`<p id=${NONE_GOOD} class="hint">${t('candidates.noGood')}</p>` : nothing}
    ${repeat(
      shown,
      ({ id }) => id,
      candidate => proposal(store, view, candidate),
    )}
  </div>`;
}

/** What the key takes comes first, so that it is seen, and stays where it is when more come; then the newest. */
function inOrder({ candidates }: Store, view: GoodUnit): readonly CandidateView[] {
  const { fix } = candidates;
  const newest = distinct(view).toReversed();
  return [...newest.filter(each => each === fix), ...newest.filter(each => each !== fix)];
}

/** One line in place of the form: the room is for the proposals. */
function folded(store: Store): TemplateResult {
  const open = () => {
    store.candidates.form.isOpen = true;
    store.set({});
    // It is there with the next frame.
    requestAnimationFrame(() => document.getElementById(ADVICE)?.focus());
  };
  return html`<form class="wish folded" aria-label=${t('candidates.form')} @submit=${submitWith(store)}>
    ${submitButton(store)}
    <button type="button" class="link" aria-expanded="false" @click=${open}>
      ${t('candidates.more')} <kbd aria-hidden="true">F7</kbd>
    </button>
  </form>`;
}

function submitWith({ candidates }: Store): (event: Event) => void {
  return event => {
    event.preventDefault();
    if (candidates.refusal === undefined) void candidates.submit();
  };
}

function submitButton({ candidates }: Store): TemplateResult {
  const { mode, isWhole } = candidates.form;
  return html`<vscode-button
    ?disabled=${candidates.refusal !== undefined}
    @click=${(event: Event) => (event.target as HTMLElement).closest('form')?.requestSubmit()}
    >${t('page.regenerate')}
    <kbd aria-hidden="true"
      >${mode === 'answer' ? 'F6' : isWhole ? `${t('cap.shift')}+R` : 'R'}</kbd
    ></vscode-button
  >`;
}

/** For all proposals: whether the words are shown too that they leave out. */
function removedSwitch(store: Store): TemplateResult {
  const { form: wanted } = store.candidates;
  const toggle = () => {
    wanted.showsRemoved = !wanted.showsRemoved;
    store.set({});
  };
  return html`<button class="link" @click=${toggle}>
    ${t(wanted.showsRemoved ? 'candidates.hideRemoved' : 'candidates.showRemoved')}
  </button>`;
}

function noBackend(store: Store): TemplateResult {
  return html`<p class="hint">${t('candidates.noBackendYet')}</p>
    <vscode-button @click=${() => store.run('selectBackend')}>${t('candidates.noBackend')}</vscode-button>`;
}

function form(store: Store, { takesAdvice }: BackendView, view: GoodUnit): TemplateResult {
  const { candidates } = store;
  const { form: wanted, refusal } = candidates;
  const choose = (change: Partial<typeof wanted>) => {
    Object.assign(wanted, change);
    store.set({});
  };
  return html`<form class="wish" aria-label=${t('candidates.form')} @submit=${submitWith(store)}>
    <div class="choices">
      <select
        aria-label=${t('candidates.mode')}
        @change=${(event: Event) => choose({ mode: chosen(event) as Mode })}
      >
        ${MODES.map(mode => option(mode, t(`candidates.${mode}`), mode === wanted.mode))}
      </select>
      <select
        aria-label=${t('candidates.count')}
        @change=${(event: Event) => choose({ count: Number(chosen(event)) })}
      >
        ${Array.from({ length: MAX_COUNT }, (_, index) => index + 1).map(count =>
          option(
            String(count),
            count === 1 ? t('candidates.countOne') : t('candidates.countMany', count),
            count === wanted.count,
          ),
        )}
      </select>
      ${
        wanted.mode === 'answer'
          ? nothing
          : html`<select
              aria-label=${t('candidates.scope')}
              @change=${(event: Event) => choose({ isWhole: chosen(event) === 'record' })}
            >
              ${option('field', t('candidates.field', store.field ?? view.fields[0]?.name ?? ''), !wanted.isWhole)}
              ${option('record', t('candidates.record'), wanted.isWhole)}
            </select>`
      }
    </div>
    <input
      id=${ADVICE}
      type="text"
      dir="auto"
      autocomplete="off"
      maxlength=${MAX_ADVICE}
      ?readonly=${!takesAdvice}
      aria-describedby=${takesAdvice ? nothing : NO_ADVICE}
      aria-label=${t('candidates.advice')}
      placeholder=${t('candidates.advicePlaceholder')}
      .value=${live(store.begun.get(wanted.advicePlace) ?? '')}
      @input=${(event: Event) => store.begin(wanted.advicePlace, (event.target as HTMLInputElement).value)}
    />
    ${takesAdvice ? nothing : html`<p id=${NO_ADVICE} class="hint">${t('candidates.noAdvice')}</p>`}
    <div class="actions">
      ${submitButton(store)}
      <vscode-button
        appearance="secondary"
        ?disabled=${refusal !== undefined}
        @click=${() => candidates.showRequest()}
        >${t('candidates.showRequest')}</vscode-button
      >
    </div>
    ${refusal === undefined ? nothing : html`<p class="hint">${refusal}</p>`}
  </form>`;
}

function option(value: string, label: string, isChosen: boolean): TemplateResult {
  return html`<option value=${value} ?selected=${isChosen}>${label}</option>`;
}

function chosen(event: Event): string {
  return (event.target as HTMLSelectElement).value;
}

/** Failures where a shorter text may help; all others stay as they are, however it is cut. */
const TOO_LONG: readonly Failed['reason'][] = [
  'backend.overflow',
  'backend.empty',
  'backend.truncated-prompt',
  'backend.length',
];
/** Where the API key is missing or wrong. */
const KEYS: readonly Failed['reason'][] = ['backend.unauthorised', 'backend.bad-key'];
/** Where another model or another address may help. */
const BACKENDS: readonly Failed['reason'][] = [
  'backend.down',
  'backend.not-found',
  'backend.not-sse',
  'backend.network',
  'backend.redirect',
  'backend.bad-url',
  'backend.bad-request',
  'regenerate.noAnswer',
];

/** What went wrong, with the ways on, and what had come until then. */
function failed(store: Store, view: GoodUnit, failure: Failed): TemplateResult {
  const { candidates } = store;
  const { run, error, reason } = failure;
  const { split, fields } = run.wish;
  const byField = split === 'record' && fields.length !== 1 && view.fields.length > 1;
  const isTooLong = TOO_LONG.includes(reason) && split !== 'paragraph';
  const drafts = draftsOf(run, view).filter(({ texts }) => texts.length > 0);
  const button = (label: string, work: () => unknown) =>
    html`<vscode-button appearance="secondary" @click=${work}>${label}</vscode-button>`;
  const again = (label: string, as: typeof split) => button(label, () => candidates.askAgain(failure, as));
  return html`<section class="notice error">
    <p role="alert" dir="auto">${error}</p>
    <div class="actions">
      ${again(t('candidates.tryAgain'), split)}
      ${KEYS.includes(reason) ? button(t('candidates.setKey'), () => store.run('setBackendKey')) : nothing}
      ${BACKENDS.includes(reason) ? button(t('candidates.select'), () => store.run('selectBackend')) : nothing}
    </div>
    ${
      isTooLong
        ? html`<p>${t('candidates.failedHint')}</p>
            <div class="actions">
              ${byField ? again(t('candidates.byField'), 'field') : nothing}
              ${again(t('candidates.byParagraph'), 'paragraph')}
            </div>`
        : nothing
    }
    ${drafts.map(
      ({ texts }) =>
        html`<div class="draft broken">
          <p class="hint">${t('candidates.brokeOff')}</p>
          ${draftTexts(view, texts)}
        </div>`,
    )}
  </section>`;
}

function proposal(store: Store, view: GoodUnit, candidate: CandidateView): TemplateResult {
  const { candidates } = store;
  const { id, model, seed, mode, advice, outdated, cut, texts } = candidate;
  const isEdited = candidates.editing === id && !cut;
  const facts = [t(`candidates.${mode}`), model, ...(seed > 0 ? [t('candidates.seedOf', String(seed))] : [])];
  return html`<section
    class="candidate"
    aria-label=${facts.filter(each => each !== '').join(', ')}
    data-candidate-id=${id}
  >
    <p class="facts hint">${facts.map(each => (each === '' ? nothing : html`<bdi>${each}</bdi>`))}</p>
    ${advice === '' ? nothing : html`<p class="hint"><bdi>${t('candidates.advised', advice)}</bdi></p>`}
    ${outdated ? html`<p class="notice warning">${t('candidates.outdated')}</p>` : nothing}
    ${texts.map(text => (isEdited ? editor(store, view, candidate, text) : compared(store, view, candidate, text)))}
    ${cut ? html`<p class="hint">${t('candidates.cut')}</p>` : nothing} ${verdict(view, candidate, isEdited)}
    ${isEdited ? editActions(store) : actions(store, candidate)}
    ${isEdited ? nothing : html`<div class="more">${removedSwitch(store)} ${signals(store, view, candidate)}</div>`}
  </section>`;
}

function currentOf(view: GoodUnit, name: string): string {
  return view.fields.find(field => field.name === name)?.target ?? '';
}

function compared(store: Store, view: GoodUnit, candidate: CandidateView, text: FieldText): TemplateResult {
  const [name, proposed] = text;
  const { texts, cut } = candidate;
  const current = currentOf(view, name);
  return html`<div>
    <em>${name}</em>
    ${
      current === proposed
        ? html`<p class="hint">${t('candidates.same')}</p>`
        : difference(current, proposed, view.targetLang, !store.candidates.form.showsRemoved)
    }
    ${
      texts.length > 1 && !cut && current !== proposed
        ? html`<button
            class="link"
            aria-label=${`${t('candidates.useField')}: ${name}`}
            ?disabled=${store.candidates.refusal !== undefined}
            @click=${() => store.candidates.take(candidate, text)}
          >
            ${t('candidates.useField')}
          </button>`
        : nothing
    }
  </div>`;
}

/**
 * What the checks and the way through the model say of it; nothing of that hides it.
 * @param isEdited what is good in it may be no more, and what is wrong is what to mend
 */
function verdict(
  view: GoodUnit,
  { findings, problems, mended }: CandidateView,
  isEdited: boolean,
): TemplateResult {
  return html`${problems.map(problem => {
    const severity = isNote(problem) ? 'info' : 'error';
    return html`<div class="finding ${severity}">
      <p>${sign(severity)} <strong>${t(`severity.${severity}`)}</strong> <bdi>${sentence(problem)}</bdi></p>
    </div>`;
  })}
  ${findings.length > 0 ? html`<p class="hint">${t('candidates.warnings')}</p>` : nothing}
  ${findings.map(
    finding =>
      html`<div class="finding ${finding.severity}">
        <p>
          ${sign(finding.severity)} <strong>${t(`severity.${finding.severity}`)}</strong>
          <bdi>${sentence(finding.message)}</bdi>
          <span class="badge">${t(isThereNow(view, finding) ? 'candidates.stays' : 'candidates.new')}</span>
        </p>
      </div>`,
  )}
  ${
    mended.length > 0 && !isEdited
      ? html`<p class="mended">
          <span class="sign" aria-hidden="true">✓</span>
          ${t('candidates.mended', mended.map(checkTitle).join(', '))}
        </p>`
      : nothing
  }
  ${findings.length === 0 && problems.every(isNote) && !isEdited ? html`<p class="hint">${t('candidates.clean')}</p>` : nothing}`;
}

function actions(store: Store, candidate: CandidateView): TemplateResult {
  const { candidates } = store;
  const isRefused = candidates.refusal !== undefined;
  const isFirst = candidates.fix === candidate;
  const button = (label: string, work: () => unknown) =>
    html`<vscode-button appearance="secondary" ?disabled=${isRefused} @click=${work}
      >${label}</vscode-button
    >`;
  return html`<div class="actions">
    <vscode-button
      appearance=${isFirst ? 'primary' : 'secondary'}
      ?disabled=${isRefused}
      @click=${() => candidates.take(candidate)}
      >${t('candidates.use')} ${isFirst ? html`<kbd aria-hidden="true">V</kbd>` : nothing}</vscode-button
    >
    ${candidate.cut ? nothing : button(t('candidates.edit'), () => candidates.edit(candidate))}
    ${button(t('candidates.discard'), () => candidates.discard(candidate))}
  </div>`;
}

/** The text in a box, beside the one that it would take the place of. */
function editor(store: Store, view: GoodUnit, candidate: CandidateView, text: FieldText): TemplateResult {
  const [name] = text;
  const { targetLang } = view;
  return html`<div class="beside">
    <div>
      <em>${name}</em> <span class="hint">${t('candidates.current')}</span>
      <div class="text" lang=${targetLang} dir="auto" .textContent=${currentOf(view, name)}></div>
    </div>
    <textarea
      data-candidate=${candidate.id}
      aria-label=${t('candidates.edited', name)}
      @focus=${reveal}
      lang=${targetLang}
      dir="auto"
      rows="1"
      spellcheck="true"
      maxlength=${MAX_FIELD_UNITS}
      .value=${live(store.candidates.editedText(candidate, text))}
      @input=${(event: Event) => {
        store.candidates.type(candidate, name, (event.target as HTMLTextAreaElement).value);
        reveal(event);
      }}
    ></textarea>
  </div>`;
}

function reveal({ target }: Event): void {
  (target as HTMLTextAreaElement).scrollIntoView({ block: 'nearest' });
}

function editActions({ candidates }: Store): TemplateResult {
  return html`<p class="hint">${t('candidates.editHint')}</p>
    <div class="actions">
      <vscode-button @click=${() => candidates.takeEdited()}>${t('candidates.useEdited')}</vscode-button>
      <vscode-button appearance="secondary" @click=${() => candidates.leave()}
        >${t('candidates.leave')}</vscode-button
      >
    </div>`;
}
