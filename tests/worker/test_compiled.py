"""Compiled editions are made once, whatever the order in which they are asked for."""

import errno
import os
from pathlib import Path

import pytest

from mailer.emails.compiled import Compiled, Slot
from worker.compiled import CompiledEditions, Finished

EDITIONS = 50
ROOM_FOR_FIVE = 5 * 1_000


def made(number: int) -> Finished:
    pieces = (b"To: ", b"", b"%d" % number * (996 // len(str(number))), b"")
    return Finished("brief@ledger.example", Compiled(pieces, ((Slot.TO, (1,)), (Slot.TOKEN, (3,)))))


def ask(editions: CompiledEditions, number: int, asked: list[int]) -> Finished:
    def make() -> Finished:
        asked.append(number)
        return made(number)

    return editions.get((1, number, False), make)


def test_each_is_made_once_and_comes_back_as_it_was(tmp_path: Path) -> None:
    editions, asked = CompiledEditions(in_memory=ROOM_FOR_FIVE, folder=tmp_path), list[int]()
    for _ in range(3):
        for number in range(EDITIONS):
            assert ask(editions, number, asked) == made(number)
    assert asked == list(range(EDITIONS))


def test_memory_holds_only_what_was_used_last(tmp_path: Path) -> None:
    editions = CompiledEditions(in_memory=ROOM_FOR_FIVE, folder=tmp_path)
    first = [ask(editions, number, []) for number in range(EDITIONS)]
    still = [ask(editions, number, []) is first[number] for number in reversed(range(EDITIONS))]
    assert still == [True] * 5 + [False] * (EDITIONS - 5)


def test_a_full_file_is_begun_anew(tmp_path: Path) -> None:
    editions, asked = CompiledEditions(in_memory=1, in_file=ROOM_FOR_FIVE, folder=tmp_path), list[int]()
    for number in (*range(EDITIONS), 0):
        assert ask(editions, number, asked) == made(number)
    assert asked == [*range(EDITIONS), 0]


def test_the_file_has_no_name(tmp_path: Path) -> None:
    editions = CompiledEditions(folder=tmp_path)
    ask(editions, 1, [])
    assert list(tmp_path.iterdir()) == []


def test_one_that_a_full_disk_does_not_take_is_still_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    editions, asked = CompiledEditions(in_memory=1, folder=tmp_path), list[int]()
    assert [ask(editions, number, asked) for number in (1, 2, 1)] == [made(1), made(2), made(1)]
    assert asked == [1, 2, 1]
    assert "could not be kept" in caplog.text
