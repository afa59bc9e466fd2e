import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type * as notices from '../../scripts/notices.mjs';

/** Not bundled, because it finds the project by where it is. Tests run in its root. */
const script = pathToFileURL(join(process.cwd(), 'scripts', 'notices.mjs')).href;

describe('the notices of third parties', () => {
  it('hold the licence of every package in the bundles, as it is now', async () => {
    const { bundledPackages, noticesText, NOTICES } = (await import(script)) as typeof notices;
    const packages = await bundledPackages();
    const text = readFileSync(NOTICES, 'utf8');
    for (const { name, version, licence } of packages)
      assert.ok(text.includes(`\n${name} ${version} (${licence})\n`), `${name}: run \`npm run notices\``);
    assert.equal(text, noticesText(packages), 'run `npm run notices`');
    for (const name of ['franc', 'lit-html', 'hyparquet', '@vscode/webview-ui-toolkit'])
      assert.ok(
        packages.some(each => each.name === name),
        name,
      );
  });

  it('are of licences that let the code be shipped', async () => {
    const { bundledPackages } = (await import(script)) as typeof notices;
    const licences = new Set((await bundledPackages()).map(({ licence }) => licence));
    assert.deepEqual([...licences].sort(), ['0BSD', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT']);
  });
});
