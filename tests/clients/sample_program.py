"""The program `sample-account` on a free loopback port, and clients pointed at it."""

import contextlib
import json
import os
import re
import subprocess
import urllib.request

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIDTEST000000000000",
    "AWS_SECRET_ACCESS_KEY": "not-a-secret",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


@contextlib.contextmanager
def sample_account(program, as_of):
    """Runs the program; gives its URL."""
    started = subprocess.Popen(
        [program, "--listen", "127.0.0.1:0", "--as-of", as_of], stdout=subprocess.PIPE, text=True
    )
    try:
        yield re.search(r"http://\S+", started.stdout.readline()).group()
    finally:
        started.terminate()
        started.wait(timeout=10)


def get_json(url):
    with urllib.request.urlopen(url, timeout=60) as response:
        return json.load(response)


def call(binary, url, as_of, tool, arguments):
    """One answer of the binary, asked over that URL; numbers keep their digits as text."""
    environment = {"PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": url, **CREDENTIALS}
    done = subprocess.run(
        [binary, "call", tool, json.dumps(arguments), "--json", "--as-of", as_of, "--state", "none"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{tool} {arguments}: {done.stdout} {done.stderr}")
    return json.loads(done.stdout, parse_float=str, parse_int=str)
