// The guide's calls through the TypeScript MCP SDK v1, over stdio with the guide's three servers.
// usage: node typescript_v1.mjs BINARY

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { Tally, runGuide } from './guide_calls.mjs';

const tally = new Tally();
await runGuide(tally, 'initialize', process.argv[2], async (server) => {
  const client = new Client({ name: 'guide', version: '1.0.0' });
  await client.connect(new StdioClientTransport(server));
  tally.check(client.getServerVersion()?.name === 'bedrock-cost-mcp', 'the server does not say its name');
  // Lists the tools, so that results are checked against their output schemas.
  await client.listTools();
  return client;
});
tally.close('TypeScript SDK v1');
