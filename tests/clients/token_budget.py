"""What the tool definitions cost an assistant, in o200k tokens of the compact list.

usage: token_budget.py BINARY
"""

import json
import subprocess
import sys

import bpe_openai
from guide_calls import Tally

# The budgets of ARCHITECTURE.md.
MOST_IN_ALL = 4_000
MOST_FOR_ONE = 400


def main(binary):
    encoding = bpe_openai.get_encoding("o200k_base")

    def tokens(value):
        return len(encoding.encode(json.dumps(value, separators=(",", ":"), ensure_ascii=False)))

    listed = subprocess.run([binary, "tools", "--json"], capture_output=True, text=True, check=True)
    result = json.loads(listed.stdout)
    tally = Tally()
    for tool in result["tools"]:
        count = tokens(tool)
        print(f"{count:5} {tool['name']}")
        tally.check(count <= MOST_FOR_ONE, f"{tool['name']} takes {count} tokens, more than {MOST_FOR_ONE}")
    everything = tokens(result)
    print(f"{everything:5} in all, {len(json.dumps(result, separators=(',', ':')))} bytes")
    tally.check(everything <= MOST_IN_ALL, f"the list takes {everything} tokens, more than {MOST_IN_ALL}")
    return tally.close("token budget")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
