"""The guide's calls through the Python MCP client, over stdio with the guide's three servers and over HTTP.

usage: python_client.py BINARY
"""

import asyncio
import contextlib
import re
import subprocess
import sys

from guide_calls import TOOLSETS, Tally, guide_calls, has_data
from mcp import Client, MCPError, StdioServerParameters

# The month that the guide asks about, and the day this was written on: by then most of it is out of AWS's reach.
DAYS = {"2024-12-05": 1, "2026-11-22": None}


async def run_calls(tally, clients, day, refused):
    """Makes every call; `refused` is how many may be answered by a corrected request, None for any number."""
    corrected = 0
    for number, (server, tool, arguments) in enumerate(guide_calls(), 1):
        what = f"call {number} {tool} as of {day}"
        try:
            result = await clients[server].call_tool(tool, arguments)
        except MCPError as error:
            tally.check(False, f"{what}: {error}")
            continue
        answer = result.structured_content
        if result.is_error:
            corrected += 1
            request = answer.get("corrected_request")
            tally.check(request is not None, f"{what}: refused without a corrected request: {answer}")
            if request is None:
                continue
            tally.check(request["tool"] == tool, f"{what}: corrected to another tool")
            result = await clients[server].call_tool(request["tool"], request["arguments"])
            answer = result.structured_content
            tally.check(not result.is_error, f"{what}: the corrected request is refused: {answer}")
        if not result.is_error:
            tally.check(has_data(answer), f"{what}: no data: {answer}")
            tally.check(answer["source"]["kind"] in ("sample", "embedded"), f"{what}: {answer['source']}")
    if refused is not None:
        tally.check(corrected == refused, f"{corrected} calls were refused as of {day}, not {refused}")


async def over_stdio(tally, binary):
    for mode in ("auto", "legacy"):
        for day, refused in DAYS.items():
            async with contextlib.AsyncExitStack() as stack:
                clients = {}
                for server, toolset in TOOLSETS.items():
                    arguments = ["--sample", "--as-of", day, "--toolsets", toolset]
                    parameters = StdioServerParameters(command=binary, args=arguments)
                    clients[server] = await stack.enter_async_context(Client(parameters, mode=mode))
                version = "2026-07-28" if mode == "auto" else "2025-11-25"
                for client in clients.values():
                    tally.check(client.protocol_version == version, f"{mode}: {client.protocol_version}")
                await run_calls(tally, clients, day, refused)


async def over_http(tally, binary):
    for day, refused in DAYS.items():
        server = subprocess.Popen(
            [binary, "serve", "--http", "127.0.0.1:0", "--sample", "--as-of", day],
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            url = re.search(r"http://\S+", server.stderr.readline()).group()
            async with Client(url) as client:
                await run_calls(tally, dict.fromkeys(TOOLSETS, client), day, refused)
        finally:
            server.terminate()
            server.wait(timeout=10)


async def main(binary):
    tally = Tally()
    tally.check(len(guide_calls()) == 14, "the guide has 14 calls")
    await over_stdio(tally, binary)
    await over_http(tally, binary)
    return tally.close("Python mcp")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(asyncio.run(main(sys.argv[1])))
