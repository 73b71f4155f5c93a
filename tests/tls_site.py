"""Serves a folder over TLS on 127.0.0.1 to whoever shows a certificate: tls_site.py SITE CERTIFICATE KEY CA.

Prints its port, and ends when its standard input does. For tests alone.
"""

import functools
import http.server
import os
import ssl
import sys
import threading


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Answers without writing about it."""

    def log_message(self, *_):
        """Says nothing."""


class Server(http.server.ThreadingHTTPServer):
    """Takes it calmly when a client goes away."""

    def handle_error(self, *_):
        """Says nothing: the test sees what the client says."""


def main():
    """Serves until the test goes away."""
    site, certificate, key, authority = sys.argv[1:]
    server = Server(("127.0.0.1", 0), functools.partial(Quiet, directory=site))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(authority)
    context.verify_mode = ssl.CERT_REQUIRED
    # The handshake is made by the thread of the connection, so that one bad client holds nobody up.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
