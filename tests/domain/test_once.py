"""What is read once a process is read by one thread, however many ask at the same moment."""

import time
from concurrent.futures import ThreadPoolExecutor

from referrals.knowledge.once import once


def test_threads_that_ask_together_share_what_one_of_them_made():
    made = []

    @once
    def table() -> object:
        time.sleep(0.05)
        made.append(object())
        return made[-1]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: table(), range(8)))
    assert len(made) == 1
    assert set(answers) == set(made)


def test_what_could_not_be_made_is_tried_again():
    tries = []

    @once
    def table() -> int:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("the file is busy")
        return 7

    try:
        table()
    except OSError:
        assert table() == 7
    assert table() == 7
    assert len(tries) == 2
