/** What VS Code calls to run the integration tests: every `*.test` bundle beside this one, in Mocha. */
import Mocha from 'mocha';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Results {
  passed: number;
  failed: number;
}

/** One console message a test: VS Code passes them on one by one, and not Mocha's own formatting. */
class Lines extends Mocha.reporters.Base {
  constructor(runner: Mocha.Runner) {
    super(runner);
    runner.on('pass', test => console.log(`passed: ${test.fullTitle()}`));
    runner.on('pending', test => console.log(`skipped: ${test.fullTitle()}`));
    runner.on('fail', (test, error: Error) =>
      console.log(`failed: ${test.fullTitle()}\n${error.stack ?? error.message}`),
    );
  }
}

export async function run(): Promise<void> {
  // Before any bundle is loaded, so that a stack names lines of the sources.
  process.setSourceMapsEnabled(true);
  const mocha = new Mocha({ ui: 'bdd', color: false, timeout: 30_000, reporter: Lines });
  // Read from the folder: a list kept by hand forgets files.
  for (const name of readdirSync(__dirname).sort()) {
    if (name.endsWith('.test.cjs')) mocha.addFile(join(__dirname, name));
  }
  const { passed, failed } = await new Promise<Results>(fulfil => {
    const runner = mocha.run(() => {
      const { passes = 0, failures = 0 } = runner.stats ?? {};
      fulfil({ passed: passes, failed: failures });
    });
  });
  // VS Code takes a promise that resolves early for success, so the counts go to the one who asked.
  const results = process.env['CROSSALPACA_TEST_RESULTS'];
  if (results) writeFileSync(results, JSON.stringify({ passed, failed }));
  if (failed > 0) throw new Error(`${failed} of ${passed + failed} tests failed.`);
  if (passed === 0) throw new Error('No test ran.');
}
