// The guide's calls, and what counts as an answer to one of them.

import { readFileSync } from 'node:fs';

const GUIDE = new URL('../../examples/guide-calls.md', import.meta.url);

// The guide's servers, each this one binary with its group of tools.
export const TOOLSETS = {
  'awslabs.billing-cost-management-mcp-server': 'billing',
  'awslabs.aws-pricing-mcp-server': 'pricing',
  'awslabs.cloudwatch-mcp-server': 'cloudwatch',
};

// The month that the guide asks about has just ended.
export const AS_OF = '2024-12-05';

export function guideCalls() {
  const bodies = readFileSync(GUIDE, 'utf8').matchAll(/usePower\((.*?\n})\)/gs);
  return [...bodies].map(([, body]) => {
    const [, server, tool, args] = JSON.parse(`[${body}]`);
    return { server, tool, args };
  });
}

const AROUND = ['warnings', 'corrections', 'effective_request', 'source', 'columns'];

function rows(value) {
  if (Array.isArray(value)) return value.length;
  if (value && typeof value === 'object') return Object.values(value).reduce((sum, item) => sum + rows(item), 0);
  return 0;
}

export function hasData(answer) {
  return rows(Object.fromEntries(Object.entries(answer).filter(([name]) => !AROUND.includes(name)))) > 0;
}

export class Tally {
  passed = 0;
  failed = 0;

  check(ok, what) {
    if (ok) {
      this.passed += 1;
    } else {
      this.failed += 1;
      console.log(`FAILED ${what}`);
    }
  }

  close(name) {
    console.log(`${name}: ${this.passed} passed, ${this.failed} failed`);
    process.exitCode = this.failed ? 1 : 0;
  }
}

// Makes every call on three servers that `open(arguments)` connects to.
export async function runGuide(tally, name, binary, open) {
  const clients = {};
  for (const [server, toolset] of Object.entries(TOOLSETS)) {
    clients[server] = await open({ command: binary, args: ['--sample', '--as-of', AS_OF, '--toolsets', toolset] });
  }
  const calls = guideCalls();
  tally.check(calls.length === 14, `${name}: the guide has 14 calls, not ${calls.length}`);
  let refused = 0;
  for (const [index, { server, tool, args }] of calls.entries()) {
    const what = `${name}: call ${index + 1} ${tool}`;
    try {
      let result = await clients[server].callTool({ name: tool, arguments: args });
      if (result.isError) {
        refused += 1;
        const request = result.structuredContent?.corrected_request;
        tally.check(request?.tool === tool, `${what}: no corrected request: ${JSON.stringify(result)}`);
        if (!request) continue;
        result = await clients[server].callTool({ name: request.tool, arguments: request.arguments });
      }
      tally.check(!result.isError, `${what}: ${JSON.stringify(result.structuredContent)}`);
      tally.check(hasData(result.structuredContent), `${what}: no data: ${JSON.stringify(result.structuredContent)}`);
    } catch (error) {
      tally.check(false, `${what}: ${error}`);
    }
  }
  tally.check(refused === 1, `${name}: ${refused} calls were refused, not the HOURLY month alone`);
  for (const client of Object.values(clients)) await client.close();
}
