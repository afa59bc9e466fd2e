import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import de from '../../l10n/bundle.l10n.de.json';
import packageJson from '../../package.json';
import { bindingsOf, CHEAT_SHEET, keyCap } from '../../src/core/cheatSheet';
import { directionOf } from '../../src/core/direction';
import { MESSAGES, type MessageId } from '../../src/core/messages';
import { hoursAndMinutes, PAUSE_MS, Sitting } from '../../src/core/sitting';

const MINUTE = 60_000;

describe('a sitting', () => {
  it('takes the time between what is done, and of a pause only its beginning', () => {
    const sitting = new Sitting();
    for (const at of [0, 1, 1.5, 60, 61]) sitting.act(at * MINUTE);
    assert.equal(sitting.activeMs, 2.5 * MINUTE + PAUSE_MS);
  });

  it('never takes longer than its span nor than its acts allow, whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: 1 }), times => {
        const sitting = new Sitting();
        for (const time of times) sitting.act(time);
        assert.ok(sitting.activeMs >= 0 && sitting.activeMs <= (times.length - 1) * PAUSE_MS);
        const inOrder = new Sitting();
        for (const time of times.toSorted((a, b) => a - b)) inOrder.act(time);
        assert.ok(inOrder.activeMs <= Math.max(...times) - Math.min(...times));
      }),
    );
  });

  it('counts each record once, less those whose decision was taken back', () => {
    const sitting = new Sitting();
    for (const record of ['a', 'b', 'a', 'c']) sitting.decide(record);
    assert.equal(sitting.count, 3);
    sitting.follow('a', false);
    assert.equal(sitting.count, 2);
    sitting.follow('a', true);
    assert.equal(sitting.count, 3);
  });

  it('counts no record that was decided in an earlier one', () => {
    const sitting = new Sitting();
    sitting.follow('a', true);
    assert.equal(sitting.count, 0);
  });

  it('says its time in minutes and hours, in the language of the interface', () => {
    assert.equal(hoursAndMinutes(0, 'en'), '0 min');
    assert.equal(hoursAndMinutes(1, 'en'), '1 min');
    assert.equal(hoursAndMinutes(59 * MINUTE, 'en'), '59 min');
    assert.equal(hoursAndMinutes(125 * MINUTE, 'en'), '2 hr, 5 min');
    assert.equal(hoursAndMinutes(125 * MINUTE, 'de'), '2 Std., 5 Min.');
  });
});

describe('the cheat sheet', () => {
  const bindings = bindingsOf(packageJson, 'crossalpaca.');

  it('has every command that the manifest binds to a key, once', () => {
    const shown = CHEAT_SHEET.flatMap(({ entries }) => entries.flatMap(({ command }) => command ?? []));
    assert.deepEqual(shown.toSorted(), Object.keys(bindings).sort());
  });

  it('prints keys as they are printed on keyboards', () => {
    const caps = (command: string, isMac: boolean) =>
      bindings[command]?.map(each => keyCap(each, isMac, id => MESSAGES[id]));
    assert.deepEqual(caps('next', false), ['J', '↓']);
    assert.deepEqual(caps('previousFinding', false), ['Shift+F8']);
    assert.deepEqual(caps('undo', false), ['Ctrl+Z', 'U']);
    assert.deepEqual(caps('undo', true), ['Cmd+Z', 'U']);
  });

  it('names those keys as they are printed in the language of the interface', () => {
    const german = (id: MessageId) => de[`${MESSAGES[id]}/${id}` as keyof typeof de];
    const cap = (key: string) => keyCap({ key, mac: null }, false, german);
    assert.equal(cap('ctrl+shift+z'), 'Strg+Umschalt+Z');
    assert.equal(cap('ctrl+enter'), 'Strg+Eingabe');
    assert.equal(cap('escape'), 'Escape');
  });
});

describe('the direction of the interface', () => {
  it('is that of its language and script', () => {
    for (const tag of ['ar', 'he', 'fa-IR', 'ur', 'uz-Arab']) assert.equal(directionOf(tag), 'rtl', tag);
    for (const tag of ['en', 'de', 'zh-cn', 'uz', 'az-Latn']) assert.equal(directionOf(tag), 'ltr', tag);
  });

  it('turns all of the page: its style sheets know no left and right', async () => {
    const names = (await readdir('webview')).filter(name => name.endsWith('.css'));
    assert.ok(names.length > 0);
    for (const name of names) {
      const css = (await readFile(join('webview', name), 'utf8')).replace(/\/\*[^]*?\*\//g, '');
      const physical = css
        .split('\n')
        .filter(line =>
          /(^|[\s-])(left|right)\s*[:;]|-(left|right)\b|^\s*(width|height|(min|max)-(width|height)|top|bottom)\s*:|[:\s](left|right)\s*[;!]/.test(
            line,
          ),
        );
      assert.deepEqual(physical, [], name);
    }
  });
});
