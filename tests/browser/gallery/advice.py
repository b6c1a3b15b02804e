"""What became of a specialist's advice, in some months and in none."""

from datetime import date

from referrals.domain.advice import Tally
from referrals.web.presenters.advice import advice_page
from tests.browser.gallery.frames import Shown, specialist

TALLIES = (Tally(date(2026, 11, 1), 1), Tally(date(2026, 10, 1), 12, 5, 3, 2), Tally(date(2026, 9, 1), 0, 0, 1, 4))


def advice(*tallies: Tally) -> Shown:
    return Shown("advice.html", advice_page(tallies, date(2026, 11, 25)), specialist("/advice"))


ADVICE_PAGES = {"advice": lambda: advice(*TALLIES), "advice-empty": advice}
