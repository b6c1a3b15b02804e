"""How somebody likes to see and steer the dashboard."""

from dataclasses import dataclass

THEMES = ("", "light", "dark")
DENSITIES = ("", "compact")


@dataclass(frozen=True)
class Preferences:
    """`theme` "" follows the device; `density` "" is comfortable. `mail` off leaves what nobody can turn off."""

    theme: str = ""
    density: str = ""
    shortcuts: bool = True
    mail: bool = True


USUAL = Preferences()
