/** The page of the dashboard: draws what the host counted. */
import { html, nothing, render, svg, type TemplateResult } from 'lit';
import {
  pairsOf,
  progressOf,
  stepPath,
  type DashboardEvent,
  type DashboardNotice,
  type DashboardView,
  type Totals,
} from '../src/core/dashboard';
import { DECISIONS, type Decision } from '../src/core/events';
import type { MessageId } from '../src/core/messages';
import { STATES, type State } from '../src/core/states';
import type { PairAgreement } from '../src/core/statistics';
import { language, locale, number, reasonLabel, t } from './text';

declare function acquireVsCodeApi(): { postMessage(message: DashboardNotice): void };

/** Lines of a table, and bars of a chart; a hostile ledger could have any number. */
const MAX_LINES = 400;
/** The drawing of the progress, which is stretched to the room there is. */
const [WIDTH, HEIGHT] = [1000, 100];
const MS_A_DAY = 86_400_000;

/** How a part of a bar looks: its colour is a class of the style sheet, its motif a path in a tile of 8 × 8. */
interface Look {
  readonly colour: string;
  readonly motif: string;
}
const RISING = 'M-2 2L2-2M0 8L8 0M6 10L10 6';
const FALLING = 'M-2 6L2 10M0 0L8 8M6-2L10 2';
const ACROSS = 'M0 4H8';
const UPRIGHT = 'M4 0V8';
const DOTS = 'M2 2h.01M6 6h.01';
type Part = State | 'edits' | 'comments';
/** Next to each other in a bar, no two have the same colour, and no two the same motif. */
const LOOKS: Readonly<Record<Part, Look>> = {
  approved: { colour: 'green', motif: '' },
  'accepted-by-sample': { colour: 'green', motif: DOTS },
  'partly-approved': { colour: 'green', motif: RISING },
  edited: { colour: 'blue', motif: ACROSS },
  skipped: { colour: 'grey', motif: DOTS },
  'needs-work': { colour: 'yellow', motif: FALLING },
  rejected: { colour: 'red', motif: RISING + FALLING },
  disputed: { colour: 'purple', motif: UPRIGHT },
  stale: { colour: 'blue', motif: RISING },
  conflict: { colour: 'red', motif: DOTS },
  pending: { colour: 'empty', motif: '' },
  edits: { colour: 'blue', motif: ACROSS },
  comments: { colour: 'purple', motif: UPRIGHT },
};
/** From what is done to what is left. */
const IN_BAR: readonly State[] = [
  'approved',
  'accepted-by-sample',
  'partly-approved',
  ...STATES.filter(
    state => !['approved', 'accepted-by-sample', 'partly-approved', 'pending'].includes(state),
  ),
  'pending',
];
const DECIDED: Readonly<Record<Decision, State>> = {
  approve: 'approved',
  'needs-work': 'needs-work',
  reject: 'rejected',
  skip: 'skipped',
};

const vscode = acquireVsCodeApi();
let view: DashboardView | undefined;
const percent = new Intl.NumberFormat(locale, { style: 'percent' });
const kappas = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
document.title = t('dashboard.title');

window.addEventListener('message', ({ data }: MessageEvent<DashboardEvent>) => {
  view = data.view;
  const root = document.querySelector<HTMLElement>('#page');
  if (root) render(page(view), root);
});
vscode.postMessage({ notice: 'start' });

/** A share from 0 to 1; only all of them is 100 %. */
function share(part: number, all: number): string {
  return percent.format(Math.floor((part * 100) / Math.max(1, all)) / 100);
}

function dayName(day: number): string {
  return day === 0 ? t('dashboard.dayUnknown') : dates.format(day * MS_A_DAY);
}

function partName(part: Part): string {
  return part === 'edits' || part === 'comments' ? t(`dashboard.${part}`) : t(`state.${part}`);
}

function page(shown: DashboardView): TemplateResult {
  const { totals, isCounting, problems } = shown;
  return html`
    <svg class="looks" aria-hidden="true">
      <defs>
        ${Object.entries(LOOKS).map(
          ([part, { colour, motif }]) =>
            svg`<pattern id=${`look-${part}`} class=${colour} width="8" height="8" patternUnits="userSpaceOnUse"
              ><rect width="8" height="8"></rect><path d=${motif}></path></pattern>`,
        )}
      </defs>
    </svg>
    <main>
      ${top(shown)} ${problems.map(problem => html`<p class="notice" role="alert"><bdi>${problem}</bdi></p>`)}
      ${totals ? sections(shown, totals) : isCounting ? nothing : invitation('dashboard.empty')}
    </main>
  `;
}

function top({ choices, shown, isCounting, totals }: DashboardView): TemplateResult {
  const choose = (event: Event) => {
    const { value } = event.target as HTMLSelectElement;
    vscode.postMessage({ notice: 'show', path: value === '' ? null : value });
  };
  return html`<header>
    <h1>${t('dashboard.title')}</h1>
    <label
      >${t('dashboard.shown')}
      <select @change=${choose}>
        <option value="" .selected=${shown === null}>${t('dashboard.all')}</option>
        ${choices.map(
          ({ path, name }) =>
            html`<option value=${path} dir="auto" .selected=${path === shown}>${name}</option>`,
        )}
      </select>
    </label>
    <button type="button" class="second" @click=${() => vscode.postMessage({ notice: 'refresh' })}>
      ${t('dashboard.refresh')}
    </button>
    <span class="hint" role="status"
      >${isCounting ? t('dashboard.counting') : totals ? t('dashboard.counted') : nothing}</span
    >
  </header>`;
}

function invitation(id: 'dashboard.empty' | 'dashboard.nobody'): TemplateResult {
  return html`<div class="invitation">
    <p>${t(id)}</p>
    <button type="button" @click=${() => vscode.postMessage({ notice: 'review' })}>
      ${t('dashboard.review')}
    </button>
  </div>`;
}

function sections(shown: DashboardView, totals: Totals): TemplateResult {
  return html`${overview(totals)} ${totals.reviewers.length === 0 ? invitation('dashboard.nobody') : nothing}
  ${progress(totals)} ${languages(totals)}
  ${
    totals.reviewers.length === 0
      ? nothing
      : html`${reviewers(totals)} ${reasons(totals, shown.reasons)} ${agreement(totals, shown.isBlind)}`
  }`;
}

function section(title: MessageId, content: unknown, table: TemplateResult | typeof nothing): TemplateResult {
  return html`<section aria-labelledby=${title}>
    <h2 id=${title}>${t(title)}</h2>
    ${content} ${table}
  </section>`;
}

interface Segment {
  readonly part: Part;
  readonly count: number;
}

/** @param all what the whole length stands for */
function bar(name: string, segments: readonly Segment[], all: number): TemplateResult {
  const wanted = segments.filter(({ count }) => count > 0);
  const said = wanted.map(({ part, count }) => t('views.count', partName(part), count)).join(', ');
  let from = 0;
  const drawn = wanted.map(({ part, count }) => {
    const [x, width] = [(from * 100) / all, (count * 100) / all];
    from += count;
    return svg`<rect x=${`${x}%`} width=${`${width}%`} height="100%" fill=${`url(#look-${part})`}
      ><title>${t('views.count', partName(part), count)}</title></rect>`;
  });
  return html`<svg class="bar" role="img" aria-label=${t('dashboard.bar', name, said)}>${drawn}</svg>`;
}

function legend(parts: readonly Part[]): TemplateResult {
  return html`<ul class="legend" aria-hidden="true">
    ${parts.map(
      part =>
        html`<li>
          <svg class="bar"><rect width="100%" height="100%" fill=${`url(#look-${part})`}></rect></svg
          >${partName(part)}
        </li>`,
    )}
  </ul>`;
}

interface Bar {
  readonly name: string;
  readonly segments: readonly Segment[];
  /** What is said behind it. */
  readonly amount: string;
}

/** @param all what the longest bar could stand for; left out, each bar is as long as any other */
function bars(lines: readonly Bar[], all?: number): TemplateResult {
  return html`<div class="bars">
    ${lines.slice(0, MAX_LINES).map(({ name, segments, amount }) => {
      const sum = segments.reduce((total, { count }) => total + count, 0);
      return html`<bdi class="name" title=${name}>${name}</bdi>${bar(name, segments, Math.max(1, all ?? sum))}
        <span class="amount">${amount}</span>`;
    })}
  </div>`;
}

type Cell = string | number;

/** The first cell of a line names it. */
function table(
  title: MessageId,
  columns: readonly string[],
  lines: readonly (readonly Cell[])[],
  caption = t(title),
): TemplateResult {
  const left = lines.length - MAX_LINES;
  return html`<div class="table">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map(column => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${lines.slice(0, MAX_LINES).map(
          ([name, ...cells]) =>
            html`<tr>
              <th scope="row"><bdi>${name}</bdi></th>
              ${cells.map(cell => html`<td>${typeof cell === 'number' ? number(cell) : cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
    ${left > 0 ? html`<p class="hint">${t('dashboard.more', left)}</p>` : nothing}
  </div>`;
}

/** The numbers of a chart. */
function numbers(
  title: MessageId,
  columns: readonly string[],
  lines: readonly (readonly Cell[])[],
): TemplateResult {
  return html`<details>
    <summary>${t('dashboard.numbers', t(title))}</summary>
    ${table(title, columns, lines)}
  </details>`;
}

function stateSegments(states: Totals['states']): Segment[] {
  return IN_BAR.map(part => ({ part, count: states[part] }));
}

function overview({ units, states, languages: all }: Totals): TemplateResult {
  const { approved } = states;
  return html`<p class="headline">
      ${t('dashboard.headline', approved, units, share(approved, units), units - approved)}
    </p>
    ${all.length > 1 ? html`<p class="hint">${t('dashboard.perLanguage')}</p>` : nothing}`;
}

function languages({ units, states, languages: all }: Totals): TemplateResult {
  const used = IN_BAR.filter(state => states[state] > 0);
  const sums = all.length > 1 ? [{ name: t('dashboard.all.units'), units, states }] : [];
  const lines = [...all.map(({ lang, ...rest }) => ({ name: language(lang), ...rest })), ...sums];
  return section(
    'dashboard.languages',
    html`${legend(used)}
    ${bars(
      lines.map(line => ({
        name: line.name,
        segments: stateSegments(line.states),
        amount: t('page.progress', line.states.approved, line.units),
      })),
    )}`,
    numbers(
      'dashboard.languages',
      [t('dashboard.language'), t('dashboard.records'), ...used.map(state => t(`state.${state}`))],
      lines.map(line => [line.name, line.units, ...used.map(state => line.states[state])]),
    ),
  );
}

function progress(totals: Totals): TemplateResult {
  const days = progressOf(totals.days);
  const known = days.filter(({ day }) => day > 0);
  const [first] = known;
  const last = known.at(-1);
  const [approved, units] = [last?.total ?? 0, totals.units];
  const [start, end] = [dayName(first?.day ?? 0), dayName(last?.day ?? 0)];
  const summary = t(
    'dashboard.progressSummary',
    start,
    end,
    first ? first.total - first.approved : 0,
    approved,
  );
  const chart = html`<p class="hint">${t('dashboard.progressNote')}</p>
    <div class="progress">
      <span class="most" aria-hidden="true">${number(approved)}</span>
      <span class="least" aria-hidden="true">${number(0)}</span>
      <svg role="img" aria-label=${summary} viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none">
        <path d=${stepPath(days, WIDTH, HEIGHT)}></path>
      </svg>
      <span class="ends" aria-hidden="true"><span>${start}</span><span>${end}</span></span>
    </div>`;
  return section(
    'dashboard.progress',
    approved === 0 || units === 0 ? html`<p>${t('dashboard.noProgress')}</p>` : chart,
    days.length === 0
      ? nothing
      : numbers(
          'dashboard.progress',
          [
            t('dashboard.day'),
            t('dashboard.edits'),
            t('dashboard.decisions'),
            t('dashboard.approvedThatDay'),
            t('dashboard.approvedInAll'),
          ],
          // The latest are wanted most.
          days
            .toReversed()
            .map(({ day, edits, decisions, approved: now, total }) => [
              dayName(day),
              edits,
              decisions,
              now,
              total,
            ]),
        ),
  );
}

function reviewers({ reviewers: all }: Totals): TemplateResult {
  const counts = all.map(({ name, edits, decisions, comments, units }) => ({
    name,
    units,
    segments: [
      ...DECISIONS.map((decision): Segment => ({ part: DECIDED[decision], count: decisions[decision] })),
      { part: 'edits', count: edits } as const,
      { part: 'comments', count: comments } as const,
    ],
  }));
  const sums = counts.map(({ segments }) => segments.reduce((sum, { count }) => sum + count, 0));
  const parts = DECISIONS.map((decision): Part => DECIDED[decision]).concat('edits', 'comments');
  return section(
    'dashboard.reviewers',
    html`${legend(parts)}
    ${bars(
      counts.map(({ name, segments }, at) => ({ name, segments, amount: number(sums[at] ?? 0) })),
      sums.reduce((most, sum) => Math.max(most, sum), 1),
    )}`,
    numbers(
      'dashboard.reviewers',
      [t('dashboard.reviewer'), t('dashboard.records'), ...parts.map(partName)],
      counts.map(({ name, units, segments }) => [name, units, ...segments.map(({ count }) => count)]),
    ),
  );
}

function reasons({ reasons: all }: Totals, known: DashboardView['reasons']): TemplateResult {
  if (all.length === 0)
    return section('dashboard.reasons', html`<p>${t('dashboard.noReasons')}</p>`, nothing);
  const lines = all
    .map(({ id, count }) => ({ name: reasonLabel(id, known), count }))
    .sort((a, b) => b.count - a.count);
  const most = lines[0]?.count ?? 1;
  return section(
    'dashboard.reasons',
    html`<div class="bars">
      ${lines.slice(0, MAX_LINES).map(
        ({ name, count }) =>
          html`<bdi class="name" title=${name}>${name}</bdi>
            <svg class="bar blue" role="img" aria-label=${t('views.count', name, count)}>
              <rect width=${`${(count * 100) / most}%`} height="100%"></rect>
            </svg>
            <span class="amount">${number(count)}</span>`,
      )}
    </div>`,
    numbers(
      'dashboard.reasons',
      [t('dashboard.reason'), t('dashboard.decisions')],
      lines.map(({ name, count }) => [name, count]),
    ),
  );
}

function agreement(totals: Totals, isBlind: boolean): TemplateResult {
  const pairs = pairsOf(totals);
  const why =
    pairs.length === 0
      ? t('dashboard.kappaOne')
      : !isBlind && pairs.every(({ n }) => n === 0)
        ? t('dashboard.kappaNotBlind')
        : undefined;
  const columns = [
    t('dashboard.kappaPair'),
    t('dashboard.kappa'),
    t('dashboard.kappaN'),
    t('dashboard.kappaObserved'),
    t('dashboard.kappaExpected'),
  ];
  return section(
    'dashboard.agreement',
    html`<p>${t('dashboard.kappaMeaning')}</p>
      ${why === undefined ? nothing : html`<p>${why}</p>`}
      ${pairs.length > 1 ? html`<p>${together(totals)}</p>` : nothing}`,
    pairs.length === 0
      ? nothing
      : table('dashboard.agreement', columns, pairs.map(kappaLine), t('dashboard.kappa')),
  );
}

/** Of all reviewers at once. */
function together({ fleiss: { items, raters, leftOut, kappa } }: Totals): string {
  if (items === 0) return t('dashboard.fleissNone');
  const value = kappa === null ? '–' : kappas.format(kappa);
  return t('dashboard.fleiss', value, items, raters, leftOut);
}

function kappaLine({ reviewers: [a, b], n, observed, expected, kappa }: PairAgreement): Cell[] {
  const value =
    kappa === null ? t(n === 0 ? 'dashboard.kappaNoText' : 'dashboard.kappaSame') : kappas.format(kappa);
  const shares = n === 0 ? ['–', '–'] : [percent.format(observed), percent.format(expected)];
  return [t('dashboard.kappaPairOf', a, b), value, n, ...shares];
}
