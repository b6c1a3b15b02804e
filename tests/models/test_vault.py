"""What is locked opens with its own key in its own place, whole, and never otherwise; keys are files for us alone."""

import os
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from referrals.models.keys import KeyFolder, Keys, KeysRefused, Purpose
from referrals.models.storage import CHUNK, Harmed, StorageFailed
from referrals.models.storage.locked import HEAD, PIECE, LockedStore
from referrals.models.vault import Locked, Vault, parts_of

ROW, OTHER = UUID(int=1), UUID(int=2)
SEED = "user_account.seed"
PLACE = "network/ab/one"


class Shelf:
    """A storage in memory."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def put(self, key: str, source: BinaryIO) -> None:
        self.files[key] = source.read()

    def open(self, key: str, start: int = 0) -> BinaryIO:
        return BytesIO(self.files[key][start:])

    def remove(self, key: str) -> None:
        del self.files[key]

    def keys(self, before: datetime) -> Iterator[str]:
        return iter(self.files)


@pytest.fixture(scope="module")
def keys(tmp_path_factory) -> Keys:
    return Keys("secret", KeyFolder(tmp_path_factory.mktemp("keys")))


def changed(text: str, place: int) -> str:
    place %= len(text)
    return text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]


@given(st.binary(max_size=60), st.integers(0, 10_000), st.integers(0, 10_000))
@settings(max_examples=30)
def test_a_secret_opens_in_its_own_place_and_whole_or_not_at_all(keys, plain, place, cut):
    vault = Vault(keys)
    locked = vault.lock(plain, SEED, ROW)
    assert vault.open(locked, SEED, ROW) == plain
    last_bits_say_nothing = changed(locked, place)
    for text, column, row in (
        (locked, "user_account.other", ROW),
        (locked, SEED, OTHER),
        (locked[: cut % len(locked)], SEED, ROW),
        (locked.replace("2:", "1:", 1), SEED, ROW),
        (locked.replace("data-1", "index-1"), SEED, ROW),
        (last_bits_say_nothing if place % len(locked) < len(locked) - 4 else "", SEED, ROW),
    ):
        with pytest.raises(Locked):
            vault.open(text, column, row)


def test_what_was_locked_before_there_were_files_still_opens(keys):
    before = Vault("secret").lock(b"whsec", SEED, ROW)
    assert parts_of(before)[0] == "1"
    assert Vault(keys).open(before, SEED, ROW) == b"whsec"
    with pytest.raises(Locked):
        Vault(Keys("another secret", keys.folder)).open(before, SEED, ROW)


def test_one_number_looks_alike_in_one_network_and_in_no_other(keys):
    vault = Vault(keys)
    assert vault.index(ROW, "999-00-1234") == vault.index(ROW, "999-00-1234")
    assert len({vault.index(ROW, "999-00-1234"), vault.index(OTHER, "999-00-1234"), vault.index(ROW, "999001234")}) == 3


SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK)


@pytest.mark.parametrize("size", SIZES)
def test_a_file_comes_back_whole_and_from_any_place(keys, size):
    shelf, plain = Shelf(), os.urandom(size)
    store = LockedStore(shelf, keys)
    store.put(PLACE, BytesIO(plain))
    assert len(shelf.files[PLACE]) == HEAD + size + 16 * max(1, -(-size // CHUNK))
    for start in {0, 1, CHUNK, CHUNK + 1, size} & set(range(size + 1)):
        with store.open(PLACE, start) as found:
            assert found.read() == plain[start:]


def test_a_file_that_was_cut_moved_or_touched_is_noticed(keys):
    shelf, plain = Shelf(), os.urandom(3 * CHUNK)
    store = LockedStore(shelf, keys)
    store.put(PLACE, BytesIO(plain))
    whole = shelf.files[PLACE]
    store.put(PLACE, BytesIO(plain))
    other = shelf.files[PLACE]
    head, first, second, third = whole[:HEAD], *(whole[HEAD + PIECE * n :][:PIECE] for n in range(3))
    harmed = {
        "cut at a piece": head + first + second,
        "cut in a piece": whole[:-20],
        "nothing but its head": head,
        "half a head": head[:20],
        "two pieces swapped": head + second + first + third,
        "one piece twice": head + first + first + second + third,
        "something behind it": whole + third,
        "a piece of another file": head + first + other[HEAD + PIECE :],
        "another salt": head[:-1] + bytes([head[-1] ^ 1]) + whole[HEAD:],
        "a bit": whole[: HEAD + PIECE + 5] + bytes([whole[HEAD + PIECE + 5] ^ 1]) + whole[HEAD + PIECE + 6 :],
    }
    for name, content in harmed.items():
        shelf.files[PLACE] = content
        with pytest.raises(Harmed), store.open(PLACE) as found:
            assert plain.startswith(found.read()), name
    shelf.files["network/ab/two"] = whole
    with pytest.raises(Harmed), store.open("network/ab/two") as found:
        found.read()


def test_a_key_that_is_not_here_says_nothing_against_the_file(keys, tmp_path):
    shelf, folder = Shelf(), KeyFolder(tmp_path)
    folder.ring()
    folder.choose(folder.make(Purpose.DATA))
    LockedStore(shelf, Keys("secret", folder)).put(PLACE, BytesIO(b"plain"))
    with pytest.raises(StorageFailed, match="not here") as told:
        LockedStore(shelf, keys).open(PLACE)
    assert not isinstance(told.value, Harmed)


def test_a_new_key_is_known_to_everybody_without_a_restart_and_the_old_one_opens(tmp_path):
    here, there = (Vault(Keys("secret", KeyFolder(tmp_path / "keys"))) for _ in range(2))
    before = here.lock(b"seed", SEED, ROW)
    assert there.open(before, SEED, ROW) == b"seed"
    folder = KeyFolder(tmp_path / "keys")
    made = [folder.make(purpose) for purpose in (Purpose.DATA, Purpose.INDEX)]
    assert here.lock(b"seed", SEED, ROW).startswith("2:data-1:"), "a key that nobody has chosen"
    folder.choose(*made)
    after = here.lock(b"seed", SEED, ROW)
    assert after.startswith("2:data-2:")
    assert there.open(after, SEED, ROW) == there.open(before, SEED, ROW) == b"seed"
    assert [each.partition(":")[0] for each in there.indexes(ROW, "1")] == ["index-2", "index-1"]
    assert here.index(ROW, "1") in there.indexes(ROW, "1")
    half = tmp_path / "keys" / "data-8.key"
    half.write_text("hal")  # as while it is copied
    assert there.open(after, SEED, ROW) == b"seed"
    half.unlink()
    folder.retire("data-1")
    with pytest.raises(Locked):
        there.open(before, SEED, ROW)
    assert folder.make(Purpose.DATA) == "data-3"


@pytest.mark.parametrize("made", range(len(Purpose)))
def test_who_comes_while_another_makes_the_first_keys_has_them_all_and_makes_no_other(tmp_path, made):
    for purpose in list(Purpose)[:made]:
        KeyFolder(tmp_path).make(purpose)
    halfway = {file.name: file.read_text() for file in tmp_path.iterdir()}
    comer = Keys("secret", KeyFolder(tmp_path))
    assert [comer.current(purpose).id for purpose in Purpose] == [f"{purpose}-1" for purpose in Purpose]
    assert halfway.items() <= {file.name: file.read_text() for file in tmp_path.iterdir()}.items()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "data-1.key").chmod(0o640), "may be read by others"),
        (lambda folder: (folder / "data-1.key").write_text("short\n"), "holds no key"),
        (lambda folder: (folder / "index-1.key").unlink(), "no key for: index"),
        (lambda folder: [each.unlink() for each in folder.glob("*.key")], "no key for: data, index, seal"),
        (lambda folder: (folder / "current").write_text("data-7\n"), "no such key"),
    ],
)
def test_production_refuses_keys_that_are_missing_spoiled_or_open_to_others(tmp_path: Path, spoil, said):
    KeyFolder(tmp_path).ring()
    assert {each.stat().st_mode & 0o777 for each in tmp_path.iterdir()} == {0o600}
    Keys("secret", KeyFolder(tmp_path, is_strict=True)).refuse_unless_complete()
    spoil(tmp_path)
    with pytest.raises(KeysRefused, match=said):
        Keys("secret", KeyFolder(tmp_path, is_strict=True)).refuse_unless_complete()
