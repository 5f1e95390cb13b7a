"""The real application on a real port, for a browser to visit."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application

HOST = "localhost"


class QuietHandler(WSGIRequestHandler):
    """Answers requests without writing a line for each."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def running() -> Iterator[str]:
    """Serve the application, middleware and static files included, and yield its address."""
    httpd = ThreadedWSGIServer((HOST, 0), QuietHandler, ipv6=False)
    httpd.set_app(get_wsgi_application())
    thread = threading.Thread(
        target=httpd.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
    )
    thread.start()
    try:
        yield f"http://{HOST}:{httpd.server_port}"
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()
