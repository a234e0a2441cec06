"""How the plugin reads a Content-Security-Policy (W3C CSP Level 3): judgement only, so PHP alone is enough."""

import json
import shutil
import subprocess

import pytest

from tests.services.wordpress import PLUGIN

SERVICE = "https://n.ledger.example/e/1.js"
HOME = "https://ledger.example/story"
ALL = ["script-src-elem", "connect-src", "form-action"]

ROWS: list[tuple[str, list[str]]] = [
    ("", []),
    ("img-src 'none'", []),
    ("default-src 'none'", ALL[:2]),
    ("default-src", ALL[:2]),
    ("default-src *", []),
    ("default-src https:", []),
    ("default-src http:", []),
    ("default-src data: blob:", ALL[:2]),
    ("default-src 'self'", ALL[:2]),
    ("default-src 'self' https://n.ledger.example", []),
    ("DEFAULT-SRC 'Self' HTTPS://N.Ledger.Example", []),
    ("default-src n.ledger.example", []),
    ("default-src http://n.ledger.example", []),
    ("default-src *.ledger.example", []),
    ("default-src *.n.ledger.example", ALL[:2]),
    ("default-src ledger.example", ALL[:2]),
    ("default-src n.ledger.example:443", []),
    ("default-src n.ledger.example:*", []),
    ("default-src n.ledger.example:8443", ALL[:2]),
    ("default-src n.ledger.example/e/", []),
    ("default-src n.ledger.example/e/1.js", []),
    ("default-src n.ledger.example/s/", ALL[:2]),
    ("script-src 'self'", ALL[:1]),
    ("script-src 'self'; script-src-elem n.ledger.example", []),
    ("script-src n.ledger.example; script-src-elem 'self'", ALL[:1]),
    ("script-src 'self'; script-src *", ALL[:1]),
    ("script-src 'nonce-abc' 'strict-dynamic' https:", ALL[:1]),
    ("connect-src 'none'", ALL[1:2]),
    ("default-src 'none'; connect-src *", ALL[:1]),
    ("form-action 'self'", ALL[2:]),
    ("form-action 'none'; connect-src 'self'; script-src 'self'", ALL),
    ("script-src *, script-src 'self'", ALL[:1]),
    (";;; ;", []),
]


def blocked(rows: list[str]) -> list[list[str]]:
    """Ask for all of them at once."""
    file = PLUGIN / "includes" / "csp.php"
    program = f"""
        define( 'ABSPATH', '/' );
        require '{file}';
        foreach ( json_decode( $argv[1] ) as $policy ) {{
            $found[] = \\Postroom\\Signup\\blocked_by( array( $policy ), '{SERVICE}', '{HOME}' );
        }}
        echo json_encode( $found );
    """
    command = ["php", "-d", "error_reporting=-1", "-d", "display_errors=1", "-r", program, "--", json.dumps(rows)]
    answer: list[list[str]] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return answer


@pytest.mark.skipif(not shutil.which("php"), reason="no PHP on this machine: `make wordpress` fetches it from Debian")
def test_a_policy_is_read_as_browsers_read_it() -> None:
    found = blocked([policy for policy, _ in ROWS])
    assert dict(zip([policy for policy, _ in ROWS], found, strict=True)) == dict(ROWS)
