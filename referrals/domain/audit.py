"""What the audit says in its entries: one table of actions and one of entities, in words."""

from collections.abc import Mapping
from types import MappingProxyType

from referrals.domain.break_glass import ACTION as BREAK_GLASS
from referrals.domain.retention import ERASE, HOLD, LEGAL_HOLD, LIFT
from referrals.domain.second_factor import HAPPENED
from referrals.domain.step_words import STEP_WORDS

DENIED, EXPORT, LIST = "denied", "export", "list"
AUDIT = "audit"
MOST_DAYS = 366
USUAL_DAYS = 30

ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        **{happening.value: words for happening, words in HAPPENED.items()},
        "read": "Read",
        LIST: "Seen in a list",
        "search": "Found by a search",
        "compare": "Compared",
        "download": "File opened",
        EXPORT: "Exported",
        "reconcile": "Reconciled with a partner’s list",
        "read-advice": "Advice read",
        "read-contact": "Contact read",
        "read-contacts": "Contacts read",
        "read-documents": "List of documents read",
        "read-events": "Followed in the feed",
        "read-letter": "Letter opened for printing",
        "read-matches": "Fitting centers read",
        "read-messages": "Messages read",
        "read-network-gap": "Gaps of the network read",
        "read-offer": "Offer read",
        "list-offers": "Offers read",
        "read-opinion": "Opinion opened",
        "read-plan": "Plan read",
        "read-receipts": "Receipts read",
        "read-record": "Record read",
        "seen-by": "List of those who saw it, opened",
        DENIED: "Denied",
        BREAK_GLASS: "Opened by break-glass",
        "review-break-glass": "Break-glass reviewed",
        HOLD: "Legal hold set",
        LIFT: "Legal hold lifted",
        ERASE: "Erased",
        "damaged": "Found damaged",
        "replay": "Answer given again",
        "create": "Created",
        "edit": "Changed",
        "preferences": "Preferences changed",
        "delete": "Deleted",
        "write": "Written",
        "mark-read": "Marked as read",
        "save-draft": "Draft saved",
        "purge": "Old draft removed",
        "attach": "File attached",
        "set-aside": "File set aside",
        "check": "Checked",
        "import": "Import begun",
        "cancel": "Called off",
        "capacity": "Places changed",
        "pause": "Center paused",
        "end-pause": "Pause ended",
        "seed": "Added from the published list",
        "trials": "Trials loaded",
        "ask": "Plan asked for",
        "approve-plan": "Plan approved",
        "end-chain": "Chain of centers ended",
        "done": "Task done",
        "seen": "Refusal seen",
        "retry": "Tried again",
        "rotate": "Secret renewed",
        "revoke": "Switched off",
        "switch": "Switched on or off",
        "switch-on": "Switched on",
        "lock": "Account locked",
        "change": "Name, scopes or limit changed",
        "keys": "Keys registered",
        "end-old-secret": "Old secret ended",
        "end-tokens": "Tokens ended",
        "test": "Test sent",
        "outcome-link": "Outcome told by a link",
        "report-condition": "Condition told",
        "hand-in-opinion": "Opinion handed in",
        "record-original": "Original of an opinion kept",
        "record-undo": "Answer of a center outside taken back",
        "send-back-opinion": "Opinion sent back",
        "sign-off-opinion": "Opinion signed off",
    }
)

ENTITIES: Mapping[str, str] = MappingProxyType(
    {
        "referral": "Referral",
        "patient": "Patient",
        "diagnosis": "Diagnosis",
        "treatment": "Treatment",
        "document": "Document",
        "message": "Message",
        "contact": "Contact",
        "answer": "Answer kept for a repeat",
        "center": "Center",
        "organization": "Organization",
        "user": "Person",
        "client": "Partner system",
        "plan": "Plan",
        "task": "Task",
        "receipt": "Receipt",
        "delivery": "Letter",
        "certificate": "Proof of the record",
        "notification": "Notification",
        "import": "Import",
        "report": "Report",
        "webhook_subscription": "Webhook",
        "webhook_delivery": "Message of a webhook",
        "address": "Address",
        "page": "Page",
        "break_glass": "Break-glass",
        LEGAL_HOLD: "Legal hold",
        AUDIT: "Audit",
    }
)


def action_words(action: str) -> str:
    """A word that this table lacks is still readable."""
    if action in STEP_WORDS:
        return STEP_WORDS[action].happened
    return ACTIONS.get(action) or _plain(action)


def entity_words(entity: str) -> str:
    return ENTITIES.get(entity) or _plain(entity)


def _plain(word: str) -> str:
    return word.replace("_", " ").replace("-", " ").capitalize()
