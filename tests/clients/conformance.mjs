// The MCP conformance suites' scenarios that mean something for a server without their fixtures, in both eras.
// usage: node conformance.mjs URL FOLDER-FOR-RESULTS (node 22 or later)

import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Tally } from './guide_calls.mjs';

const [, , url, folder] = process.argv;
const SUITES = {
  '@modelcontextprotocol/conformance': ['server-initialize', 'ping', 'tools-list', 'dns-rebinding-protection'],
  'conformance-next': ['server-stateless', 'tools-list', 'http-header-validation', 'dns-rebinding-protection'],
};
// A check of a fixture that a real server does not have says so itself.
const NO_FIXTURE = /^Not testable: /;

const tally = new Tally();
for (const [suite, scenarios] of Object.entries(SUITES)) {
  const program = fileURLToPath(new URL(`./node_modules/${suite}/dist/index.js`, import.meta.url));
  for (const scenario of scenarios) {
    const results = join(folder, suite.replace('/', '-'), scenario);
    const args = [program, 'server', '--url', url, '--scenario', scenario, '-o', results];
    const ran = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
    let checks = [];
    try {
      const [run] = readdirSync(results);
      checks = JSON.parse(readFileSync(join(results, run, 'checks.json'), 'utf8'));
    } catch (error) {
      tally.check(false, `${suite} ${scenario}: no results: ${error.message} ${ran.stderr}`);
    }
    const judged = checks.filter(({ status }) => status === 'SUCCESS' || status === 'FAILURE');
    const testable = judged.filter(({ errorMessage = '' }) => !NO_FIXTURE.test(errorMessage));
    tally.check(testable.length > 0, `${suite} ${scenario}: nothing was checked`);
    for (const { id, status, errorMessage } of testable) {
      tally.check(status === 'SUCCESS', `${suite} ${scenario} ${id}: ${errorMessage}`);
    }
  }
}
tally.close('MCP conformance');
