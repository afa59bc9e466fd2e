import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { Questions } from '../../src/core/contamination';
import type { UserError } from '../../src/core/messages';
import { readQuestions, refuseEvaluation } from '../../src/io/evaluationFile';

const ASKED = [
  'Which town was the old ferry across the river first built to reach?',
  'In welchem Jahr wurde die alte Brücke über den Fluss endgültig abgerissen?',
  '这座古老的石桥是在哪一年由当地的工匠们重新修建起来的？',
  'في أي سنة أعيد بناء الجسر القديم الذي يعبر النهر قرب السوق؟',
  'Who owns the mill?',
];

function questions(...asked: readonly string[]): Questions {
  const found = new Questions();
  for (const each of asked) found.add(each);
  return found;
}

describe('a question of an evaluation set', () => {
  const all = questions(...ASKED);

  it('is found in a longer text, whatever its case and punctuation', () => {
    for (const asked of ASKED.slice(0, 4)) {
      assert.ok(all.isIn(asked));
      assert.ok(
        all.isIn(`Answer the question below.\n\n“${asked.toUpperCase()}” Please be brief, and say why.`),
      );
    }
  });

  it('is found with two words changed, left out or put in', () => {
    for (const near of [
      'Which village was the old ferry across the lake first built to reach?',
      'Which town was the ferry across the river built to reach?',
      'Which small town was the very old ferry across the river first built to reach?',
      'In welchem Monat wurde die neue Brücke über den Fluss endgültig abgerissen?',
      '这座美丽的石桥是在哪一年由本地的工匠们重新修建起来的？',
    ])
      assert.ok(all.isIn(`Please answer: ${near}`), near);
  });

  it('is not found in a text on the same subject', () => {
    for (const other of [
      'The old ferry across the river was a flat boat on a rope. It carried carts, sheep and people who went to market in the town.',
      'Describe how a ferry works, and why a town on a river may want one.',
      'Die alte Brücke über den Fluss hatte sieben Bögen aus Sandstein und stand unter Denkmalschutz.',
      '古老的石桥横跨小河，当地的工匠们在桥上刻了许多石狮子，每一只都不一样。',
      'كان الجسر القديم مبنيا من الحجر، ويمر فوقه التجار في طريقهم إلى السوق.',
    ])
      assert.ok(!all.isIn(other), other);
  });

  it('must be there letter by letter where it is short', () => {
    const short = questions('Who built the old town mill?');
    assert.ok(short.isIn('Tell me: who built the old town mill? I forgot.'));
    assert.ok(!short.isIn('Tell me: who built the new town mill? I forgot.'));
  });

  it('is not looked for where anybody might ask it', () => {
    assert.ok(!questions('What is it?').isIn('What is it?'));
    assert.equal(new Questions().add('Who owns it?'), false);
  });

  it('is found among many others that share its words', () => {
    const many = questions(
      ...Array.from(
        { length: 3000 },
        (_, at) => `What is the name of the place with the number ${at} in the list?`,
      ),
    );
    assert.ok(many.isIn('So, what is the name of the place with the number 1234 in the list? Tell me.'));
  });

  it('is always found in any text around it', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 300 });
    fc.assert(
      fc.property(text, text, fc.integer({ min: 0, max: 3 }), (head, tail, at) => {
        assert.ok(all.isIn(`${head}\n${ASKED[at] ?? ''}\n${tail}`));
      }),
    );
  });

  it('is looked for in long texts of few letters too', () => {
    for (const text of ['', 'a'.repeat(200_000), 'the old ferry across the river '.repeat(3000)])
      assert.equal(all.isIn(text), false);
  });
});

describe('an evaluation set', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crossalpaca-test-'));
  });
  after(() => rm(folder, { recursive: true }));

  const [asked = ''] = ASKED;
  const context = 'A long text about a ferry.';
  const squad = { version: '1.1', data: [{ title: 't', paragraphs: [{ context, qas: [{ id: 'q1', question: asked, answers: [{ text: 'x', answer_start: 2 }] }] }] }] }; // prettier-ignore
  const row = { id: 'q1', context, question: asked, answers: { text: ['x'], answer_start: [2] } };
  const files: Readonly<Record<string, string>> = {
    'xquad.json': JSON.stringify(squad),
    'pretty.json': `\ufeff${JSON.stringify(squad, null, 2)}`,
    'rows.jsonl': `${JSON.stringify(row)}\n${JSON.stringify(row)}\n`,
    'mlqa.csv': `context,question,answers,id\n"${context}","${asked}","{'text': ['x']}",q1\n`,
    'xquad_IT.csv': `id,contesto,domanda,risposte\nq1,"${context}","${asked}",x\n`,
    'mmlu_test.csv': `"${asked}",one,two,three,four,B\n"${asked}",one,two,three,four,D\n`,
    'bbh.csv': `input,target\n"${asked}",(A)\n`,
    'bbh.json': JSON.stringify({ canary: 'c', examples: [{ input: asked, target: '(A)' }] }),
  };

  for (const [name, text] of Object.entries(files)) {
    it(`such as ${name} is known by its shape: its questions are looked for, and it is no training data`, async () => {
      const path = join(folder, name);
      await writeFile(path, text);
      assert.ok((await readQuestions([path])).isIn(asked));
      await assert.rejects(refuseEvaluation(path), (error: UserError) => {
        assert.equal(error.said.id, 'evaluation.asTraining');
        assert.ok(error.message.includes(path));
        return true;
      });
    });
  }

  it('is known where it is large, by how it begins', async () => {
    const path = join(folder, 'large.json');
    const paragraph = squad.data[0]!.paragraphs[0]!;
    const large = {
      ...squad,
      data: [{ title: 't', paragraphs: Array.from({ length: 8000 }, () => ({ ...paragraph })) }],
    };
    for (const text of [
      JSON.stringify(large),
      JSON.stringify(large, null, 1),
      `${JSON.stringify(row)}\n`.repeat(8000),
      `input,target\n${`"${asked}",(A)\n`.repeat(20_000)}`,
    ]) {
      assert.ok(text.length > 1 << 20);
      await writeFile(path, text);
      await assert.rejects(refuseEvaluation(path), { name: 'UserError' });
    }
  });

  it('is not what a shard or a text is', async () => {
    const shard = { id: 'a', source: { instruction: asked, input: '', output: 'x' }, target: { instruction: 'y', input: '', output: 'z' }, source_lang: 'en', target_lang: 'it' }; // prettier-ignore
    const lines = `${JSON.stringify(shard)}\n`;
    const path = join(folder, 'shard.jsonl');
    for (const text of [
      lines,
      lines.repeat(8000),
      `not json\n${lines}`,
      `[${lines.trim()}]`,
      `${asked}\n`.repeat(3),
      'One, two, three, four, five, A\nAn ordinary line.\n',
      '',
      '{',
      'null',
      '"',
    ]) {
      await writeFile(path, text);
      await refuseEvaluation(path);
      await assert.rejects(readQuestions([path]), { name: 'UserError' });
    }
  });

  it('that holds no question worth looking for is said to be so', async () => {
    const path = join(folder, 'empty.csv');
    await writeFile(path, 'input,target\n1+1,2\n');
    await assert.rejects(readQuestions([path]), /holds no question that could be looked for/);
    await assert.rejects(readQuestions([join(folder, 'missing.json')]), /There is no file/);
  });

  it('is read elsewhere, so that whoever waits can call it off while it is parsed', async () => {
    const path = join(folder, 'large.csv');
    await writeFile(path, `input,target\n${`${ASKED[0]},A\n`.repeat(100_000)}`);
    const stop = new AbortController();
    const reading = readQuestions([path], stop.signal);
    const reason = new Error('called off');
    setImmediate(() => stop.abort(reason));
    await assert.rejects(reading, reason);
    await assert.rejects(readQuestions([path], AbortSignal.abort(reason)), reason);
  });
});
