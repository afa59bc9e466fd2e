/**
 * Put before every bundle of tests. Properties are tried on other values each time, but not where `CI` is set: there a
 * commit is not refused for what it did not change. A failure names its seed, which `fc.assert` takes.
 */
import fc from 'fast-check';

if (process.env['CI']) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 1 });
