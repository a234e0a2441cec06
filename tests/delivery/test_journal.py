"""What survives the death of a sending process."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from mailer.delivery import dispatch, journal, receipt, recovery
from mailer.delivery.dispatch import Claim
from mailer.delivery.journal import Journal, Mark
from mailer.delivery.lanes import lane
from mailer.delivery.receipt import Receipt
from tests.delivery.making import NOW, sending


def test_a_journal_reads_back_as_it_was_written(tmp_path: Path) -> None:
    held = Claim(7, 3, 2)
    written = Journal(tmp_path, held, [11, 12, 1 << 40])
    written.mark(1, Mark.HANDED)
    written.mark(2, Mark.ACCEPTED)
    written.abandon()
    (path,) = journal.left_behind(tmp_path)
    assert journal.read(path) == (held, [(11, Mark.UNTOUCHED), (12, Mark.HANDED), (1 << 40, Mark.ACCEPTED)])


def test_a_closed_journal_leaves_nothing(tmp_path: Path) -> None:
    Journal(tmp_path, Claim(1, 0, 1), [1]).close()
    assert journal.left_behind(tmp_path) == []


def test_a_file_that_is_no_journal_is_named(tmp_path: Path) -> None:
    path = tmp_path / "1-0-1.journal"
    path.write_bytes(bytes(40))
    with pytest.raises(ValueError, match="1-0-1"):
        journal.read(path)


def test_after_a_crash_only_what_was_handed_over_is_uncertain(session: Session) -> None:
    issue = sending(session, 5)
    claimed = dispatch.claim(session, "here", NOW)
    assert claimed is not None
    held, readers = claimed
    marks = [Mark.ACCEPTED, Mark.HANDED, Mark.REFUSED, Mark.DEFERRED, Mark.UNTOUCHED]
    pairs = [(reader.subscriber_id, mark) for reader, mark in zip(readers, marks, strict=True)]
    assert recovery.settle_journal(session, held, pairs, NOW) == 1
    assert receipt.read(session, issue.id) == Receipt(audience=5, accepted=1, uncertain=1, refused=1, open=2)
    assert recovery.settle_journal(session, held, pairs, NOW) == 0
    again = dispatch.claim(session, "here", NOW)
    assert again is not None
    assert [reader.subscriber_id for reader in again[1]] == [readers[3].subscriber_id, readers[4].subscriber_id]


def test_a_lane_has_one_holder_and_frees_itself_when_the_holder_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time, pathlib\nfrom mailer.delivery.lanes import lane\n"
        "with lane(pathlib.Path(sys.argv[1]), 1) as folder:\n    print(folder, flush=True)\n    time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert b"lane-0" in holder.stdout.readline()
    with lane(tmp_path, 1) as folder:
        assert folder is None
    with lane(tmp_path, 2) as folder:
        assert folder is not None
        assert folder.name == "lane-1"
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    deadline = time.monotonic() + 5
    while True:
        with lane(tmp_path, 1) as folder:
            if folder is not None:
                return
        assert time.monotonic() < deadline
