"""Every address that a page links or posts to, in one place; the routes of the dashboard answer exactly these."""

from collections.abc import Mapping
from urllib.parse import urlencode

HOME = "/"
SIGN_IN = "/sign-in"
SECOND_FACTOR = "/sign-in/second-factor"
PASSKEY_SIGN_IN = "/sign-in/passkey"
SINGLE_SIGN_ON = "/sign-in/single-sign-on"
SINGLE_SIGN_ON_BACK = "/sign-in/single-sign-on/back"
SIGN_OUT = "/sign-out"
SIGNED_OUT = "/signed-out"
WORKLIST = "/worklist"
MY_REFERRALS = "/referrals"
NEW_REFERRAL = "/referrals/new"
INBOX = "/inbox"
SEARCH = "/search"
IDENTITY_CHECKS = "/identity-checks"
REFUSED = "/refused"
TASKS = "/tasks"
MESSAGES = "/messages"
NOTIFICATIONS = "/notifications"
CONDITION_CHANGED = "condition-changed"
RECORD_ANSWER = "record-answer"
RECORD_OPINION = "record-opinion"
RECORD_AMENDMENT = "record-amendment"
COMPARE_OPINION = "compare-opinion"
DEAD_LETTERS = "/admin/deliveries"
WEBHOOKS = "/admin/webhooks"
INTEGRITY = "/admin/integrity"
AUDIT = "/admin/audit"
AUDIT_CSV = "/admin/audit.csv"
BREAK_GLASS = "/break-glass"
BREAK_GLASS_REVIEW = "/admin/break-glass"
LEGAL_HOLDS = "/admin/legal-holds"
NEW_LEGAL_HOLD = "/admin/legal-holds/new"
SEEN_BY = "seen-by"
API_CLIENTS = "/admin/api-clients"
SET_ASIDE = "/set-aside"
CENTERS_THAT_FIT = "centers"
END_CHAIN = "ask-nobody-next"
PREFERENCES = "/me/preferences"
DENSITY = "/me/preferences/density"
ORGANIZATION = "/me/organization"
PROVE = "/me/prove"
PROVE_BY_PASSKEY = "/me/prove/passkey"
PROVE_BY_SINGLE_SIGN_ON = "/me/prove/single-sign-on"
SECURITY = "/me/security"
APP = "/me/security/app"
PASSKEYS = "/me/security/passkeys"
RECOVERY_CODES = "/me/security/codes"
SESSIONS = "/me/sessions"
SECOND_FACTOR_POLICY = "/admin/second-factor"
OWN_PASSWORD = "/me/password"  # noqa: S105 - an address
AWAY = "/me/away"
FORGOTTEN = "/forgotten"
USERS = "/admin/users"
NEW_USER = "/admin/users/new"
ACCESS = "/admin/access"
ACCESS_CSV = "/admin/access.csv"
KEYBOARD = "/help/keyboard"
ORDER = "/help/order"
CURRENT_POLICY = "/policies/current"
OUTCOME = "/outcome"
ADVICE = "/advice"
ASSIGNMENTS = "/assignments"
CENTERS = "/centers"
OUR_CENTER = "/centers/ours"
CAPACITY = "/capacity"
REPORTS = "/reports"
CHARTS = "/reports/charts"
IMPORTS = "/imports"
IMPORT_TEMPLATE = "/imports/template.csv"
NETWORK_GAP = "/reports/network-gap"
NETWORK_GAP_CSV = "/reports/network-gap.csv"


def worklist(view: str = "", query: Mapping[str, str] | None = None) -> str:
    path = f"{WORKLIST}/{view}" if view else WORKLIST
    asked = {name: value for name, value in (query or {}).items() if value}
    return f"{path}?{urlencode(asked)}" if asked else path


def my_referrals(view: str = "", cursor: str = "") -> str:
    asked = {name: value for name, value in (("view", view), ("cursor", cursor)) if value}
    return f"{MY_REFERRALS}?{urlencode(asked)}" if asked else MY_REFERRALS


def inbox(view: str = "", cursor: str = "") -> str:
    asked = {name: value for name, value in (("view", view), ("cursor", cursor)) if value}
    return f"{INBOX}?{urlencode(asked)}" if asked else INBOX


def imports(cursor: str) -> str:
    return f"{IMPORTS}?{urlencode({'cursor': cursor})}"


def an_import(import_id: object, part: str = "", cursor: str = "") -> str:
    path = f"{IMPORTS}/{import_id}/{part}" if part else f"{IMPORTS}/{import_id}"
    return f"{path}?{urlencode({'cursor': cursor})}" if cursor else path


def centers(query: Mapping[str, str]) -> str:
    asked = {name: value for name, value in query.items() if value}
    return f"{CENTERS}?{urlencode(asked)}" if asked else CENTERS


def center(center_id: object, part: str = "") -> str:
    """`part` is a form of it, or one of checked, trials-file."""
    return f"{CENTERS}/{center_id}/{part}" if part else f"{CENTERS}/{center_id}"


def search(sealed: str = "") -> str:
    """`sealed` holds what was asked, which no address may show."""
    return f"{SEARCH}?{urlencode({'s': sealed})}" if sealed else SEARCH


def referral(referral_id: object, part: str = "") -> str:
    """`part` is a step of the table, a topic of the form, or one of end, what-if, discard."""
    return f"/referrals/{referral_id}/{part}" if part else f"/referrals/{referral_id}"


def letter(referral_id: object, letter: str = "", language: str = "") -> str:
    """The patient's letter; without more it is the newest, in the patient's language."""
    asked = {name: value for name, value in (("letter", letter), ("language", language)) if value}
    return f"{referral(referral_id, 'letter')}?{urlencode(asked)}" if asked else referral(referral_id, "letter")


def documents(referral_id: object) -> str:
    return referral(referral_id, "documents")


def condition_changed(referral_id: object) -> str:
    return referral(referral_id, CONDITION_CHANGED)


def messages(referral_id: object) -> str:
    return referral(referral_id, "messages")


def message_read(referral_id: object, message_id: object) -> str:
    return f"{messages(referral_id)}/{message_id}/read"


def document(referral_id: object, document_id: object) -> str:
    """By its id alone: no address holds a file's name."""
    return f"{documents(referral_id)}/{document_id}"


def advice_read(referral_id: object, advice_id: object) -> str:
    return referral(referral_id, f"advice/{advice_id}/read")


def centers_that_fit(referral_id: object) -> str:
    return referral(referral_id, CENTERS_THAT_FIT)


def end_chain(referral_id: object) -> str:
    return referral(referral_id, END_CHAIN)


def order(referral_id: object) -> str:
    return f"{ORDER}?{urlencode({'referral': str(referral_id)})}"


def outcome(token: str) -> str:
    return f"{OUTCOME}/{token}"


def policy(version: str) -> str:
    return f"/policies/{version}"


def identity_check(check_id: object) -> str:
    return f"{IDENTITY_CHECKS}/{check_id}"


def refused(receipt_id: object) -> str:
    return f"{REFUSED}/{receipt_id}"


def assignment(plan_id: object, part: str = "") -> str:
    return f"{ASSIGNMENTS}/{plan_id}/{part}" if part else f"{ASSIGNMENTS}/{plan_id}"


def task_done(task_id: object) -> str:
    return f"{TASKS}/{task_id}"


def send_again(delivery_id: object = "") -> str:
    """One dead letter; all of them, where none is named."""
    return f"{DEAD_LETTERS}/{delivery_id}" if delivery_id else DEAD_LETTERS


def webhook(subscription_id: object, part: str = "", **query: str) -> str:
    """One subscription, or one of its buttons."""
    path = f"{WEBHOOKS}/{subscription_id}/{part}" if part else f"{WEBHOOKS}/{subscription_id}"
    asked = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(asked)}" if asked else path


def sending(delivery_id: object) -> str:
    return f"{WEBHOOKS}/deliveries/{delivery_id}/retry"


def capacity(center_id: object = "", **query: str) -> str:
    """The board; the page of one center, where one is named."""
    path = f"{CAPACITY}/{center_id}" if center_id else CAPACITY
    asked = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(asked)}" if asked else path


def end_pause(center_id: object) -> str:
    return f"{CAPACITY}/{center_id}/end-pause"


def report(name: str) -> str:
    return f"{REPORTS}/{name}"


def report_csv(name: str, first: str, last: str) -> str:
    return f"{report(name)}.csv?{urlencode({'from': first, 'until': last})}"


def chart(sealed: str) -> str:
    return f"{CHARTS}/{sealed}.svg"


def in_the_dark(address: str) -> str:
    return f"{address}?theme=dark"


def second_factor_of(user_id: object) -> str:
    return f"/admin/users/{user_id}/second-factor"


def passkey_options(address: str) -> str:
    """Where a page's script asks what a passkey is to sign, before it sends the answer to `address`."""
    return f"{address}/ask"


def api_client(key: object, part: str = "") -> str:
    """`part` is what can be done to it, such as rotate."""
    return f"{API_CLIENTS}/{key}/{part}" if part else f"{API_CLIENTS}/{key}"


def audit(**query: str) -> str:
    asked = {name: value for name, value in query.items() if value}
    return f"{AUDIT}?{urlencode(asked)}" if asked else AUDIT


def break_glass_list(cursor: str) -> str:
    return f"{BREAK_GLASS_REVIEW}?{urlencode({'cursor': cursor})}"


def break_glass_review(glass_id: object) -> str:
    return f"{BREAK_GLASS_REVIEW}/{glass_id}"


def legal_holds(cursor: str) -> str:
    return f"{LEGAL_HOLDS}?{urlencode({'cursor': cursor})}"


def legal_hold(hold_id: object) -> str:
    return f"{LEGAL_HOLDS}/{hold_id}"


def new_legal_hold(reference: str) -> str:
    return f"{NEW_LEGAL_HOLD}?{urlencode({'reference': reference})}"


def password_link(secret: str) -> str:
    return f"/password/{secret}"


def users(query: Mapping[str, str]) -> str:
    asked = {name: value for name, value in query.items() if value}
    return f"{USERS}?{urlencode(asked)}" if asked else USERS


def user(user_id: object, part: str = "") -> str:
    """`part` is what can be done to the account, such as deactivate."""
    return f"{USERS}/{user_id}/{part}" if part else f"{USERS}/{user_id}"


def access(cursor: str) -> str:
    return f"{ACCESS}?{urlencode({'cursor': cursor})}"
