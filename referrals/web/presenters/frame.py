"""What stands around every page: navigation by role, who is signed in, and how they like to see and steer it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from referrals.domain.people import Kind, Role
from referrals.web import paths
from referrals.web.preferences import USUAL, Preferences
from referrals.web.presenters.notices import Notice
from referrals.web.words import ROLE, initials, sentence_list

# Only pages that exist are linked. In the order shown.
REPORTS = ("Reports", paths.REPORTS)
COORDINATION = (
    ("Worklist", paths.WORKLIST),
    ("Search", paths.SEARCH),
    ("Placing", paths.ASSIGNMENTS),
    ("Centers", paths.CENTERS),
    REPORTS,
    ("Identity checks", paths.IDENTITY_CHECKS),
    ("Refused", paths.REFUSED),
    ("Messages", paths.MESSAGES),
    ("My tasks", paths.TASKS),
)
READING = (
    ("Worklist", paths.WORKLIST),
    ("Search", paths.SEARCH),
    ("Placing", paths.ASSIGNMENTS),
    ("Centers", paths.CENTERS),
)
REFERRING = (
    ("My referrals", paths.MY_REFERRALS),
    ("New referral", paths.NEW_REFERRAL),
    ("Imports", paths.IMPORTS),
    ("Messages", paths.MESSAGES),
    REPORTS,
)
ANSWERING = (
    ("Inbox", paths.INBOX),
    ("Messages", paths.MESSAGES),
    ("Our center", paths.OUR_CENTER),
    ("Places by week", paths.CAPACITY),
    REPORTS,
)
PEOPLE = ("People", paths.USERS)
ACCESS = ("Who can see what", paths.ACCESS)
INTEGRITY = ("Integrity", paths.INTEGRITY)
AUDIT = ("Audit", paths.AUDIT)
BREAK_GLASS = ("Break-glass", paths.BREAK_GLASS)
ADMINISTRATION = (
    *READING,
    ("Set aside", paths.SET_ASIDE),
    ("Mail", paths.DEAD_LETTERS),
    PEOPLE,
    ("Partner systems", paths.API_CLIENTS),
    INTEGRITY,
    ("My tasks", paths.TASKS),
    REPORTS,
)
# What has no place of its own in the navigation stands under another.
STANDS_UNDER: Mapping[str, str] = MappingProxyType(
    {
        paths.WEBHOOKS: paths.API_CLIENTS,
        paths.ACCESS: paths.USERS,
        paths.AUDIT: paths.INTEGRITY,
        paths.BREAK_GLASS_REVIEW: paths.INTEGRITY,
        paths.LEGAL_HOLDS: paths.INTEGRITY,
    }
)
NAVIGATION: Mapping[tuple[Kind, Role], tuple[tuple[str, str], ...]] = {
    (Kind.NETWORK, Role.COORDINATOR): COORDINATION,
    (Kind.NETWORK, Role.CLINICAL_LEAD): COORDINATION,
    (Kind.NETWORK, Role.ADMINISTRATOR): ADMINISTRATION,
    (Kind.NETWORK, Role.AUDITOR): (*READING, INTEGRITY, AUDIT, ACCESS, REPORTS),
    (Kind.CENTER, Role.CENTER_COORDINATOR): ANSWERING,
    (Kind.CENTER, Role.SPECIALIST): (*ANSWERING, ("My advice", paths.ADVICE)),
    (Kind.CENTER, Role.ADMINISTRATOR): (ANSWERING[0], PEOPLE, REPORTS, AUDIT, BREAK_GLASS),
    (Kind.CENTER, Role.AUDITOR): (ANSWERING[0], ACCESS, REPORTS, AUDIT),
    (Kind.PROVIDER, Role.CLINICIAN): REFERRING,
    (Kind.PROVIDER, Role.ADMINISTRATOR): (REFERRING[0], PEOPLE, REPORTS, AUDIT, BREAK_GLASS),
    (Kind.PROVIDER, Role.AUDITOR): (REFERRING[0], ACCESS, REPORTS, AUDIT),
}


@dataclass(frozen=True)
class NavItem:
    label: str
    href: str
    is_current: bool


@dataclass(frozen=True)
class Home:
    """An organization in which somebody may act."""

    id: str
    name: str
    is_current: bool


@dataclass(frozen=True)
class Frame:
    """Every template reads `frame`; signed out, `name` is empty and there is no navigation.

    `notices` stand above every page.
    """

    nav: tuple[NavItem, ...] = ()
    name: str = ""
    initials: str = ""
    role: str = ""
    organization: str = ""
    home: str = paths.HOME
    preferences: Preferences = USUAL
    is_demo: bool = False
    homes: tuple[Home, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def other_homes(self) -> tuple[Home, ...]:
        return tuple(home for home in self.homes if not home.is_current)

    @property
    def is_signed_in(self) -> bool:
        return bool(self.name)

    @property
    def can_search(self) -> bool:
        return any(item.href == paths.SEARCH for item in self.nav)


def destinations(kind: Kind, roles: Iterable[Role]) -> tuple[tuple[str, str], ...]:
    """Where these roles may go, each place once."""
    found = [place for role in Role if role in set(roles) for place in NAVIGATION.get((kind, role), ())]
    return tuple(dict.fromkeys(found))


def is_within(current: str, href: str, places: Iterable[str]) -> bool:
    """The longest matching place is the current one: /referrals/new is not also "My referrals"."""
    known = {**STANDS_UNDER, **{place: place for place in places}}
    matching = [known[place] for place in known if current == place or current.startswith(f"{place}/")]
    return bool(matching) and max(matching, key=len) == href


def frame_for(
    name: str,
    kind: Kind,
    roles: Iterable[Role],
    organization: str,
    current: str,
    preferences: Preferences = USUAL,
    is_demo: bool = False,
) -> Frame:
    held = tuple(roles)
    places = destinations(kind, held)
    addresses = [href for _, href in places]
    return Frame(
        nav=tuple(NavItem(label, href, is_within(current, href, addresses)) for label, href in places),
        name=name,
        initials=initials(name),
        role=sentence_list([ROLE[role] for role in Role if role in held]),
        organization=organization,
        home=addresses[0] if addresses else paths.HOME,
        preferences=preferences,
        is_demo=is_demo,
    )


SIGNED_OUT = Frame()
