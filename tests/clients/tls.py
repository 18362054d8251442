"""The SDK over TLS: an endpoint whose certificate is trusted is asked, any other is refused; a proxy is used where one is set.

usage: tls.py BINARY SAMPLE_ACCOUNT
"""

import contextlib
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.parse

import trustme
from guide_calls import Tally
from sample_program import CREDENTIALS, sample_account

AS_OF = "2024-12-05"
CALL = ["call", "cost_explorer", '{"operation": "getCostAndUsage", "start_date": "2024-11-01", "end_date": "2024-12-01"}']


def pump(source, sink):
    with contextlib.suppress(OSError, ValueError):
        while part := source.recv(65536):
            sink.sendall(part)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def listening(answer):
    """A loopback port whose connections go to `answer`, each in a thread of its own; gives the port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


def in_front_of(url, context):
    """Ends TLS and passes on what is inside."""
    target = urllib.parse.urlparse(url)

    def answer(connection):
        with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as inside:
            behind = socket.create_connection((target.hostname, target.port))
            threading.Thread(target=pump, args=(behind, inside), daemon=True).start()
            pump(inside, behind)

    return answer


def proxy(port, seen):
    """Notes what it is asked to connect to, and connects to that port."""

    def answer(connection):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += connection.recv(4096)
        seen.append(head.split(b"\r\n")[0].decode())
        behind = socket.create_connection(("127.0.0.1", port))
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        threading.Thread(target=pump, args=(behind, connection), daemon=True).start()
        pump(connection, behind)

    return answer


def run(binary, **environment):
    done = subprocess.run(
        [binary, *CALL, "--json", "--as-of", AS_OF, "--state", "none"],
        env={"PATH": os.environ["PATH"], **CREDENTIALS, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def main(binary, account):
    tally = Tally()
    authority, stranger = trustme.CA(), trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with tempfile.TemporaryDirectory() as folder, sample_account(account, AS_OF) as url:
        trusted, other = pathlib.Path(folder, "trusted.pem"), pathlib.Path(folder, "other.pem")
        authority.cert_pem.write_to_path(trusted)
        stranger.cert_pem.write_to_path(other)
        with listening(in_front_of(url, context)) as port:
            endpoint = f"https://localhost:{port}"
            code, said = run(binary, AWS_ENDPOINT_URL=endpoint, SSL_CERT_FILE=str(trusted))
            tally.check(code == 0 and '"total"' in said, f"over TLS: {said[:500]}")
            code, said = run(binary, AWS_ENDPOINT_URL=endpoint, SSL_CERT_FILE=str(other))
            tally.check(code != 0 and "unavailable" in said, f"a certificate nobody vouches for: {said[:500]}")
            seen = []
            with listening(proxy(port, seen)) as through:
                code, said = run(
                    binary,
                    AWS_ENDPOINT_URL="https://localhost:443",
                    SSL_CERT_FILE=str(trusted),
                    HTTPS_PROXY=f"http://127.0.0.1:{through}",
                )
            tally.check(code == 0 and set(seen) == {"CONNECT localhost:443 HTTP/1.1"}, f"through a proxy: {seen} {said[:500]}")
    return tally.close("TLS")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
