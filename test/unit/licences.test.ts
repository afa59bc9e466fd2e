import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { licenceUrl, mixtureLicence } from '../../src/core/licences';
import type { LICENCE_MESSAGES } from '../../src/core/licenceMessages';
import { english } from '../../src/core/messages';

/** Of shards a, b, c with these licences, ten rows each. */
function mix(...licences: string[]) {
  return mixtureLicence(licences.map((licence, at) => ({ shard: 'abc'[at] ?? '', licence, rows: 10 })));
}
const ids = (...licences: string[]) => mix(...licences).warnings.map(({ id }) => id);
const whole = (...licences: string[]) => {
  const { licence, name } = mix(...licences);
  return name === undefined ? licence : `${licence}: ${name}`;
};

describe('licence of a mixture', () => {
  it('is that of its parts where all have the same, however it is spelled', () => {
    assert.equal(whole('cc-by-4.0', 'CC-BY-4.0'), 'cc-by-4.0');
    assert.equal(whole('MIT'), 'mit');
    assert.equal(whole('ODbL-1.0'), 'odbl');
    assert.equal(whole('ODC-By-1.0', 'odc-by'), 'odc-by');
    assert.equal(whole('GPL-3.0-or-later'), 'gpl-3.0');
    assert.equal(whole('GFDL-1.3-no-invariants-only'), 'gfdl');
    assert.deepEqual(ids('cc-by-4.0', 'MIT'), []);
  });

  it('is the strictest that meets all conditions', () => {
    assert.equal(whole('cc0-1.0', 'apache-2.0'), 'apache-2.0');
    assert.equal(whole('cc-by-3.0', 'cc-by-4.0'), 'cc-by-4.0');
    assert.equal(whole('apache-2.0', 'cc-by-nc-4.0'), 'cc-by-nc-4.0');
    assert.equal(whole('cc-by-4.0', 'cc-by-sa-4.0'), 'cc-by-sa-4.0');
    assert.equal(whole('cc-by-sa-3.0', 'cc-by-sa-4.0'), 'cc-by-sa-4.0');
    assert.equal(whole('cc-by-nc-4.0', 'cc-by-nc-sa-4.0'), 'cc-by-nc-sa-4.0');
    assert.equal(whole('cc0-1.0', 'pddl'), 'cc0-1.0');
  });

  it('is “other”, by names, where none is known that would do', () => {
    assert.equal(whole('mit', 'cc-by-4.0'), 'other: cc-by-4.0-and-mit');
    assert.equal(whole('my-own-1.0'), 'other: my-own-1.0');
    assert.equal(whole('cc-by-nc-sa-2.5'), 'other: cc-by-nc-sa-2.5');
    assert.equal(whole('mit', ''), 'other: mit-and-unknown');
    assert.equal(whole('cc-by-sa-4.0', 'cc-by-nc-4.0'), 'other: cc-by-nc-4.0-and-cc-by-sa-4.0');
    assert.equal(whole('cc-by-nd-4.0', 'cc-by-4.0'), 'other: cc-by-4.0-and-cc-by-nd-4.0');
    assert.equal(whole('other'), 'other: other');
  });

  it('is unknown where nothing is said', () => {
    assert.equal(whole(''), 'unknown');
    assert.equal(whole(), 'unknown');
  });

  it('does not count parts without rows', () => {
    const { licence, warnings } = mixtureLicence([
      { shard: 'a', licence: 'mit', rows: 1 },
      { shard: 'b', licence: 'cc-by-nd-4.0', rows: 0 },
    ]);
    assert.equal(licence, 'mit');
    assert.deepEqual(warnings, []);
  });

  it('hangs on no order', () => {
    const licence = fc.constantFrom(
      '',
      'mit',
      'cc-by-4.0',
      'cc-by-sa-3.0',
      'cc-by-sa-4.0',
      'cc-by-nc-4.0',
      'odbl',
      'cc0-1.0',
      'x',
    );
    fc.assert(
      fc.property(fc.array(licence, { maxLength: 3 }), licences => {
        assert.equal(whole(...licences), whole(...licences.toReversed()));
        assert.deepEqual(new Set(ids(...licences)), new Set(ids(...licences.toReversed())));
      }),
    );
  });
});

describe('warning about licences', () => {
  const CASES: Readonly<Record<keyof typeof LICENCE_MESSAGES, readonly string[]>> = {
    'licence.none': ['mit', ''],
    'licence.unknown': ['my-own-1.0'],
    'licence.ownTerms': ['llama2'],
    'licence.noDerivatives': ['cc-by-nc-nd-4.0'],
    'licence.nonCommercial': ['apache-2.0', 'cc-by-nc-4.0'],
    'licence.shareAlike': ['mit', 'cc-by-sa-4.0'],
    'licence.shareAlikeClash': ['cc-by-sa-4.0', 'odbl'],
    'licence.shareAlikeNonCommercial': ['cc-by-sa-4.0', 'cc-by-nc-4.0'],
    'licence.notAdvice': ['cc-by-nc-4.0', 'mit'],
  };
  for (const [id, licences] of Object.entries(CASES)) {
    it(`${id}: ${licences.map(licence => licence || 'none').join(', ')}`, () => {
      assert.equal(ids(...licences).filter(each => each === id).length, 1);
    });
  }

  it('says of which shard it is, and last that it is no advice', () => {
    const said = mix('cc-by-sa-4.0', 'cc-by-nc-4.0').warnings.map(english);
    assert.equal(
      said[0],
      '“a” is under “cc-by-sa-4.0”, which allows no further conditions, and “b” under “cc-by-nc-4.0”, which forbids commercial use. Leave one of them out, or publish them apart.',
    );
    assert.match(said.at(-1) ?? '', /no legal advice/);
  });

  it('names two that share alike once, whichever comes first', () => {
    assert.deepEqual(ids('odbl', 'cc-by-sa-4.0'), ['licence.shareAlikeClash', 'licence.notAdvice']);
    assert.deepEqual(ids('cc-by-sa-4.0', 'cc-by-nc-sa-4.0'), [
      'licence.shareAlikeClash',
      'licence.notAdvice',
    ]);
  });

  it('is not given where all conditions are the same', () => {
    for (const each of ['cc-by-nc-4.0', 'cc-by-sa-4.0', 'odbl']) assert.deepEqual(ids(each, each), []);
    assert.deepEqual(ids('cc-by-sa-3.0', 'cc-by-sa-4.0'), []);
  });
});

describe('address of a licence', () => {
  it('is known for Creative Commons', () => {
    assert.equal(licenceUrl('cc-by-nc-sa-4.0'), 'https://creativecommons.org/licenses/by-nc-sa/4.0/');
    assert.equal(licenceUrl('cc0-1.0'), 'https://creativecommons.org/publicdomain/zero/1.0/');
    assert.equal(licenceUrl('mit'), undefined);
  });
});
