"""How somebody likes to see and steer the dashboard."""

from dataclasses import dataclass

THEMES = ("", "light", "dark")
DENSITIES = ("", "compact")


@dataclass(frozen=True)
class Preferences:
    """`theme` "" follows the device; `density` "" is comfortable."""

    theme: str = ""
    density: str = ""
    shortcuts: bool = True


USUAL = Preferences()
