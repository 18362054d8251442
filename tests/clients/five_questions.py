"""Five questions about a bill, asked by single calls of Cost Explorer and by bedrock_spend, side by side.

The single calls return every row that their answer has to be worked out from; the arithmetic is then still to be done.
Tokens are o200k tokens of arguments and answers, requests those that AWS bills, time that of the calls.

usage: five_questions.py BINARY
"""

import json
import subprocess
import sys
import tempfile
import time

import bpe_openai

TODAY = "2026-11-22"
OCTOBER = {"start_date": "2026-10-01", "end_date": "2026-11-01"}
SEPTEMBER = {"start_date": "2026-09-01", "end_date": "2026-10-01"}
EVERY_ROW = {"limit": 500, "detail": "full"}
# A comparison takes a request for each period and one for the names; days, tags and accounts take one more.
MOST_REQUESTS = 4
TIMES_FEWER = 10
MODEL = {"Type": "PRODUCT_ATTRIBUTE", "Key": "model"}
TEAM = {"Type": "TAG", "Key": "Team"}
ENCODING = bpe_openai.get_encoding("o200k_base")
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


def usage_types(period):
    metrics = {"metrics": ["UnblendedCost", "UsageQuantity"]}
    return ("cost_explorer", period | EVERY_ROW | metrics | {"group_by": ["SERVICE", "USAGE_TYPE"]})


def daily(group):
    return ("cost_explorer", OCTOBER | EVERY_ROW | {"granularity": "DAILY", "group_by": [group]})


# The question, the single calls, the one call.
QUESTIONS = [
    ("What did each model cost last month?", [("cost_explorer", OCTOBER | EVERY_ROW | {"group_by": [MODEL]})], {}),
    ("Why is it not what it was before?", [usage_types(OCTOBER), usage_types(SEPTEMBER)], {"by": "token_type"}),
    ("Does the prompt cache save money?", [usage_types(OCTOBER), ("get_pricing", {"region": "us-east-1", "limit": 200})], {"compare": False}),
    ("Which day stands out, and which model?", [daily("SERVICE")], {"by": "day"}),
    ("Which team is it?", [("cost_explorer", OCTOBER | EVERY_ROW | {"group_by": [TEAM]})], {"by": "tag:Team"}),
]


class Conversation:
    """One server process that keeps what it pays for, and nothing kept from before."""

    def __init__(self, binary):
        self.folder = tempfile.TemporaryDirectory()
        state = f"{self.folder.name}/state.sqlite"
        command = [binary, "serve", "--sample", "--as-of", TODAY, "--spend-limit", "none", "--state", state]
        self.running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.tokens = self.requests = 0
        self.seconds = 0.0

    def ask(self, tool, arguments):
        """Follows the cursor of a table to its end."""
        while True:
            answer = self.once(tool, arguments)
            cursor = answer.get("next_cursor")
            if not cursor or "limit" not in arguments:
                return
            arguments = arguments | {"cursor": cursor}

    def once(self, tool, arguments):
        params = {"name": tool, "arguments": arguments, "_meta": META}
        request = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        before = time.perf_counter()
        self.running.stdin.write(json.dumps(request).encode() + b"\n")
        self.running.stdin.flush()
        result = json.loads(self.running.stdout.readline())["result"]
        self.seconds += time.perf_counter() - before
        if result.get("isError"):
            sys.exit(f"{tool} {arguments}: {result['content'][0]['text']}")
        answer = result["structuredContent"]
        for text in (json.dumps(arguments, separators=(",", ":")), result["content"][0]["text"]):
            self.tokens += len(ENCODING.encode(text))
        self.requests += round(answer["aws_cost_usd"] * 100)
        return answer

    def end(self):
        self.running.stdin.close()
        self.running.wait(timeout=10)
        self.running.stdout.close()
        self.folder.cleanup()
        return self.tokens, self.requests, 1e3 * self.seconds


def measured(binary, asked):
    conversation = Conversation(binary)
    for tool, arguments in asked:
        conversation.ask(tool, arguments)
    return conversation.end()


def main():
    [binary] = sys.argv[1:]
    print(f"{'':40}{'single calls':^30}   {'bedrock_spend':^30}")
    print(f"{'':40}" + f"{'tokens':>10}{'requests':>10}{'ms':>10}   " * 2)
    asked = [(question, single, [("bedrock_spend", one)]) for question, single, one in QUESTIONS]
    together = (
        "All five in one conversation",
        [call for _, single, _ in asked for call in single],
        [call for _, _, one in asked for call in one],
    )
    for question, single, one in [*asked, together]:
        both = measured(binary, single), measured(binary, one)
        print(f"{question:40}" + "   ".join(f"{tokens:10}{requests:10}{ms:10.0f}" for tokens, requests, ms in both))
        if both[1][1] > MOST_REQUESTS and one is not together[2]:
            sys.exit(f"{both[1][1]} billed requests for one question")
    (tokens, _, _), (our_tokens, _, _) = both
    if our_tokens * TIMES_FEWER > tokens:
        sys.exit(f"{our_tokens} tokens are not {TIMES_FEWER} times fewer than {tokens}")


if __name__ == "__main__":
    main()
