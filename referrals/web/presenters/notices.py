"""Banners above a page, and links with words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Notice:
    """Kinds: ok, info, warn, bad. `posts` makes the action a button that posts to `href`, else it is a link.

    `sends` are the names and values that it posts with it.
    """

    kind: str
    title: str
    text: str = ""
    action: str = ""
    href: str = ""
    posts: bool = False
    sends: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Link:
    words: str
    href: str
