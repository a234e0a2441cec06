import pytest

from mailer.ops import causes


@pytest.mark.parametrize(
    ("answer", "beginning", "outline"),
    [
        (
            "550 5.1.1 <mara@ledger.example>: Recipient address rejected",
            "550 5.1.1 ",
            "550 5.1.1 … Recipient address rejected",
        ),
        ("452 4.2.2 Mailbox full", "452 4.2.2 Mailbox full", "452 4.2.2 Mailbox full"),
        ("550 No such user: mara@ledger.example here", "550 No such user: ", "550 No such user: … here"),
        ("421 4.7.0 Try later, id 4F9A21-x", "421 4.7.0 Try later, id ", "421 4.7.0 Try later, id …"),
        (
            "550-5.7.26 This mail is unauthenticated",
            "550-5.7.26 This mail is unauthenticated",
            "550-5.7.26 This mail is unauthenticated",
        ),
        ("550", "550", "550"),
        ("the relay hung up", "the relay hung up", "the relay hung up"),
        ("", "", ""),
    ],
)
def test_what_names_one_reader_is_not_the_cause(answer: str, beginning: str, outline: str) -> None:
    assert causes.beginning(answer) == beginning
    assert causes.outline(answer) == outline
