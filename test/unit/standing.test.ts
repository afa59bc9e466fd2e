import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { REVIEW_TRAITS, type ReviewTrait } from '../../src/core/filter';
import type { UnitState } from '../../src/core/fold';
import type { CommentFacts, DecideFacts, EditFacts, EventFacts } from '../../src/core/eventFacts';
import { DECISIONS, type Decision, type EventId } from '../../src/core/events';
import { DEFAULT_POLICY, type Policy } from '../../src/core/policy';
import type { Fingerprint, UnitKey } from '../../src/core/record';
import { isBlind, traitsOf, visibleTo, waitsFor } from '../../src/core/standing';
import { STATES, type State } from '../../src/core/states';
import {
  ANNA,
  approve,
  edit,
  LINES,
  openSession,
  record,
  refresh,
  targetOf,
  tempFolder,
  writeShard,
} from '../helpers/shardFixture';
import { ENGLISH, found, NAMED, now, teamOf, type } from '../helpers/teamFixture';

const NOW = 'now' as Fingerprint;
const BEFORE = 'before' as Fingerprint;
const TEAM: Policy = {
  ...DEFAULT_POLICY,
  reviewers: { '*': ['me', 'you'] },
  adjudicators: { '*': ['judge'] },
};

const place = { key: 'r1@de' as UnitKey, line: 1, day: 0, file: '', from: 0, length: 0 };
let seq = 0;
const common = (by: string, id?: string) => ({
  ...place,
  id: (id ?? `E${String(++seq)}`) as EventId,
  seq: ++seq,
  by,
});
const decided = (
  by: string,
  decision: Decision,
  fingerprint = NOW,
  more: Partial<DecideFacts> = {},
): DecideFacts => ({
  ...common(by),
  ...{ type: 'decide', decision, fingerprint, head: [], reasons: [], ...more },
});
const said = (by: string, id: string, thread?: string): CommentFacts => ({
  ...common(by, id),
  ...{ type: 'comment', thread: thread as EventId | undefined, resolves: [] },
});
const proposed = (by: string, source: boolean): EditFacts => ({
  ...common(by),
  ...{ type: 'edit', parents: [], base: BEFORE, result: BEFORE, ...(source && { source }) },
});
const unit = (state: State, more: Partial<UnitState> = {}): UnitState => ({
  ...{
    state,
    fingerprint: NOW,
    current: undefined,
    author: undefined,
    heads: [],
    proposals: [],
    decisions: [],
  },
  ...{
    setAside: new Set(),
    approvals: 0,
    needed: 1,
    comments: [],
    openThreads: [],
    ignored: [],
    assignments: [],
  },
  ...more,
});
const assignedTo = (...names: string[]) => ({
  assignments: names.map(to => ({ ...common('you'), type: 'assign' as const, to, replaces: [] })),
});

describe('waitsFor', () => {
  const mine: Readonly<Record<State, [me: boolean, guest: boolean, judge: boolean, anybody: boolean]>> = {
    pending: [true, false, true, true],
    edited: [true, false, true, true],
    skipped: [true, false, true, true],
    'partly-approved': [true, false, true, true],
    stale: [true, false, true, true],
    conflict: [true, false, true, true],
    disputed: [false, false, true, false],
    'accepted-by-sample': [false, false, false, false],
    approved: [false, false, false, false],
    rejected: [false, false, false, false],
    'needs-work': [false, false, false, false],
  };
  for (const state of STATES) {
    it(`says of ${state} for whom it waits`, () => {
      const who = ['me', 'guest', 'judge', undefined];
      const waits = who.map(each => waitsFor(each, unit(state), 'de', TEAM));
      assert.deepEqual(waits, mine[state]);
    });
  }

  const cases: [what: string, unit: UnitState, waits: boolean, policy?: Partial<Policy>][] = [
    ['what is assigned to me', unit('pending', assignedTo('me')), true],
    ['what is assigned to me and to another', unit('pending', assignedTo('you', 'me')), true],
    ['what is assigned to another', unit('pending', assignedTo('you')), false],
    ['what is assigned to nobody again', unit('pending', assignedTo('')), true],
    ['what I decided on', unit('partly-approved', { decisions: [decided('me', 'approve')] }), false],
    ['what I skipped', unit('skipped', { decisions: [decided('me', 'skip')] }), false],
    ['what another skipped', unit('skipped', { decisions: [decided('you', 'skip')] }), true],
    [
      'what I decided on in another text',
      unit('stale', { decisions: [decided('me', 'approve', BEFORE)] }),
      true,
    ],
    [
      'rivals, although I decided on the row',
      unit('conflict', { decisions: [decided('me', 'approve')] }),
      true,
    ],
    ['my own text', unit('edited', { author: 'me' }), true],
    [
      'my own text where that does not count',
      unit('edited', { author: 'me' }),
      false,
      { lastEditorCounts: false },
    ],
    [
      'my own text with an approval where mine does not count',
      unit('partly-approved', { author: 'me', decisions: [decided('you', 'approve')] }),
      false,
      { lastEditorCounts: false },
    ],
    [
      'the text of another where the last editor does not count',
      unit('edited', { author: 'you' }),
      true,
      { lastEditorCounts: false },
    ],
  ];
  for (const [what, state, waits, policy] of cases) {
    it(`${waits ? 'takes in' : 'leaves out'} ${what}`, () => {
      assert.equal(waitsFor('me', state, 'de', { ...TEAM, ...policy }), waits);
    });
  }

  it('leaves out languages of others', () => {
    const policy = { ...TEAM, reviewers: { de: ['me'], it: ['you'] } };
    const waits = (lang: string) => waitsFor('me', unit('pending'), lang, policy);
    assert.deepEqual(['de', 'de-AT', 'it', 'fr'].map(waits), [true, true, false, false]);
  });
});

describe('traitsOf', () => {
  const thread = { comments: [], openThreads: ['T' as EventId] };
  const cases: [
    what: string,
    state: UnitState,
    events: EventFacts[],
    traits: ReviewTrait[],
    policy?: Partial<Policy>,
  ][] = [
    ['nothing of an approved unit', unit('approved', { decisions: [decided('you', 'approve')] }), [], []],
    ['mine of what waits', unit('pending'), [], ['mine']],
    [
      'second of what another approved',
      unit('partly-approved', { decisions: [decided('you', 'approve')] }),
      [],
      ['mine', 'second'],
    ],
    [
      'not second of what I approved',
      unit('partly-approved', { decisions: [decided('me', 'approve')] }),
      [],
      [],
    ],
    ['not second of what is assigned to another', unit('partly-approved', assignedTo('you')), [], []],
    [
      'returned of my text',
      unit('needs-work', { author: 'me', decisions: [decided('you', 'needs-work')] }),
      [],
      ['returned'],
    ],
    [
      'returned of my approval',
      unit('disputed', { decisions: [decided('me', 'approve'), decided('you', 'reject')] }),
      [],
      ['returned'],
    ],
    [
      'not returned of the text of another',
      unit('rejected', { author: 'you', decisions: [decided('judge', 'reject')] }),
      [],
      [],
    ],
    [
      'not returned by myself',
      unit('needs-work', { author: 'me', decisions: [decided('me', 'needs-work')] }),
      [],
      [],
    ],
    [
      'not returned by a guest, whose word does not count',
      unit('edited', { author: 'me', decisions: [decided('guest', 'reject')] }),
      [],
      ['mine'],
    ],
    [
      'not returned of an older text',
      unit('edited', { author: 'me', decisions: [decided('you', 'reject', BEFORE)] }),
      [],
      ['mine'],
    ],
    [
      'changed of what I decided on before',
      unit('stale', { author: 'you', decisions: [decided('me', 'approve', BEFORE)] }),
      [],
      ['mine', 'changed'],
    ],
    [
      'not changed by myself',
      unit('stale', { author: 'me', decisions: [decided('me', 'approve', BEFORE)] }),
      [],
      ['mine'],
    ],
    [
      'not changed of what I skipped',
      unit('edited', { author: 'you', decisions: [decided('me', 'skip', BEFORE)] }),
      [],
      ['mine'],
    ],
    [
      'open and replied of an answer to me',
      unit('approved', thread),
      [said('me', 'T'), said('you', 'A', 'T')],
      ['open', 'replied'],
    ],
    [
      'open, not replied where the last word is mine',
      unit('approved', thread),
      [said('you', 'T'), said('me', 'A', 'T')],
      ['open'],
    ],
    [
      'open, not replied of a thread of others',
      unit('approved', thread),
      [said('you', 'T'), said('judge', 'A', 'T')],
      ['open'],
    ],
    ['no thread that is settled', unit('approved'), [said('me', 'T'), said('you', 'A', 'T')], []],
    ['proposed of a target', unit('approved', { proposals: [proposed('guest', false)] }), [], ['proposed']],
    [
      'proposed and source of a source',
      unit('approved', { proposals: [proposed('guest', true)] }),
      [],
      ['proposed', 'source'],
    ],
    [
      'source of that reason',
      unit('needs-work', { decisions: [decided('you', 'needs-work', NOW, { reasons: ['source-wrong'] })] }),
      [],
      ['source'],
    ],
    [
      'not source of that reason for another text',
      unit('edited', { decisions: [decided('you', 'needs-work', BEFORE, { reasons: ['source-wrong'] })] }),
      [],
      ['mine'],
    ],
  ];
  for (const [what, state, events, traits, policy] of cases) {
    it(`says ${what}`, () => {
      const all = [...events, ...state.decisions];
      assert.deepEqual([...traitsOf(state, all, 'de', 'me', { ...TEAM, ...policy })].sort(), traits.sort());
    });
  }

  it('says no more of a decision that an adjudicator set aside', () => {
    const against = decided('you', 'reject');
    const state = unit('approved', { author: 'me', decisions: [against], setAside: new Set([against.id]) });
    assert.deepEqual([...traitsOf(state, [], 'de', 'me', TEAM)], []);
  });

  it('says to somebody without a name only what concerns everybody', () => {
    const state = unit('partly-approved', {
      author: 'me',
      decisions: [decided('you', 'approve')],
      proposals: [proposed('guest', true)],
      openThreads: ['T' as EventId],
    });
    const traits = traitsOf(state, [said('me', 'T')], 'de', undefined, TEAM);
    assert.deepEqual([...traits].sort(), ['mine', 'open', 'proposed', 'source']);
  });
});

describe('isBlind', () => {
  const blind = { ...TEAM, blind: true };
  const cases: [
    what: string,
    who: string | undefined,
    state: UnitState,
    policy: Policy,
    expected: boolean,
  ][] = [
    ['nobody where the policy is not blind', 'me', unit('pending'), TEAM, false],
    ['who has not decided', 'me', unit('rejected', { decisions: [decided('you', 'reject')] }), blind, true],
    [
      'who has decided on another text',
      'me',
      unit('stale', { decisions: [decided('me', 'approve', BEFORE)] }),
      blind,
      true,
    ],
    ['who has skipped', 'me', unit('skipped', { decisions: [decided('me', 'skip')] }), blind, true],
    ['not who has decided', 'me', unit('approved', { decisions: [decided('me', 'approve')] }), blind, false],
    ['no adjudicator', 'judge', unit('pending'), blind, false],
    ['a guest', 'guest', unit('pending'), blind, true],
    ['nobody without a name', undefined, unit('pending'), blind, false],
  ];
  for (const [what, who, state, policy, expected] of cases) {
    it(`is ${what}`, () => assert.equal(isBlind(state, who, 'de', policy), expected));
  }

  it('leaves edits, assignments, and what is one’s own to be seen', () => {
    const events: EventFacts[] = [
      decided('me', 'approve'),
      decided('you', 'reject'),
      said('me', 'A'),
      said('you', 'B'),
      proposed('you', false),
      { ...common('you'), type: 'assign', to: 'me', replaces: [] },
      { ...common('you'), type: 'undo', undoes: 'X' as EventId },
    ];
    assert.deepEqual(
      visibleTo(events, 'me').map(({ by, type }) => [by, type]),
      [
        ['me', 'decide'],
        ['me', 'comment'],
        ['you', 'edit'],
        ['you', 'assign'],
      ],
    );
  });
});

describe('promise: what a unit means to somebody can always be said', () => {
  const name = fc.constantFrom('me', 'you', 'judge', 'guest', '', '__proto__');
  const text = fc.constantFrom(NOW, BEFORE);
  const id = fc.constantFrom('A', 'B', 'T').map(each => each as EventId);
  const decision = fc
    .record({
      by: name,
      decision: fc.constantFrom(...DECISIONS),
      text,
      reasons: fc.subarray(['meaning', 'source-wrong']),
    })
    .map(each => decided(each.by, each.decision, each.text, { reasons: each.reasons }));
  const comment = fc
    .record({ by: name, id, thread: fc.option(id, { nil: undefined }) })
    .map(each => said(each.by, each.id, each.thread));
  const state = fc
    .record({
      state: fc.constantFrom(...STATES),
      fingerprint: text,
      author: fc.option(name, { nil: undefined }),
      decisions: fc.array(decision, { maxLength: 4 }),
      openThreads: fc.array(id, { maxLength: 3 }),
      proposals: fc.array(
        fc.record({ by: name, source: fc.boolean() }).map(each => proposed(each.by, each.source)),
      ),
      to: fc.array(name, { maxLength: 3 }),
    })
    .map(({ state, to, ...more }) => unit(state, { ...more, ...assignedTo(...to) }));
  const people = fc.option(fc.dictionary(fc.constantFrom('*', 'de', 'zh-Hant'), fc.array(name)), {
    nil: undefined,
  });
  const policy = fc.record({
    reviewers: people,
    adjudicators: people,
    blind: fc.boolean(),
    lastEditorCounts: fc.boolean(),
    approvals: fc.constantFrom(1, 2, Number.POSITIVE_INFINITY),
  });

  it('whatever state, events and policy there are', () => {
    fc.assert(
      fc.property(
        state,
        fc.array(fc.oneof(decision, comment), { maxLength: 8 }),
        fc.constantFrom('de', 'zh-Hant-TW', 'und', ''),
        fc.option(name, { nil: undefined }),
        policy,
        (state, events, lang, me, some) => {
          const rules = { ...DEFAULT_POLICY, ...some };
          const order = events.map(event => event.id);
          const traits = traitsOf(state, events, lang, me, rules);
          for (const trait of traits) assert.ok(REVIEW_TRAITS.includes(trait));
          assert.equal(traits.has('mine'), waitsFor(me, state, lang, rules));
          assert.ok(!traits.has('second') || traits.has('mine'));
          assert.deepEqual(
            events.map(event => event.id),
            order,
            'the events of others are left in their order',
          );
          isBlind(state, me, lang, rules);
        },
      ),
    );
  });
});

describe('the queues of a team', () => {
  it('are what each has to do, and what came back', async t => {
    const { anna, bela, carla, guest } = await teamOf(t, { ...NAMED, approvals: 2 });
    const queues = async (session: typeof anna, ...queries: string[]) => {
      const rows: number[][] = [];
      for (const query of queries) rows.push(await found(session, query));
      return rows;
    };
    assert.deepEqual(await queues(anna, 'is:mine', 'is:second', 'assigned:nobody'), [
      [0, 1, 2],
      [],
      [0, 1, 2],
    ]);
    assert.deepEqual(await queues(guest, 'is:mine'), [[]]);
    await approve(anna, 0);
    await anna.assign(await targetOf(anna, 1), 'bela');
    await anna.assign(await targetOf(anna, 2), 'carla');
    assert.deepEqual(await queues(anna, 'is:mine', 'is:second', 'assigned:bela', 'assigned:nobody'), [
      [],
      [],
      [1],
      [0],
    ]);
    assert.deepEqual(await queues(bela, 'is:mine', 'is:second', 'assigned:me'), [[0, 1], [0], [1]]);
    await found(bela, 'all');
    assert.equal(await bela.nextPending(0), 1);
    assert.equal(await bela.nextPending(1), 0, 'what is assigned to another is passed over');

    await bela.decide(await targetOf(bela, 0), 'needs-work', {
      reasons: ['meaning', 'source-wrong'],
      note: '',
    });
    assert.deepEqual(
      await queues(
        anna,
        'is:returned',
        'reason:meaning',
        'is:source',
        'reason:fluency',
        'state:disputed',
        'is:mine',
      ),
      [[0], [0], [0], [], [0], []],
    );
    assert.deepEqual(await queues(carla, 'is:mine'), [[0, 2]]);
    await type(bela, 0, [['target', 'output', 'Eine Feige.']]);
    assert.deepEqual(await queues(anna, 'is:changed', 'is:returned', 'reason:meaning', 'is:mine'), [
      [0],
      [],
      [],
      [0],
    ]);
    assert.deepEqual(await queues(bela, 'is:changed'), [[]], 'one’s own change is none');

    await anna.comment(await targetOf(anna, 1), 'Warum?');
    const { comments } = await now(bela, 1);
    assert.deepEqual(await queues(anna, 'is:replied', 'is:open'), [[], [1]]);
    await bela.comment(await targetOf(bela, 1), 'Darum.', comments[0]!.id);
    assert.deepEqual(await queues(anna, 'is:replied', 'is:open'), [[1], [1]]);
    assert.deepEqual(await queues(bela, 'is:replied'), [[]]);
    await anna.resolve(await targetOf(anna, 1), comments[0]!.id);
    assert.deepEqual(await queues(anna, 'is:replied', 'is:open', 'is:commented'), [[], [], [1]]);

    await type(guest, 2, [['target', 'output', 'Eine Quitte.']]);
    assert.deepEqual(await queues(anna, 'is:proposed', 'is:source', 'is:edited'), [[2], [], [0]]);
  });

  it('keep to the languages that somebody reviews, also of records that nobody touched', async t => {
    const italian = LINES[1]!.replace('"target_lang":"de"', '"target_lang":"it"');
    const { anna, bela } = await teamOf(t, { reviewers: { de: ['anna'], it: ['bela'] } }, [
      LINES[0]!,
      italian,
    ]);
    assert.deepEqual([await found(anna, 'is:mine'), await found(bela, 'is:mine')], [[0], [1]]);
    for (const session of [anna, bela]) await found(session, 'all');
    assert.deepEqual([await anna.nextPending(0), await bela.nextPending(0)], [0, 1]);
  });

  it('are sampled alike on every clone: as many as asked, and only of what meets the condition', async t => {
    const lines = Array.from({ length: 200 }, (_, row) =>
      record(`r${row}`, row % 4 === 0 ? ENGLISH : 'Ein Apfel.'),
    );
    const one = await openSession(t, writeShard(tempFolder(t), lines), ANNA);
    // The same records in another order, read by somebody else.
    const two = await openSession(t, writeShard(tempFolder(t), lines.toReversed()), {
      reviewer: 'bela',
      clone: 'bb',
    });
    const drawn = async (session: typeof one, query: string) => {
      const rows = await found(session, query);
      const summaries = await session.queue.summaries(0, 100);
      assert.deepEqual(
        summaries.map(each => each.row),
        rows,
      );
      return summaries.map(each => each.key).toSorted();
    };
    const ten = await drawn(one, 'finding:language sample:10/april');
    assert.deepEqual([ten.length, new Set(ten).size], [10, 10]);
    assert.ok(ten.every(key => Number(/\d+/.exec(key ?? '')?.[0]) % 4 === 0));
    assert.deepEqual(await drawn(two, 'finding:language sample:10/april'), ten);
    const more = await drawn(two, 'finding:language sample:20/april');
    assert.ok(
      ten.every(key => more.includes(key)),
      'a greater sample holds the smaller one',
    );
    assert.notDeepEqual(await drawn(one, 'finding:language sample:10/may'), ten);
    assert.equal((await drawn(one, 'finding:language sample:60')).length, 50, 'no more than there are');
    assert.deepEqual((await found(one, 'sample:5/x')).length, 5);

    for (const row of await found(one, 'finding:language sample:10/april')) await approve(one, row);
    assert.deepEqual(
      await drawn(one, 'finding:language sample:10/april'),
      ten,
      'decisions change nothing in it',
    );
    const left = await drawn(one, 'state:pending sample:100/april');
    assert.ok(left.length === 100 && !left.some(key => ten.includes(key)));
  });

  it('follow the current text and the policy when they are asked again', async t => {
    const { anna, bela } = await teamOf(t);
    await edit(anna, 0, ENGLISH);
    assert.deepEqual(await found(bela, 'finding:any'), [0]);
    await type(anna, 0, [['target', 'output', 'Ein Apfel.']]);
    await refresh(bela);
    bela.queue.askAgain();
    await bela.queue.done;
    assert.deepEqual(bela.queue.rows(0, 10), []);
  });
});
