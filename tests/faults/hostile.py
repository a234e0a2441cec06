"""What strangers may type and send: generated from a seed, each value marked, so that it is known where it turns up."""

import random
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

MARK = "zq7x"
"""In every hostile value; nothing of ours holds it."""

PAYLOADS = [
    f"{MARK}\r\nBcc: {MARK}@evil.example\r\n\r\nbody",
    f"{MARK}\nBcc: {MARK}@evil.example",
    f"{MARK}\r{MARK}",
    f"{MARK}\0{MARK}",
    f"{MARK}\x85\u2028\u2029{MARK}",
    f"{MARK}%0d%0aBcc:%20{MARK}@evil.example",
    f"{MARK}%00%0a",
    f"=?utf-8?q?{MARK}=0D=0ABcc:_{MARK}@evil.example?=",
    f"=?utf-8?b?Cg==?={MARK}",
    f"{MARK}{{{{7*7}}}}{MARK}",
    f"{MARK}{{% raw %}}${{7*7}}#{{7*7}}<%= 7*7 %>{MARK}",
    f"{MARK}%(address)s%(x)d%s{{0}}{{address.__class__}}{MARK}",
    f"<{MARK} on{MARK}=1><script>{MARK}()</script>",
    f"\"><{MARK} on{MARK}=1 x='",
    f"'><img src=x on{MARK}={MARK}()>",
    f"</title></textarea></script><{MARK}>",
    f"javascript:{MARK}()",
    f"data:text/html,<script>{MARK}()</script>",
    f"\u202e{MARK}\u2066{MARK}",
    f"{MARK}\ud800{MARK}".encode("utf-8", "replace").decode(),
    f"{MARK}' OR 1=1; DROP TABLE subscriptions; --",
    f"../../{MARK}/etc/passwd",
    f"{MARK}\r\n.\r\nMAIL FROM:<{MARK}@evil.example>",
    f"{MARK}" + "a" * 5_000,
    f"{MARK}" + "🙂" * 600,
    f"slot-token-{'0' * 32}{MARK}",
]

LOCALS = [
    "{{7*7}}.%s",
    "${7*7}%s",
    "%s+tag=x",
    "%s'or'1'='1",
    "`%s`",
    "=?%s?=x",
    "%s{x}|~",
    "мара.%s",
    "%s!#$%%&*/?^_",
]
"""Parts before the @ that are allowed and look like an attack; of them mails really are written."""

FORM_FIELDS = ("page", "wording", "form", "language", "ref", "code", "topic", "name", "sure", "started", "website")
HEADERS = ("REFERER", "USER_AGENT", "X_FORWARDED_FOR", "ACCEPT_LANGUAGE", "ORIGIN", "X_FORWARDED_PREFIX", "COOKIE")


@dataclass
class Visit:
    """One request of a stranger, in the words of Flask's test client."""

    path: str
    fields: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)  # as the WSGI environment names them
    multipart: bool = False
    json: bool = False


class Stranger:
    """Makes visits; the same seed makes the same ones."""

    def __init__(self, seed: int, doors: list[str]) -> None:
        self._random, self._doors, self._count = random.Random(seed), doors, 0

    def visit(self) -> Visit:
        self._count += 1
        chance = self._random.random
        visit = Visit(self._random.choice(self._doors), self._fields(), multipart=chance() < 0.3, json=chance() < 0.4)
        for name in self._random.sample(HEADERS, 2):
            visit.headers[f"HTTP_{name}"] = self._value().encode().decode("latin-1")
        if visit.multipart and chance() < 0.5:
            visit.fields[self._value()] = (BytesIO(), self._value())
        return visit

    def _fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = {name: self._value() for name in self._random.sample(FORM_FIELDS, 4)}
        if self._random.random() < 0.8:
            fields.pop("website", None)
        fields["email"] = self._address()
        for name in ("reason", "schedule", "setting", "value", "newsletter", "until"):
            fields[name] = self._value()
        return fields

    def _address(self) -> str:
        """Half of them can be mailed."""
        if self._random.random() < 0.5:
            local = self._random.choice(LOCALS) % f"{MARK}n{self._count}"
            return f"{local}@mail{self._count}.example"
        return self._value() + self._random.choice(("", "@typed.example", "@typed.example\r\nCc: x@evil.example"))

    def _value(self) -> str:
        return self._random.choice(PAYLOADS)
