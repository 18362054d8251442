"""Start-up, latency, memory and size of the server, by ratio to the least an MCP server can be.

Both programs run in turns, so that whatever else the machine does meets both.

usage: bench.py BINARY FLOOR [--gate FACTOR]

With --gate the exit code is 1 where a ratio is more than FACTOR times its goal.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

SPAWNS = 30
WARM_UP = 50
CALLS = 1000

# Goals, as ratios to the floor, and in bytes.
SPAWN_GOAL = 1.3
CALL_GOAL = 1.5
MEMORY_GOAL = 2.5
SIZE_GOAL = 25_000_000

META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
# Answered from the embedded price book, without AWS.
OFFLINE_CALL = ("get_pricing", {"model": "amazon.nova-lite-v1:0", "region": "us-east-1"})
ECHO = ("echo", {"text": "x"})


class Server:
    def __init__(self, command):
        self.started = time.perf_counter()
        self.running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.next = 0

    def ask(self, method, **params):
        self.next += 1
        request = {"jsonrpc": "2.0", "id": self.next, "method": method, "params": {**params, "_meta": META}}
        self.running.stdin.write(json.dumps(request).encode() + b"\n")
        self.running.stdin.flush()
        return self.running.stdout.readline()

    def call(self, tool, arguments):
        return self.ask("tools/call", name=tool, arguments=arguments)

    def resident_kib(self):
        with open(f"/proc/{self.running.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))

    def close(self):
        self.running.stdin.close()
        self.running.wait(timeout=10)
        self.running.stdout.close()


def spawn_seconds(command):
    server = Server(command)
    server.ask("server/discover")
    took = time.perf_counter() - server.started
    server.close()
    return took


def call_seconds(server, call, count):
    took = []
    for _ in range(count):
        before = time.perf_counter()
        server.call(*call)
        took.append(time.perf_counter() - before)
    return took


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("floor")
    parser.add_argument("--gate", type=float)
    options = parser.parse_args()
    ours, floor = [options.binary, "serve"], [options.floor]

    spawns = {"ours": [], "floor": []}
    for _ in range(SPAWNS):
        spawns["ours"].append(spawn_seconds(ours))
        spawns["floor"].append(spawn_seconds(floor))

    our_server, floor_server = Server(ours), Server(floor)
    answer = json.loads(our_server.call(*OFFLINE_CALL))
    if "error" in answer or answer["result"].get("isError"):
        sys.exit(f"the offline call is not answered: {answer}")
    call_seconds(our_server, OFFLINE_CALL, WARM_UP)
    call_seconds(floor_server, ECHO, WARM_UP)
    calls = {"ours": [], "floor": []}
    for _ in range(CALLS // 100):
        calls["ours"] += call_seconds(our_server, OFFLINE_CALL, 100)
        calls["floor"] += call_seconds(floor_server, ECHO, 100)
    memory = {"ours": our_server.resident_kib(), "floor": floor_server.resident_kib()}
    our_server.close()
    floor_server.close()

    rows = [
        ("spawn to first answer, ms", 1e3 * statistics.median(spawns["ours"]), 1e3 * statistics.median(spawns["floor"]), SPAWN_GOAL),
        ("offline call p50, us", 1e6 * statistics.median(calls["ours"]), 1e6 * statistics.median(calls["floor"]), CALL_GOAL),
        ("resident before AWS, KiB", memory["ours"], memory["floor"], MEMORY_GOAL),
    ]
    worst = 0.0
    print(f"{'':28}{'ours':>10}{'floor':>10}{'ratio':>8}{'goal':>8}")
    for name, own, least, goal in rows:
        ratio = own / least
        worst = max(worst, ratio / goal)
        mark = "" if ratio <= goal else "  over"
        print(f"{name:28}{own:10.1f}{least:10.1f}{ratio:8.2f}{goal:8.2f}{mark}")
    size = os.path.getsize(options.binary)
    worst = max(worst, size / SIZE_GOAL)
    print(f"{'binary, MB':28}{size / 1e6:10.1f}{'':18}{SIZE_GOAL / 1e6:8.1f}{'' if size <= SIZE_GOAL else '  over'}")
    if options.gate and worst > options.gate:
        sys.exit(f"a figure is {worst:.2f} times its goal, more than {options.gate}")


if __name__ == "__main__":
    main()
