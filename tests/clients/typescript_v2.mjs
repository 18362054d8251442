// The guide's calls through the TypeScript MCP SDK v2, over stdio with the guide's three servers, in both eras.
// usage: node typescript_v2.mjs BINARY

import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Tally, runGuide } from './guide_calls.mjs';

const tally = new Tally();
const eras = [
  { name: 'auto', version: '2026-07-28', options: { versionNegotiation: { mode: 'auto' } } },
  { name: 'default', version: '2025-11-25', options: {} },
];
for (const { name, version, options } of eras) {
  await runGuide(tally, name, process.argv[2], async (server) => {
    const client = new Client({ name: 'guide', version: '1.0.0' }, options);
    await client.connect(new StdioClientTransport(server));
    const spoken = client.getNegotiatedProtocolVersion();
    tally.check(spoken === version, `${name}: speaks ${spoken}`);
    await client.listTools();
    return client;
  });
}
tally.close('TypeScript SDK v2');
