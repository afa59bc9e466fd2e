/** The page where room is short: groups of a split editor, small windows at twice and at four times the size. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { writeShard } from '../helpers/shardFixture';
import { cutOff, isMatchSeen, isSeen, sizePage } from './room';
import { temporaryFolder } from './sideBar';
import { focusList, pressFor, setTheme, shows, THEME_KINDS, until } from './steps';
import { openWorkbench, type Workbench } from './workbench';

const SENTENCES = 125;
/** About 20,000 characters. */
const LONG = lines(
  at =>
    `Sentence number ${at} of the report tells that the harbour was full of ships, and that nobody knew from where they had come to stay for so long in the rain of May.`,
);
/** The last but one number is another one. */
const LONG_WRONG = lines(
  at =>
    `الجملة رقم ${at === SENTENCES - 1 ? 999 : at} من التقرير تقول إن الميناء كان مليئا بالسفن، وإن أحدا لم يعرف من أين جاءت لتبقى كل هذا الوقت تحت المطر.`,
);

const RECORDS = [
  record('plain', 'it', 'An orange.', 'Una arancia.'),
  record(
    'short',
    'it',
    'Dear {{name}}, your parcel will be with you on Friday.',
    'Gentile {{nome}}, il suo pacco arriverà venerdì.',
  ),
  record('long', 'ar', LONG, LONG_WRONG),
  record(
    'word',
    'de',
    'The law.',
    'Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz und Donaudampfschifffahrtsgesellschaft.',
  ),
  record('k'.repeat(90), 'it', 'An apple.', 'Una mela.'),
  '{"broken": ',
  ...Array.from({ length: 40 }, (_, at) => record(`more-${at}`, 'it', 'A pear.', 'Una pera.')),
];

/** Pages in CSS pixels, by what they stand for. */
const SIZES = {
  'a window': [1400, 860],
  'a window with its side bar': [1050, 800],
  'a window over the terminal': [1050, 330],
  'a group of 800': [800, 760],
  'a group of 500': [500, 760],
  'a group of 350': [350, 760],
  'a window at twice the size': [640, 400],
  'a window at four times the size': [320, 256],
} as const;

for (const language of ['en', 'de'])
  describe(`the page where room is short, in ${language}`, () => {
    let folder: string;
    let bench: Workbench;

    before(async () => {
      folder = await temporaryFolder();
      const file = writeShard(folder, RECORDS);
      const settings = {
        'crossalpaca.reviewer': 'anna',
        // Nothing is asked of it.
        'crossalpaca.backend.url': 'http://127.0.0.1:9',
        'crossalpaca.backend.model': 'a-model-with-a-long-name-and-14B-parameters',
      };
      bench = await openWorkbench({ folder, file, language, settings });
      await shows(bench, 'plain@it');
      await bench.runCommand('View: Toggle Primary Side Bar Visibility');
      await bench.page.locator('.part.sidebar').waitFor({ state: 'hidden' });
    });

    after(async () => {
      await bench.close();
      await rm(folder, { recursive: true, force: true });
    });

    for (const [name, [width, height]] of Object.entries(SIZES)) {
      const isTiny = height < 300 && width < 600;

      describe(`in ${name}`, () => {
        before(async () => {
          await sizePage(bench, width, height);
          await first();
        });

        it('shows the place in the list, the record and what is decided with, nothing cut', async () => {
          await bench.screenshot(`room-${language}-${width}x${height}-short`);
          const { frame } = bench;
          assert.ok(await isSeen(frame.locator('.row[aria-selected=true]')), 'the list');
          if (!isTiny) {
            assert.ok(await isSeen(frame.locator('.title h2')), 'the record');
            assert.ok(await isSeen(frame.locator('main .actions vscode-button').first()), 'approve');
            assert.ok(await isSeen(frame.locator('main textarea').first()), 'the target');
          }
          assert.deepEqual(await cutOff(bench), []);
        });

        it('shows each kind of record whole', async () => {
          for (const at of [1, 2, 3, 4, 5]) {
            await focusList(bench);
            await bench.press('ArrowDown');
            await until(async () => (await position()) === at + 1);
            await bench.screenshot(`room-${language}-${width}x${height}-${at}`);
            assert.deepEqual(await cutOff(bench), [], `record ${at}`);
          }
          await first();
        });

        it('brings what is in doubt, and what is found, into view', async () => {
          const { frame } = bench;
          await pressFor(bench, 'F8', frame.locator('mark.current'));
          await until(() => isSeen(frame.locator('mark.current')));
          await long();
          await pressFor(bench, 'F8', frame.locator('mark.current', { hasText: '999' }));
          await until(() => isSeen(frame.locator('mark.current')));
          await bench.screenshot(`room-${language}-${width}x${height}-doubt`);
          await pressFor(bench, 'Control+f', frame.locator('#find:focus'));
          await bench.page.keyboard.type('harbour');
          for (let step = 0; step < 3; step++) {
            await until(() => isMatchSeen(bench));
            await bench.press('Enter');
          }
          await until(() => isMatchSeen(bench));
          assert.ok(await isSeen(frame.locator('#find')));
          await bench.screenshot(`room-${language}-${width}x${height}-found`);
          await bench.press('Escape');
          await frame.locator('#find').waitFor({ state: 'detached' });
        });

        it('shows the top of the record that comes next', async () => {
          await focusList(bench);
          await bench.press('ArrowDown');
          await shows(bench, 'word@de');
          await until(() => isSeen(bench.frame.locator('.title h2')));
          await first();
        });
      });
    }

    it('tells in one row at the top what there is, or has a menu for it', async () => {
      const { frame } = bench;
      for (const [width] of [SIZES['a window'], SIZES['a window with its side bar']]) {
        await sizePage(bench, width, 700);
        const { height } = (await frame.locator('header').boundingBox())!;
        assert.ok(height < 50, `${height} pixels`);
      }
      await sizePage(bench, 640, 400);
      const more = frame.locator('header .more');
      assert.equal(await frame.getByText('anna').isVisible(), false);
      await more.focus();
      await bench.press('Enter');
      await frame.getByText('anna').waitFor();
      await bench.press('Tab');
      assert.ok(await isSeen(frame.locator('#more button:focus')));
      assert.deepEqual(await cutOff(bench), []);
      await bench.screenshot(`room-${language}-menu`);
      await bench.press('Escape');
      await frame.getByText('anna').waitFor({ state: 'hidden' });
      await frame.locator('header .more:focus').waitFor();
    });

    if (language === 'en')
      it('never hides what has the focus', async () => {
        for (const [width, height] of [
          [640, 400],
          [350, 760],
          [320, 256],
        ] as const) {
          await sizePage(bench, width, height);
          await long();
          await bench.frame.locator('header button').first().focus();
          let sawText = false;
          for (let step = 0; step < 60; step++) {
            const focused = bench.frame.locator(':focus');
            if ((await focused.count()) === 0) break;
            const name =
              (await focused.first().getAttribute('aria-label')) ?? (await focused.first().innerText());
            assert.ok(await isSeen(focused.first()), `${width}, step ${step}: ${name}`);
            sawText ||= (await bench.frame.locator('textarea:focus').count()) > 0;
            await bench.press('Tab');
          }
          assert.ok(sawText, `${width}: the focus came to no text`);
        }
      });

    if (language === 'en')
      it('looks the same in each kind of theme', async () => {
        await sizePage(bench, 350, 760);
        await first();
        for (const kind of THEME_KINDS) {
          await setTheme(bench, kind);
          await bench.screenshot(`room-${kind}`);
          assert.deepEqual(await cutOff(bench), [], kind);
        }
      });

    async function first(): Promise<void> {
      await focusList(bench);
      await bench.press('Home');
      await shows(bench, 'plain@it');
    }

    /** By the keys, since the command that asks for a key has another name in each language. */
    async function long(): Promise<void> {
      await first();
      for (const key of ['short@it', 'long@ar']) {
        await bench.press('ArrowDown');
        await shows(bench, key);
      }
    }

    async function position(): Promise<number> {
      const row = bench.frame.locator('.row[aria-selected=true]');
      return Number(await row.getAttribute('aria-posinset'));
    }
  });

function lines(line: (at: number) => string): string {
  return Array.from({ length: SENTENCES }, (_, at) => line(at + 1)).join('\n');
}

function record(id: string, lang: string, source: string, target: string): string {
  const side = (output: string) => ({ instruction: 'Report.', input: '', output });
  return JSON.stringify({
    id,
    source: side(source),
    target: side(target),
    source_lang: 'en',
    target_lang: lang,
  });
}
