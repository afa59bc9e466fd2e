import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CheckedUnit, type CheckInput, type Hit } from '../../src/core/check';
import { MARKUP_CHECKS } from '../../src/core/checks/markup';
import { english } from '../../src/core/messages';
import { PLANTS } from '../helpers/plants/markup';

/** UTF-16 units: the longest that is looked at. */
const LONG = 1 << 17;

interface Found extends Hit {
  readonly check: string;
}

const unitOf = (source: string, target: string, targetLang = 'it'): CheckInput => ({
  sourceLang: 'en',
  targetLang,
  source: [{ name: 'output', text: source }],
  target: [{ name: 'output', text: target }],
});

function run(input: CheckInput): Found[] {
  const unit = new CheckedUnit(input);
  return MARKUP_CHECKS.flatMap(check => check.run(unit).map(hit => ({ ...hit, check: check.id })));
}

const found = (source: string, target: string) => run(unitOf(source, target));

function mended(text: string, { fix }: Hit): string {
  assert.ok(fix);
  return text.slice(0, fix.start) + fix.text + text.slice(fix.end);
}

/** The one finding there must be: what is marked, and what is said. */
function one(
  check: string,
  source: string,
  target: string,
): Found & { readonly marked: string; readonly said: string } {
  const hits = found(source, target);
  assert.deepEqual(
    hits.map(hit => hit.check),
    [check],
    `${source} -> ${target}`,
  );
  const [hit] = hits;
  assert.ok(hit);
  return { ...hit, marked: target.slice(hit.start, hit.end), said: english(hit.message) };
}

/** One finding whose fix gives the text that is right. */
function fixed(check: string, source: string, wrong: string, right: string): void {
  assert.equal(mended(wrong, one(check, source, wrong)), right);
  assert.deepEqual(found(source, right), []);
}

function silent(pairs: readonly (readonly [source: string, target: string])[]): void {
  for (const [source, target] of pairs) assert.deepEqual(found(source, target), [], `${source} -> ${target}`);
}

/** Nothing is missing in the text, and the place where it belongs is not known. */
function lost(check: string, source: string, target: string, said: string): void {
  const hit = one(check, source, target);
  assert.deepEqual([hit.start, hit.end, hit.fix], [target.length, target.length, undefined]);
  assert.equal(hit.said, said);
}

describe('numbers', () => {
  it('finds a number in the place of another one, and puts it back', () => {
    const hit = one('numbers', 'Bake it for 45 minutes.', 'Cuocere per 54 minuti.');
    assert.equal(hit.marked, '54');
    assert.equal(hit.said, 'The source has 45 here, the translation 54. Check the number.');
    fixed('numbers', 'Bake it for 45 minutes.', 'Cuocere per 54 minuti.', 'Cuocere per 45 minuti.');
  });

  it('writes the number as the translation writes its own', () => {
    fixed('numbers', 'It costs 1,250 euros.', 'Costa 1.520 euro.', 'Costa 1.250 euro.');
    fixed('numbers', 'Add 85 grams of sugar.', 'أضف ٥٨ غرامًا من السكر.', 'أضف ٨٥ غرامًا من السكر.');
    fixed('numbers', 'The bus of 18 people', 'बस में ८१ लोग', 'बस में १८ लोग');
    fixed('numbers', 'On 17 March 2031', '2031年3月27日', '2031年3月17日');
    fixed('numbers', 'About 62 people', 'ประมาณ ๒๖ คน', 'ประมาณ ๖๒ คน');
    const other = one('numbers', 'There were 1,127 of them.', 'Erano 1197.');
    assert.equal(other.fix, undefined);
  });

  it('finds a number that is gone, where it cannot be in words', () => {
    lost(
      'numbers',
      'Room 417 is free.',
      'Das Zimmer ist frei.',
      'Missing number: 417. Check whether something was left out.',
    );
  });

  it('knows feet and inches as one length', () => {
    for (const length of ['5\'10"', '5’10”', '5′ 10″', '5 feet 10 inches', '5 ft. 10 in', '5-foot-10', '5 feet and 10 inches'])
      silent([
        [`He is ${length} tall.`, 'È alto 1,78 m.'],
        [`He is ${length} tall.`, 'Er ist 178 cm groß.'],
        ['Er ist 1,78 m groß.', `He is ${length} tall.`],
      ]);
    silent([['The wall is 12\'6" high.', 'Il muro è alto 3,81 m.']]);
    assert.equal(one('numbers', 'He is 5\'10" tall.', 'È alto 2,95 m.').marked, '2,95');
    assert.equal(one('numbers', 'He is 5\'10" tall.', 'Er ist 5\'11" groß.').marked, '11');
    assert.equal(one('numbers', 'Of 5 feet, 10 were cold.', 'Dei 5 piedi, 23 erano freddi.').marked, '23');
  }); // prettier-ignore

  it('finds several, each in its place', () => {
    const hits = found('Between 1871 and 1914 there was peace.', 'Tra il 1817 e il 1941 ci fu pace.');
    assert.deepEqual(
      hits.map(({ start, fix }) => [start, fix]),
      [
        [7, undefined],
        [17, undefined],
      ],
    );
  });

  it('knows the same number in other clothes', () => {
    silent([
      ['It costs 1,250.50 euros.', 'Costa 1.250,50 euro.'],
      ['10,000 steps', '10 000 pasos'],
      ['10,000 steps', "10'000 Schritte"],
      ['10,000 steps', '10\u202f000 pas'],
      ['10,000 steps', '1万步'],
      ['250,000 people', '25万人'],
      ['2.5 million people', '250万人'],
      ['$30 billion', '300 亿美元'],
      ['375,000 dollars', '375 ألف دولار'],
      ['The train leaves at 3:30 pm.', 'Der Zug fährt um 15:30 Uhr.'],
      ['It opens at 11 am and closes at 10 pm.', 'Apre alle 11 e chiude alle 22.'],
      ['Perfect at 5.30pm', 'Perfetto alle 17:30'],
      ['On 12/25/2030', 'Am 25.12.2030'],
      ['on October 17', '10月17日'],
      ['Born in the 1980s', 'In den 80er Jahren geboren'],
      ['Born in the 1980s', '生于20世纪80年代'],
      ['The 19th century', 'Il XIX secolo'],
      ['It is 80 degrees outside.', 'Fuori ci sono 27 gradi.'],
      ['It is 12 miles away.', 'Dista 19 chilometri.'],
      ['from 30 yards out', 'da circa 25 metri'],
      ['a bill of $150', 'una cuenta de 138 euros'],
      ['Twenty people', '20 Personen'],
      ['20 people', 'venti persone'],
      ['2014-17', '2014–2017'],
      ['3.50 each', 'je 3,5'],
      ['05 May', '5 maggio'],
      ['15% off', '打85折'],
      ['Choose A4 or x86.', 'Scegli A3 o x64.'],
      ['See https://example.org/2031.', 'Guarda qui.']
        .slice(0, 1)
        .concat('Guarda https://example.org/2031.') as [string, string],
      ['Add 80 grams.', 'أضف ٨٠ غرامًا.'],
      ['1, 2, 3', '1, 2, 4'],
    ]);
  });

  it('says nothing where the texts say different things, or one is not known', () => {
    silent([
      ['11 22 33 44', '55 66 77 88'],
      ['', 'Costa 54 euro.'],
      ['It costs 54 euros.', ''],
    ]);
    assert.deepEqual(
      MARKUP_CHECKS.map(({ needs }) => needs),
      MARKUP_CHECKS.map(() => ['source']),
    );
  });
});

describe('addresses', () => {
  const source = 'Write to help@example.org or see https://example.org/start (new).';

  it('finds what was changed', () => {
    const wrong = 'Scrivi a aiuto@esempio.org o vedi https://example.org/start (nuovo).';
    const hit = one('addresses', source, wrong);
    assert.equal(hit.marked, 'aiuto@esempio.org');
    assert.equal(
      hit.said,
      'Address in the source: help@example.org, in the translation: aiuto@esempio.org. Addresses stay as they are.',
    );
    fixed('addresses', source, wrong, wrong.replace('aiuto@esempio.org', 'help@example.org'));
  });

  it('finds what is missing, and what was added', () => {
    lost(
      'addresses',
      source,
      '请写信至 help@example.org。',
      'Missing address: https://example.org/start. Put it where it belongs.',
    );
    const added = one('addresses', 'See our page.', 'Vedi https://example.org.');
    assert.equal(added.marked, 'https://example.org');
  });

  it('knows where an address ends', () => {
    silent([
      [source, '请写信至help@example.org，或参见https://example.org/start（新）。'],
      [source, 'اكتب إلى help@example.org أو انظر https://example.org/start، وهو جديد.'],
      [source, 'Scrivi a help@example.org, vedi <https://example.org/start>!'],
      ['[here](https://example.org/a_(b))', '[qui](https://example.org/a_(b))'],
      ['Go to https://www.example.org/.', 'ไปที่ www.example.org'],
      ['See https://example.org and again https://example.org.', 'Vedi https://example.org.'],
      ['rated 5 @ home', 'bewertet mit 5 @ Zuhause'],
    ]);
  });
});

describe('placeholders', () => {
  it('finds what was translated, and puts it back', () => {
    const source = 'Hello {{name}}, your order {order_id} is here.';
    fixed('placeholders', source, 'Ciao {{nome}}, ecco {order_id}.', 'Ciao {{name}}, ecco {order_id}.');
    fixed(
      'placeholders',
      source,
      '{{名字}}您好，您的订单{order_id}到了。',
      '{{name}}您好，您的订单{order_id}到了。',
    );
    fixed('placeholders', 'Fill in the <mask>.', 'Ergänze die <Maske>.', 'Ergänze die <mask>.');
    fixed('placeholders', 'Fill in the [MASK].', 'Completa la [MASCHERA].', 'Completa la [MASK].');
    fixed('placeholders', 'Dear ${user},', 'Estimado ${usuario}:', 'Estimado ${user}:');
    const hit = one('placeholders', source, 'Ciao {{nome}}, ecco {order_id}.');
    assert.equal(hit.marked, '{{nome}}');
    assert.equal(
      hit.said,
      'Placeholder in the source: {{name}}, in the translation: {{nome}}. Placeholders stay as they are.',
    );
  });

  it('finds what was broken', () => {
    const source = 'Hello {{name}}, it is %s.';
    fixed('placeholders', source, 'Ciao {{name}, sono le %s.', 'Ciao {{name}}, sono le %s.');
    fixed('placeholders', source, '{name}你好，现在是%s。', '{{name}}你好，现在是%s。');
    fixed('placeholders', source, '｛｛name｝｝你好，现在是%s。', '{{name}}你好，现在是%s。');
    fixed('placeholders', source, 'Ciao {{name}}, sono le % s.', 'Ciao {{name}}, sono le %s.');
  });

  it('finds what is missing', () => {
    const said = 'Missing placeholder: {time}. Put it where it belongs.';
    lost('placeholders', 'On {date} at {time}.', 'Il {date}.', said);
    lost('placeholders', 'On {date} at {time}.', 'في {date}.', said);
    lost('placeholders', '<image>', 'Bild', 'Missing placeholder: <image>. Put it where it belongs.');
    lost(
      'placeholders',
      'Dear [Your Name], see you.',
      'Gentile signora, a presto.',
      'Missing placeholder: [Your Name]. Put it where it belongs.',
    );
  });

  it('only notes a word in angle brackets', () => {
    const hit = one('placeholders', 'Hello <name>!', 'Hallo <Vorname>!');
    assert.equal(hit.severity, 'info');
  });

  it('lets words for people be translated, and other brackets be', () => {
    silent([
      ['Dear [Your Name], I am {Company Name}.', 'Gentile [Il tuo nome], sono {Nome azienda}.'],
      ['Dear [Your Name],', '尊敬的【您的姓名】：'],
      ['Dear [Your Name],', 'Sehr geehrte(r) ________,'],
      ['50% discount and 20 % sugar', '50 % de descuento y 20 % dulce'],
      ['100% sure', '100%s'],
      ['Press <Ctrl> + <T>.', 'Drücke <Strg> + <T>.'],
      ['\\frac{ab}{cd} and \\text{where}', '\\frac{ab}{cd} e \\text{dove}'],
      ['The set {x}', 'Die Menge {y}'],
      ['see [here](https://example.org)', 'vedi [qui](https://example.org)'],
      ['{{ name }} is here', '{{name}} è qui'],
      ['a List<String> of <b>words</b>', 'una List<String> di <b>parole</b>'],
    ]);
  });
});

describe('tags', () => {
  it('finds what is missing, what is not closed, and what was changed', () => {
    lost(
      'tags',
      'A <b>very</b> good day.',
      'Una <b>bellissima giornata.',
      'Missing tag: </b>. Put it where it belongs.',
    );
    lost('tags', '<note>Hi</note>', 'Ciao', 'Missing tag: <note>, </note>. Put it where it belongs.');
    fixed('tags', 'One<br>two', 'Uno<hr>due', 'Uno<br>due');
    const hit = one('tags', 'One<br>two', 'Uno<hr>due');
    assert.equal(hit.said, 'Tag in the source: <br>, in the translation: <hr>. Tags stay as they are.');
    assert.equal(one('tags', 'Hi there', '<p>Ciao').marked, '<p>');
    assert.equal(
      one('tags', '<img src="a.png"> a', '<图片 src=“a.png”> 一').start,
      '<图片 src=“a.png”> 一'.length,
    );
  });

  it('knows the same tag in other clothes, and what is none', () => {
    silent([
      ['One<br>two', 'Uno<br />due'],
      ['<B>one</B>', '<b>uno</b>'],
      ['<a href="x" title="Start">one</a>', '<a href="x" title="Inizio">uno</a>'],
      ['a < b and b > c', 'a < b e b > c'],
      ['1 < 2 > 1', '1 < 2 > 1。'],
      ['<a picture of a house>', '<ein Bild eines Hauses>'],
    ]);
  });
});

describe('code', () => {
  const source = 'So:\n\n```python\nfor item in items:\n    show(item)  # one by one\n```\n\nDone.';

  it('finds names that were translated', () => {
    const wrong = 'Così:\n\n```python\nfor voce in items:\n    show(item)  # uno per uno\n```\n\nFatto.';
    fixed('code', source, wrong, wrong.replace('voce', 'item'));
    const hit = one('code', source, wrong);
    assert.equal(hit.marked, 'voce');
    assert.equal(
      hit.said,
      'In the code, “item” became “voce”. Only comments and texts in code are translated.',
    );
    const all = 'Così:\n\n```python\nfor voce in voci:\n    mostra(voce)  # uno per uno\n```\n\nFatto.';
    assert.equal(one('code', source, all).fix, undefined);
  });

  it('finds words of code that were translated without a fence', () => {
    fixed(
      'code',
      'for i in range(9):\n    print(i)',
      'für i in range(9):\n    print(i)',
      'for i in range(9):\n    print(i)',
    );
    fixed('code', 'print("Good day")', 'imprimir("Buenos días")', 'print("Buenos días")');
    fixed('code', 'while (n < 10) {\n  n++;\n}', '而 (n < 10) {\n  n++;\n}', 'while (n < 10) {\n  n++;\n}');
    assert.equal(one('code', 'total = add(2, 3)', 'total = add（2，3）').marked, '（');
  });

  it('finds fences that are lost or not closed', () => {
    const open = one('code', source, source.replace('\n```\n', '\n').replace('So', 'Così'));
    assert.equal(open.marked, '```');
    assert.equal(open.said, 'This code block is not closed. Put ``` on a line of its own behind it.');
    const none = source.replaceAll(/```(?:python)?\n/g, '').replace('So', 'Così');
    lost(
      'code',
      source,
      none,
      'Code fences (```) in the source: 2, in the translation: 0. Mark the code as the source does.',
    );
  });

  it('lets comments, strings, data and tables be translated', () => {
    silent([
      [source, source.replace('one by one', 'uno per uno').replace('So', 'Così')],
      ['say("hello") // greets', 'say("ciao") // saluta'],
      ["print('Good day')  # greets", "print('你好')  # 打招呼"],
      ['{\n "age": 29,\n "city": "Rome"\n}', '{\n "age": 29,\n "città": "Roma"\n}'],
      ['| Name | Age |\n|---|---|\n| Ann | 9 |', '| 姓名 | 年龄 |\n|---|---|\n| 安 | 9 |'],
      ['Yes = 1, No = 0.', 'Ja = 1, Nein = 0.'],
      ['The area is A = a * b.', 'Die Fläche ist A = a * b.'],
      ['```text\nGood day\n```', '```text\nBuona giornata\n```'],
      ['Cow (Mammalia), eagle (Aves)', 'Kuh (Mammalia), Adler (Aves)'],
    ]);
  });
});

describe('inline code', () => {
  it('finds what was changed or lost', () => {
    fixed(
      'inline-code',
      'Call `open_file` first.',
      'Rufe zuerst `öffne_datei` auf.',
      'Rufe zuerst `open_file` auf.',
    );
    lost(
      'inline-code',
      'Call `open_file` first.',
      'Rufe dies zuerst auf.',
      'Missing code: `open_file`. Put it where it belongs.',
    );
    const several = one('inline-code', 'Use `open` and `close`.', 'Usa `apri` e `chiudi`.');
    assert.equal(
      several.said,
      'Code in the source: `open`, `close`, in the translation: `apri`, `chiudi`. Code stays as it is.',
    );
  });

  it('lets backticks be that are no code', () => {
    silent([
      ['Use `open` and `close`.', '`close` 和 `open`。'],
      ['It`s fine', 'Va bene'],
      ['``so called´´', '«cosiddetto»'],
    ]);
  });
});

describe('blanks', () => {
  it('finds blanks that were filled in', () => {
    lost(
      'blanks',
      'The sun ____ in the west.',
      'Die Sonne geht im Westen unter.',
      'Blanks to fill in (___) in the source: 1, in the translation: 0. Put the missing ones back.',
    );
    assert.equal(found('A ___ and a ___.', 'Una ___ e una casa.').length, 1);
    assert.equal(found('Wait... the ___ is here.', 'Aspetta... il treno è qui.').length, 1);
  });

  it('knows other forms of a blank, and underscores that are none', () => {
    silent([
      ['The sun ____ in the west.', '太阳从西边（　　）。'],
      ['The sun ____ in the west.', '太阳从西边……。'],
      ['The sun ____ in the west.', 'Il sole \\_\\_\\_ a ovest.'],
      ['The sun ____ in the west.', 'Il sole [ ] a ovest.'],
      ['It is ____ ____.', 'È ________.'],
      ['Call __init__ first.', 'Chiama prima il costruttore.'],
    ]);
  });
});

describe('any text', () => {
  const pieces = fc.constantFrom(
    ...'12|345|1,000|1.000|٣٤|２０|१२|3:30 pm|million|万|oct |°|$|€|https://|www.|a@b.org|{{|}}|{name}|{{name}}|${x}|%s|% s|%1$s'.split(
      '|',
    ),
    ...'<b>|</b>|<|>|<name>|<mask>|[MASK]|[Your Name]|[|]|```|`|`x`|\n|```python\n|for i in x:\n|print(x)|(|（|____|_|…|( )|"|\'|#|//|/*|*/|\\'.split(
      '|',
    ),
    ...'word| |.|中|ع|\ud83d|\udc00|x_y|é'.split('|'),
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 120 }),
    fc.array(pieces, { maxLength: 40 }).map(parts => parts.join('')),
  );

  it('never throws, and spans and fixes are inside the text', () => {
    fc.assert(
      fc.property(texts, texts, (source, target) => {
        for (const { start, end, fix } of found(source, target)) {
          assert.ok(0 <= start && start <= end && end <= target.length);
          if (fix) assert.ok(0 <= fix.start && fix.start <= fix.end && fix.end <= target.length);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('has no finding in a copy', () => {
    fc.assert(fc.property(texts, text => found(text, text).length === 0));
  });

  it('a fix makes no other finding in a text that is right else', () => {
    const random = () => 0.5;
    const right = unitOf(
      'Hello {{name}}, call `open_it` for <b>45</b> minutes, see https://example.org/x.\n\nfor i in range(7):\n    print(i)',
      'Ciao {{name}}, chiama `open_it` per <b>45</b> minuti, vedi https://example.org/x.\n\nfor i in range(7):\n    print(i)',
    );
    assert.deepEqual(run(right), []);
    for (const { check, kind, plant } of PLANTS) {
      const planted = plant(right, random);
      if (!planted) continue;
      const hits = run(planted);
      assert.ok(
        hits.some(hit => hit.check === check),
        `${check} ${kind}`,
      );
      for (const hit of hits) {
        const text: string = planted.target[0]?.text ?? '';
        if (hit.fix)
          assert.deepEqual(
            run({ ...planted, target: [{ name: 'output', text: mended(text, hit) }] }),
            [],
            kind,
          );
      }
    }
  });

  // How the time grows is measured by `npm run bench -- checks`; a quadratic step would not come to an end here.
  it('is done with long texts of every shape', () => {
    const shapes =
      '1|1 |1,|1 000 |12. |a@|a.|https://|www.|{{|{a|{{a}}|${|%|%s|<|<a|<a |</a>|<b>|[|[a|`|`x`|```|```\n|"|\'|/*|//|_|__ |\\_|( )|…|（|for |for:\n|print(|a(|a.b|x = |\n|中|١|\ud800|if ::'.split(
        '|',
      );
    for (const piece of shapes) {
      const text = piece.repeat(LONG / piece.length);
      found(text, `${text} 77`);
      found(`12 ${text}`, text);
    }
  });
});
