"""DATA_DIR: made if needed, used by one `postroom up` at a time, and the secret in it."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from mailer.config import MINIMUM_SECRET_LENGTH, SettingError, Settings


class Refused(Exception):
    """The house cannot be started; the text says why and what to do."""


@contextmanager
def taken(folder: Path) -> Iterator[bool]:
    """Make the folder and keep others out while inside. Raises SettingError or Refused.

    Yields whether the last one to take it was killed, so that some of what it started may still be ending.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / "up.pid").open("a+")
    except OSError as error:
        raise SettingError(
            f"DATA_DIR: {folder.absolute()} cannot be written ({error.strerror}). "
            "Make it writable, or write another folder"
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(
                f"Postroom already runs on {folder.absolute()}, as process {_read(lock)}. "
                "Stop that one, or set DATA_DIR and PORT for a second"
            ) from None
        was_killed = bool(_read(lock))
        _write(lock, str(os.getpid()))
        try:
            yield was_killed
        finally:
            _write(lock, "")


def _read(lock: IO[str]) -> str:
    lock.seek(0)
    return lock.read().strip()


def _write(lock: IO[str], text: str) -> None:
    lock.truncate(0)
    lock.write(text)
    lock.flush()


def keep_secret(settings: Settings) -> None:
    """Make the secret of this installation unless SECRET_KEY or an earlier start gave one. Raises SettingError."""
    if settings.secret_key.get_secret_value():
        return
    if settings.secret_file.exists():
        if len(settings.secret) < MINIMUM_SECRET_LENGTH:
            raise SettingError(
                f"SECRET_KEY: {settings.secret_file} is damaged. Bring it back, or delete it to begin anew"
            )
        return
    draft = settings.secret_file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(settings.secret_file)
