"""Every pair of colors that meet on a page can be told apart: text at 4.5 to 1, shapes at 3 to 1, by day and by night."""

import re

import pytest

from referrals.web.assets import STATIC

TOKENS = {
    name: {"light": light, "dark": dark}
    for name, light, dark in re.findall(r"--([\w-]+):light-dark\((#\w+),(#\w+)\)", (STATIC / "app.css").read_text())
}
TEXT = [
    "ink/surface",
    "ink-2/surface",
    "ink-2/canvas",
    "ink-2/surface-2",
    "ink/surface-3",
    "link/surface",
    "link/canvas",
    "on-primary/primary",
    "primary-strong/primary-soft",
    "ink/primary-soft",
    "ink-2/primary-soft",
    "p1-on/p1",
    "p2-on/p2-soft",
    "p2-on/surface",
    "p3-on/p3-soft",
    "p4-on/surface",
    "ok-on/ok-soft",
    "warn-on/warn-soft",
    "bad-on/bad-soft",
    "bad/surface",
    "bad/surface-2",
    "bad/primary-soft",
    "bad-on/surface",
    "violet-on/violet-soft",
    "link/surface-2",
    "link/primary-soft",
]
SHAPES = [
    "line-strong/surface",
    "line-strong/canvas",
    "p1/surface",
    "p2/surface",
    "p3/surface",
    "p4/surface",
    "focus/surface",
    "focus/canvas",
    "ok/surface",
    "primary/surface",
    "primary/primary-soft",
    "warn/warn-soft",
    "bad/bad-soft",
]


def luminance(color: str) -> float:
    parts = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("pair", "least"), [(pair, 4.5) for pair in TEXT] + [(pair, 3.0) for pair in SHAPES])
def test_two_colors_that_meet_can_be_told_apart(pair, least, scheme):
    front, back = (TOKENS[name][scheme] for name in pair.split("/"))
    assert contrast(front, back) >= least


def test_no_color_is_named_outside_the_tokens():
    css = (STATIC / "app.css").read_text()
    components = css[css.index("@layer components{") : css.index("@layer print{")]
    loose = set(re.findall(r"#[0-9a-fA-F]{3,8}\b", components)) - {"#keys"}
    # The dark bar at the top is the same in both schemes, and a target of a link is marked like with a pen.
    assert loose == {"#fff", "#ffd56b", "#7fa7b4", "#7fd3e8", "#d4e8ee", "#cfe9f0", "#0b3d4c", "#fff1b8", "#4a3c0a"}
