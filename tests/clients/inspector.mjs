// The MCP inspector's command line: schemas are checked strictly, over stdio and HTTP.
// usage: node inspector.mjs BINARY (node 22.19 or later)

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { AS_OF, Tally } from './guide_calls.mjs';

const [, , binary] = process.argv;
const inspector = fileURLToPath(new URL('./node_modules/.bin/mcp-inspector', import.meta.url));
const tally = new Tally();

function inspect(what, args) {
  try {
    const text = execFileSync(process.execPath, [inspector, '--cli', ...args, '--format', 'json'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
    const answer = JSON.parse(text);
    tally.check(true, what);
    return answer.result ?? answer;
  } catch (error) {
    tally.check(false, `${what}: ${error.message} ${error.stdout ?? ''} ${error.stderr ?? ''}`);
    return {};
  }
}

const stdio = [binary, 'serve', '--sample', '--as-of', AS_OF];
const call = ['--method', 'tools/call', '--tool-name', 'describe_alarms', '--tool-args-json', '{"state_value":"ALARM"}'];

for (const era of [[], ['--protocol-era', 'modern']]) {
  const name = era[1] ?? 'initialize';
  const { tools = [] } = inspect(`${name} tools/list`, [...era, ...stdio, '--method', 'tools/list', '--strict']);
  tally.check(tools.length > 0, `${name}: no tools`);
  const answer = inspect(`${name} tools/call`, [...era, ...stdio, ...call]);
  tally.check(!answer.isError && answer.structuredContent, `${name}: ${JSON.stringify(answer)}`);
}

const server = spawn(binary, ['serve', '--http', '127.0.0.1:0', '--sample', '--as-of', AS_OF], {
  stdio: ['ignore', 'ignore', 'pipe'],
});
try {
  const [line] = await once(createInterface(server.stderr), 'line');
  const [url] = line.match(/http:\S+/);
  const { tools = [] } = inspect('http tools/list', [url, '--transport', 'http', '--method', 'tools/list', '--strict']);
  tally.check(tools.length > 0, 'http: no tools');
  inspect('http tools/call', [url, '--transport', 'http', ...call]);
} finally {
  server.kill();
}
tally.close('MCP inspector');
