"""A judge of finished messages: what SENDING.md asks of every byte on the wire. It shares no code with the sender."""

import email
import email.policy
import re
from email.message import EmailMessage

ONCE = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type")


def violations(data: bytes) -> list[str]:
    """Every rule that the message breaks."""
    head, _, body = data.partition(b"\r\n\r\n")
    return [*_everywhere(data), *_in_head(head), *_in_body(body)]


def parsed(data: bytes) -> EmailMessage:
    """The message as a receiver reads it."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def said(data: bytes, kind: str = "plain") -> str:
    """One of its bodies, with plain line ends."""
    part = parsed(data).get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def way_out(message: EmailMessage) -> str:
    """The address in List-Unsubscribe that machines post to."""
    page, mail = str(message["List-Unsubscribe"]).split(", ")
    assert mail.startswith("<mailto:")
    return page.strip("<>")


def _everywhere(data: bytes) -> list[str]:
    found = []
    if re.search(rb"\r(?!\n)|(?<!\r)\n", data):
        found.append("CR or LF alone")
    if not data.endswith(b"\r\n"):
        found.append("no line end at the end")
    lines = data.split(b"\r\n")
    found += [f"line of {len(line)}" for line in lines if len(line) > 998]
    found += [f"begins with a dot: {line!r}" for line in lines if line.startswith(b".")]
    found += [f"ends in a blank: {line!r}" for line in lines if line.endswith((b" ", b"\t"))]
    found += [f"8-bit: {line!r}" for line in lines if not line.isascii()]
    return found


def _in_head(head: bytes) -> list[str]:
    lines = head.split(b"\r\n")
    found = [f"long encoded line: {line!r}" for line in lines if b"=?utf-8?" in line and len(line) > 76]
    names = [line.partition(b":")[0].decode().lower() for line in lines if not line.startswith(b" ")]
    found += [f"{name} is there {names.count(name)} times" for name in set(names) if names.count(name) != 1]
    found += [f"{name} is missing" for name in ONCE if name.lower() not in names]
    found += [f"no header: {line!r}" for line in lines if not re.match(rb"[!-9;-~]+: [!-~]| [!-~]", line)]
    return found


def _in_body(body: bytes) -> list[str]:
    lines = body.split(b"\r\n")
    found = [f"line of {len(line)}: {line!r}" for line in lines if len(line) > 76]
    found += [f"run of blanks: {line!r}" for line in lines if re.search(rb"[ \t]{2}", line)]
    found += [f"begins with From: {line!r}" for line in lines if line.startswith(b"From ")]
    return found
