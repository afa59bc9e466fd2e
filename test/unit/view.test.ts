import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Finding } from '../../src/core/check';
import { decodeEvent, encodeEvent, type ReviewEvent } from '../../src/core/events';
import { factsOf } from '../../src/core/eventFacts';
import { textAt } from '../../src/core/fold';
import { say } from '../../src/core/messages';
import { DEFAULT_POLICY, CLOSED_POLICY, type Policy } from '../../src/core/policy';
import type { CandidateView } from '../../src/core/protocol';
import { fingerprint, type Field, type Fingerprint, type Unit } from '../../src/core/record';
import { unitView, type Shown } from '../../src/core/view';
import {
  alpaca,
  assign,
  comment,
  decide,
  edit,
  fold,
  ids,
  makeUnit,
  print,
  sha256,
  undo,
} from '../helpers/builders';

const MESSAGE_BYTES = 256 << 10;
const bytes = (view: unknown) => Buffer.byteLength(JSON.stringify(view), 'utf8');
/** Kinds of text that take ever more bytes than characters: 1 to 6 each. */
const LETTERS = ['a', 'é', '"', '漢', '😀', '\u0001', '\ud800', '\u2028'];

interface More {
  unit?: Unit;
  events?: readonly ReviewEvent[];
  policy?: Policy;
  drafts?: Shown['drafts'];
  candidates?: readonly CandidateView[];
  findings?: readonly Finding[];
  reviewer?: string;
}

/** A unit as the session shows it after these events. */
function shown({
  unit = makeUnit(),
  events = [],
  policy = DEFAULT_POLICY,
  drafts = [],
  candidates = [],
  findings = [],
  reviewer,
}: More = {}): Shown {
  const byId = new Map(events.map(event => [event.id, event]));
  const state = fold(rowOf(unit), events, policy);
  const side = (name: 'source' | 'target') => textAt(unit, name, state.current, byId);
  const [source, target] = [side('source'), side('target')];
  return {
    row: 3,
    line: 4,
    unit,
    state,
    source,
    target,
    checked: { findings, ignored: state.ignored, source, target, texts: byId, policy },
    events: events.map(event => factsOf(event)),
    texts: byId,
    drafts,
    candidates,
    policy,
    reviewer,
    blind: false,
  };
}
const rowOf = (unit: Unit) => fingerprint(unit.source, unit.target, sha256);
const onRow = { base: rowOf(makeUnit()) };
const candidate = (text: string, id = 'c'): CandidateView => ({
  ...{ id, mode: 'translate', texts: [['output', text]], model: 'm', seed: 0, advice: '', finding: null },
  ...{ outdated: false, findings: [], mended: [], problems: [], cut: false },
});
const same = (text: string): Field[] => alpaca(text, text, text);
const pairs = (text: string) => same(text).map(({ name }) => [name, text] as const);
/** What a ledger may hold: an event that reading refuses reaches no view. */
const readable = (events: readonly ReviewEvent[] = []) =>
  events.filter(event => decodeEvent(encodeEvent(event)).ok);
const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));

const mark = (start: number, severity: Finding['severity'], more: Partial<Finding> = {}): Finding => ({
  check: 'placeholders',
  severity,
  side: 'target',
  field: 'output',
  start,
  end: start + 1,
  message: say('language.wrong', 'fr', 'de'),
  ...more,
});

describe('a view', () => {
  it('shows the row’s own text where nothing was done', () => {
    const view = unitView(shown());
    assert.deepEqual(
      view.fields.map(({ name, source, target, original, draft }) => [name, source, target, original, draft]),
      [
        ['instruction', 'Name a colour.', 'Nenne eine Farbe.', null, null],
        ['input', '', '', null, null],
        ['output', 'Red', 'Rot', null, null],
      ],
    );
    assert.deepEqual(
      [view.kind, view.row, view.line, view.key, view.state],
      ['unit', 3, 4, 'r1@de', 'pending'],
    );
  });

  it('shows the current text beside the original, and a draft', () => {
    const drafts = [
      { side: 'target', name: 'output', text: 'typed' },
      { side: 'source', name: 'input', text: 'not here' },
    ];
    const view = unitView(shown({ events: [edit('ann', 'Blau', onRow)], drafts }));
    const { target, original, draft } = view.fields[2]!;
    assert.deepEqual({ target, original, draft }, { target: 'Blau', original: 'Rot', draft: 'typed' });
    assert.equal(view.fields[1]?.draft, null);
  });

  it('shows what was approved beside what is there now, only where it is another text', () => {
    const target = [['output', 'Rot']] as const;
    const approval = { ...decide('bob', 'approve', 'R0'), fingerprint: onRow.base, target };
    const current = unitView(shown({ events: [approval] }));
    assert.deepEqual([current.decisions[0]?.current, current.stale], [true, null]);
    const changed = unitView(shown({ events: [approval, edit('ann', 'Blau', onRow)] }));
    assert.equal(changed.decisions[0]?.current, false);
    const { by, approved, target: before } = changed.stale!;
    assert.deepEqual([by, approved, before.at(-1)], ['bob', true, ['output', 'Rot']]);
  });

  it('shows the rivals of a conflict, all of them, each with its text', () => {
    const events = times(7, n => edit(`r${n}`, `T${n}`, onRow));
    const { rivals, state } = unitView(shown({ events }));
    assert.equal(state, 'conflict');
    assert.deepEqual(
      rivals.map(rival => [rival.by, rival.fingerprint, rival.target[2]]),
      times(7, n => [`r${n}`, print(`T${n}`), ['output', `T${n}`]]),
    );
  });

  it('offers edits of a text that the file no longer has', () => {
    const one = unitView(shown({ events: [edit('ann', 'Blau', { base: print('gone') })] }));
    assert.deepEqual(
      [one.state, one.stale?.by, one.stale?.approved, one.rivals],
      ['stale', 'ann', false, []],
    );
    assert.deepEqual(one.stale?.target.at(-1), ['output', 'Blau']);
    const both = ['ann', 'bob'].map(by => edit(by, `by ${by}`, { base: print('gone') }));
    assert.deepEqual(
      unitView(shown({ events: both })).rivals.map(rival => rival.by),
      ['ann', 'bob'],
    );
  });

  it('offers no edit as a rival that is the text shown', () => {
    const { rivals, state } = unitView(
      shown({
        events: [{ ...decide('bob', 'approve', 'R0'), fingerprint: onRow.base }, edit('ann', 'Blau', onRow)],
      }),
    );
    assert.deepEqual([state, rivals], ['stale', []]);
  });

  it('says that a broken policy asks for what cannot be counted', () => {
    assert.equal(unitView(shown({ policy: CLOSED_POLICY })).needed, null);
    assert.equal(unitView(shown()).needed, 1);
  });

  it('shows the newest history first', () => {
    const events = times(80, n => comment('ann', `no. ${n}`));
    const { history } = unitView(shown({ events }));
    assert.equal(history[0]?.text, 'no. 79');
    assert.ok(history.length < 80);
  });

  const TEAM: Policy = {
    ...DEFAULT_POLICY,
    reviewers: { '*': ['ann', 'bob'] },
    adjudicators: { de: ['ada'] },
  };

  it('shows what waits to be taken, by what it would change', () => {
    const proposal = edit('gus', 'Blau', onRow);
    const fields = [{ side: 'source', name: 'output', text: 'Blue' }] as const;
    const ofSource = edit('ann', 'S', { ...onRow, fields });
    const { proposals, state } = unitView(shown({ events: [proposal, ofSource], policy: TEAM }));
    assert.equal(state, 'pending');
    assert.deepEqual(
      proposals.map(({ by, source, changes }) => [by, source, changes]),
      [
        ['gus', false, [{ side: 'target', name: 'output', before: 'Rot', after: 'Blau' }]],
        ['ann', true, [{ side: 'source', name: 'output', before: 'Red', after: 'Blue' }]],
      ],
    );
  });

  it('shows comments by their threads, and nothing of what only settles one', () => {
    const [first, other] = [comment('ann', 'Why?'), comment('bob', 'Fine.')];
    const reply = comment('bob', 'Because.', { thread: first.id });
    const settled = comment('ann', '', { thread: first.id, resolves: [first.id, reply.id] });
    const { comments } = unitView(shown({ events: [first, other, reply, settled] }));
    assert.deepEqual(
      comments.map(({ text, thread, open }) => [text, thread, open]),
      [
        ['Why?', first.id, false],
        ['Fine.', other.id, true],
        ['Because.', first.id, false],
      ],
    );
  });

  it('says of each decision whether it counts', () => {
    const on = (by: string, decision: 'approve' | 'reject', more = {}) =>
      decide(by, decision, 'R0', [], { fingerprint: onRow.base, ...more });
    const [yes, no] = [on('ann', 'approve'), on('bob', 'reject')];
    const settled = on('ada', 'approve', { settles: [no.id], reasons: ['meaning'], note: 'See above.' });
    const view = unitView(shown({ events: [yes, no, on('gus', 'reject'), settled], policy: TEAM }));
    assert.equal(view.state, 'approved');
    assert.deepEqual(
      view.decisions.map(({ by, counts, reasons, note }) => [by, counts, reasons, note]),
      [
        ['ada', true, ['meaning'], 'See above.'],
        ['ann', true, [], ''],
        ['bob', false, [], ''],
        ['gus', false, [], ''],
      ],
    );
  });

  it('says what the reviewer may do, and to whom the unit is assigned', () => {
    const rightsOf = (reviewer?: string) =>
      unitView(shown({ policy: TEAM, ...(reviewer === undefined ? {} : { reviewer }) })).rights;
    const may = (decides: boolean, adjudicates: boolean) => ({
      edit: decides ? 'yes' : 'propose',
      editSource: adjudicates ? 'yes' : 'propose',
      decide: decides,
      adjudicate: adjudicates,
      settle: decides,
      settleSource: adjudicates,
    });
    assert.deepEqual(rightsOf('ann'), may(true, false));
    assert.deepEqual(rightsOf('gus'), may(false, false));
    assert.deepEqual(rightsOf('ada'), may(true, true));
    assert.deepEqual(rightsOf(), may(false, false), 'who has no name is nobody’s reviewer');
    const events = [assign('ann', 'bob'), assign('bob', 'cy')];
    assert.deepEqual(unitView(shown({ events })).assigned, ['bob', 'cy']);
  });

  it('shows in the history what each edit changed, from the text before it', () => {
    const first = edit('ann', 'Blau', onRow);
    const second = edit('bob', 'Grün', { ...onRow, parents: [first.id] });
    const approval = decide('ann', 'approve', 'Grün', [second], { reasons: ['term'], note: 'Ja.' });
    const { history } = unitView(shown({ events: [second, approval, first, undo('ann', approval)] }));
    assert.deepEqual(
      history.map(({ type, by, text, reasons, changes, restorable, undone }) => [
        ...[type, by, text, reasons.join(), changes.map(each => `${each.before}>${each.after}`).join()],
        ...[restorable, undone],
      ]),
      [
        ['undo', 'ann', '', '', '', false, false],
        ['decide', 'ann', 'Ja.', 'term', '', false, true],
        ['edit', 'bob', '', '', 'Blau>Grün', false, false],
        ['edit', 'ann', '', '', 'Rot>Blau', true, false],
      ],
    );
  });

  it('keeps no finding that points past the text shown', () => {
    const finding = (end: number): Finding => ({
      check: 'language-wrong',
      severity: 'warning',
      side: 'target',
      field: 'output',
      start: 0,
      end,
      message: say('language.wrong', 'fr', 'de'),
    });
    const unit = makeUnit({ target: alpaca('i', '', 'x'.repeat(100_000)) });
    const { fields, findings } = unitView(shown({ unit, findings: [finding(5), finding(100_000)] }));
    assert.deepEqual(findings, [{ ...finding(5), blocks: false }]);
    assert.ok(findings.every(each => each.end <= fields[2]!.target.length));
  });

  it('shows the gravest of hundreds of findings, in reading order, and counts the others', () => {
    const unit = makeUnit({ target: alpaca('i', '', 'x'.repeat(500)) });
    const many = times(200, n => mark(199 - n, n % 40 === 0 ? 'error' : n % 2 === 0 ? 'warning' : 'info'));
    const { findings, moreFindings } = unitView(shown({ unit, findings: many }));
    assert.deepEqual([findings.length, moreFindings], [50, 150]);
    assert.equal(findings.filter(each => each.severity === 'error').length, 5);
    assert.ok(findings.every(each => each.severity !== 'info'));
    const starts = findings.map(each => each.start);
    assert.deepEqual(
      starts,
      starts.toSorted((a, b) => a - b),
    );
  });

  it('counts findings about text that is not shown', () => {
    const unit = makeUnit({ target: alpaca('i', '', 'x'.repeat(100_000)) });
    const { findings, moreFindings } = unitView(
      shown({ unit, findings: [mark(5, 'info'), mark(90_000, 'error')] }),
    );
    assert.deepEqual([findings.map(each => each.start), moreFindings], [[5], 1]);
  });

  it('offers no fix of a text that is shown cut: it would make the part the whole', () => {
    const fix = { start: 0, end: 1, text: 'y' };
    const fixOf = (units: number) => {
      const unit = makeUnit({ target: alpaca('i', '', 'x'.repeat(units)) });
      return unitView(shown({ unit, findings: [mark(0, 'warning', { fix })] })).findings[0]?.fix;
    };
    assert.deepEqual(fixOf(60_000), fix);
    assert.equal(fixOf(70_000), undefined);
  });
});

describe('a field', () => {
  const long = (units: number, letter = 'x') =>
    makeUnit({
      source: alpaca('i', '', letter.repeat(units)),
      target: alpaca('I', '', letter.repeat(units)),
    });

  it('over 64 KiB is shown cut, with its size said', () => {
    const { source, target, sourceCut, targetCut } = unitView(shown({ unit: long(70_000) })).fields[2]!;
    assert.deepEqual([sourceCut, targetCut], [70_000, 70_000]);
    assert.ok(source.length <= 65_536 && target.length <= 65_536);
    assert.ok('x'.repeat(70_000).startsWith(source) && source.length > 1000);
  });

  it('of a candidate is whole where it fits, and said to be cut where not', () => {
    const [small, large] = ['x'.repeat(1000), 'x'.repeat(300_000)].map(
      text => unitView(shown({ candidates: [candidate(text)] })).candidates[0]!,
    );
    assert.deepEqual([small?.texts, small?.cut], [[['output', 'x'.repeat(1000)]], false]);
    assert.equal(large?.cut, true);
    assert.ok(large.texts[0]![1].length < 300_000);
  });

  for (const letter of ['x', '漢'])
    it(`of 60 KiB of “${letter}” stays whole, so that it can be edited, after an edit and many proposals too`, () => {
      const units = (60 << 10) / Buffer.byteLength(letter);
      const unit = long(units, letter);
      const other = `${letter.repeat(units - 1)}.`;
      const events = [edit('ann', other, { base: rowOf(unit) })];
      const candidates = times(30, n => candidate(other, `c${n}`));
      const { targetCut, target } = unitView(shown({ unit, events, candidates })).fields[2]!;
      assert.deepEqual([targetCut, target], [null, other]);
    });

  it('is never cut in the middle of a character', () => {
    const unit = makeUnit({ target: alpaca('i', '', `a${'😀'.repeat(50_000)}`) });
    const view = unitView(
      shown({ unit, events: [comment('ann', '😀'.repeat(500)), comment('ann', `a${'😀'.repeat(500)}`)] }),
    );
    assert.ok(JSON.stringify(view).isWellFormed() && !/\\ud[89a-f]/.test(JSON.stringify(view)));
  });
});

describe('no view passes the size of a message', () => {
  const hostile: Record<string, (text: string) => More> = {
    'long fields': text => ({ unit: makeUnit({ source: same(text), target: same(text) }) }),
    'long drafts': text => ({ drafts: same(text).map(field => ({ side: 'target', ...field })) }),
    'many other members': text => ({
      unit: makeUnit({ others: times(2000, n => [`m${n}`, text.slice(0, 2000)]) }),
    }),
    'long names of members': text => ({ unit: makeUnit({ others: times(10, n => [`${n}${text}`, '1']) }) }),
    'many stale approvals': text => {
      const approval = (n: number) => ({
        ...decide(`r${n}`, 'approve', 'gone'),
        note: text,
        target: pairs(text),
      });
      return { events: times(60, approval) };
    },
    'a stale approval of endless fields': text => ({
      events: [
        {
          ...decide('ann', 'approve', 'gone'),
          target: times(3000, n => [`${n}${text.slice(0, 90)}`, text.slice(0, 400)] as const),
        },
      ],
    }),
    'a long history': text => ({ events: times(200, () => comment('ann', text)) }),
    'long names in the history': text => ({
      events: times(60, n => ({ ...comment(`${n}${text}`, ''), at: text })),
    }),
    'edits taken from models with long names': text => ({
      events: times(60, () =>
        edit('ann', text, { ...onRow, candidate: { model: text, parameters: {}, prompt: '' } }),
      ),
    }),
    'many rivals': text => ({
      events: times(60, n => edit(`r${n}`, text, { ...onRow, result: print(`T${n}`) })),
    }),
    'a rival with a long name': text => ({
      events: [
        edit(text, 'A', { ...onRow, id: ids(text)[0]!, at: text }),
        edit('bob', 'B', { ...onRow, result: text as Fingerprint }),
      ],
    }),
    'many candidates': text => ({
      candidates: times(60, n => ({ ...candidate(text, `c${n}`), model: text })),
    }),
    'candidates with many texts and problems': text => ({
      candidates: times(16, n => ({
        ...candidate(text, `c${n}`),
        texts: times(50, index => [`${index} ${text}`, text] as const),
        advice: text,
        problems: times(50, () => say('prompt.lost', text, text)),
        mended: times(50, () => 'language-wrong'),
      })),
    }),
    'candidates with many findings': text => {
      const message = say('language.wrong', text, text);
      const finding = {
        check: 'language-wrong',
        severity: 'info',
        side: 'target',
        field: 'output',
        start: 0,
        end: 1,
        message,
      } as const;
      return {
        candidates: [{ ...candidate(text), findings: times(5000, () => finding) }],
        findings: times(5000, () => finding),
      };
    },
    'findings with long fixes': text => ({
      findings: times(60, n => mark(0, 'error', { check: `c${n}`, fix: { start: 0, end: 1, text } })),
    }),
  };
  for (const [name, more] of Object.entries(hostile)) {
    it(`for ${name}, of whatever letters`, () => {
      for (const letter of LETTERS)
        for (const length of [400, 7000, 70_000]) {
          const parts = more(letter.repeat(length));
          const size = bytes(unitView(shown({ ...parts, events: readable(parts.events) })));
          assert.ok(size <= MESSAGE_BYTES, `${size} bytes for ${length} times ${JSON.stringify(letter)}`);
        }
    });
  }

  it('for any mixture of these', () => {
    const text = fc
      .tuple(fc.constantFrom(...LETTERS), fc.constantFrom(0, 1, 400, 5000, 20_000))
      .map(([letter, length]) => letter.repeat(length));
    const parts = fc.record({
      fields: text,
      draft: text,
      candidate: text,
      approved: text,
      comment: text,
      rival: text,
      other: text,
    });
    fc.assert(
      fc.property(parts, fc.nat(8), (each, count) => {
        const unit = makeUnit({
          source: same(each.fields),
          target: same(each.fields),
          others: times(count, n => [`m${n}`, each.other]),
        });
        const events = [
          ...times(count, n => edit(`r${n}`, each.rival, { base: rowOf(unit), result: print(`T${n}`) })),
          ...times(count, n => ({
            ...decide(`r${n}`, 'approve', 'gone'),
            note: each.comment,
            target: pairs(each.approved),
          })),
          ...times(count * 10, () => comment('ann', each.comment)),
        ];
        const candidates = times(count, n => candidate(each.candidate, `c${n}`));
        const drafts = [{ side: 'target', name: 'output', text: each.draft }];
        const size = bytes(unitView(shown({ unit, events, candidates, drafts })));
        assert.ok(size <= MESSAGE_BYTES, `${size} bytes`);
      }),
      { numRuns: 60 },
    );
  });
});
