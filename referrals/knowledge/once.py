"""What is read once a process: tables, documents, code lists."""

from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import TypeVar

Made = TypeVar("Made")


def once(make: Callable[[], Made]) -> Callable[[], Made]:
    """The first who asks makes it and the others wait: threads that all begin at once would each hold a copy."""
    lock: Lock = Lock()
    made: list[Made] = []

    @wraps(make)
    def ask() -> Made:
        if not made:
            with lock:
                if not made:
                    made.append(make())
        return made[0]

    return ask
