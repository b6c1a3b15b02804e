"""The directory of centers with made-up entries: the list, a profile as its keeper and as others see it, its forms."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from referrals.domain.errors import FieldError
from referrals.domain.tumor_family import family_labels
from referrals.web.forms import centers as forms
from referrals.web.forms.bind import fill, with_errors
from referrals.web.forms.fields import Form
from referrals.web.presenters import centers as presenters
from referrals.web.presenters.form_page import Conflict, Difference, FormPage
from referrals.web.presenters.notices import Link, Notice
from tests.browser.gallery.frames import Shown, clinician, coordinator, specialist
from tests.browser.gallery.people import MOMENT
from tests.browser.gallery.reports import record

FAMILIES = family_labels()
INVENTED = "Invented for the gallery."
BLANK: Mapping[str, Any] = {
    "version": 3, "active": True, "designation": None, "services": [], "languages": [], "city": None, "region": None,
    "country": None, "lat": None, "lon": None, "url": None, "sites": [], "contacts": [], "source": None, "zone": None,
    "holidays": None, "places": 0, "in_network": True, "checked_on": None, "checked_by": None, "paused": False,
    "paused_because": None, "expertise": [], "trials": [], "conflicts": [],
}  # fmt: skip
LAKESIDE = {"id": "lakeside", "code": "lakeside", "name": "Lakeside Hospital"}
HARBOR: Mapping[str, Any] = {
    **BLANK,
    "id": "harbor", "code": "harbor", "name": "Harbor Comprehensive Cancer Center", "designation": "comprehensive",
    "services": ["adults", "pediatrics", "multidisciplinary_team", "trials", "pathology_review", "remote"],
    "languages": ["en", "es", "vi"], "city": "Milwaukee", "region": "Wisconsin", "country": "US", "places": 12,
    "url": "https://harbor.example", "source": INVENTED, "checked_on": date(2026, 11, 12), "checked_by": "Sunniva Moe",
    "expertise": [
        {"family": family, "level": 0.85 if place < 7 else 0.2, "yearly_volume": 40 + 31 * place, "evidence": INVENTED}
        for place, family in enumerate(FAMILIES)
    ],
    "trials": [
        {"registry_id": "NCT00000001", "title": "A made-up study of a new drug after two lines of treatment", "families": list(FAMILIES)[:2], "phase": "2", "opened_on": date(2026, 1, 10), "closed_on": None, "contact": "Trials office", "source": INVENTED},
        {"registry_id": "NCT00000002", "title": "A made-up study that has closed", "families": list(FAMILIES)[2:3], "phase": None, "opened_on": date(2024, 1, 10), "closed_on": date(2025, 1, 10), "contact": None, "source": None},
    ],
    "contacts": [
        {"role": "Referral office", "name": None, "phone": "+1 555 0100", "email": "referrals@harbor.example", "hours": "Monday to Friday, 8 to 17", "urgent": False},
        {"role": "Oncologist on call", "name": "Dr Hugo Lindgren", "phone": "+1 555 0199", "email": None, "hours": "Always", "urgent": True},
    ],
    "sites": [{"name": "Main house", "city": "Milwaukee", "region": "Wisconsin", "postal_code": "53202", "country": "US", "lat": 43.0389, "lon": -87.9065}],
    "conflicts": [{"organization": LAKESIDE, "reason": "Both had one owner.", "from_day": date(2024, 1, 1), "until_day": date(2025, 12, 31)}],
}  # fmt: skip
OTHERS = (
    {**BLANK, "id": "n", "code": "nci01", "name": "A published center without a statement of its own", "designation": "basic", "city": "Birmingham", "region": "AL", "country": "US", "active": False},
    {**HARBOR, "id": "s", "name": "Summit Cancer Center", "paused": True, "paused_because": "Two offers in a row were not answered.", "checked_by": None},
    {**BLANK, "id": "o", "code": "far", "name": "Far Away Institute", "in_network": False, "languages": ["de"], "services": ["adults"]},
)  # fmt: skip


def directory(centers: tuple[Mapping[str, Any], ...] = (HARBOR, *OTHERS), **chosen: str) -> Shown:
    links = ("", "/centers?cursor=x") if centers else ("", "")
    page = presenters.centers_page(centers, chosen, FAMILIES, MOMENT, links)
    return Shown("centers.html", page, coordinator("/centers"))


def profile(center: Mapping[str, Any] = HARBOR, *, keeps: bool = True) -> Shown:
    sees = dict.fromkeys(("contacts", "conflicts"), keeps)
    page = presenters.center_page(center, FAMILIES, MOMENT, keeps, sees)
    page = replace(page, record=record() if keeps else None)
    said = (Notice("ok", "Noted: checked today"),) if keeps else ()
    frame = specialist("/centers/ours") if keeps else clinician("/centers/harbor")
    return Shown("center.html", replace(page, notices=said), frame)


def asking(title: str, form: Form, conflict: Conflict | None = None) -> Shown:
    page = FormPage(title, form, Link(HARBOR["name"], "/centers/harbor"), intro=HARBOR["name"], conflict=conflict)
    return Shown("form.html", page, coordinator("/centers/harbor"))


CLASH = Conflict("Somebody else changed this entry first", "It was changed at 10:12 today.", (Difference("City", "Milwaukee", "Madison"),))  # fmt: skip
CENTER_PAGES: dict[str, Callable[[], Shown]] = {
    "centers": lambda: directory(treats="pediatrics", region="Wisconsin"),
    "centers-empty": lambda: directory((), q="nowhere"),
    "center": profile,
    "center-read": lambda: profile(OTHERS[1], keeps=False),
    "center-profile": lambda: asking("Change the profile", fill(forms.profile_form("harbor", 3, by_network=True), forms.profile_packet(HARBOR)), CLASH),
    "center-expertise": lambda: asking("Change the expertise", fill(forms.expertise_form("harbor", 3, FAMILIES), forms.expertise_packet(HARBOR))),
    "center-file-errors": lambda: asking("Add trials from a file", with_errors(forms.trials_file_form("harbor", 3), [FieldError("", "required", "Line 3, opened_on: This must be a date such as 2026-11-18.")])),
}  # fmt: skip
