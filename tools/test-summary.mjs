// Closes a test run: names every skipped test, then one plain line with the counts.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
const skipped = tests.filter(({ status }) => status !== 'passed' && status !== 'failed');
for (const { fullName, status } of skipped) console.log(`${status}: ${fullName}`);
// A file that could not even be loaded has no tests of its own to count.
const unloaded = report.testResults.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
).length;
const failed = tests.filter(({ status }) => status === 'failed').length + unloaded;
const passed = tests.filter(({ status }) => status === 'passed').length;
console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
