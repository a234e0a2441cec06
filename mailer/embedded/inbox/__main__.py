"""`python -m mailer.embedded.inbox`: the SMTP end in the main thread, the page in another; SIGTERM ends both."""

import asyncio
import logging
import os
import threading

from werkzeug.serving import make_server

from mailer.config import load_settings
from mailer.embedded.inbox.intake import serve
from mailer.embedded.inbox.page import make_page
from mailer.embedded.inbox.store import Store

LOOPBACK = "127.0.0.1"


def main() -> None:
    """Run until asked to end."""
    settings = load_settings(os.environ)
    logging.basicConfig(level=settings.log_level, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # the page asks for news every other second
    store = Store(settings.data_dir / "inbox.sqlite")
    page = make_server(LOOPBACK, settings.inbox_page_port, make_page(store), threaded=True)
    threading.Thread(target=page.serve_forever, daemon=True).start()
    asyncio.run(serve(store, LOOPBACK, settings.inbox_port))


if __name__ == "__main__":
    main()
