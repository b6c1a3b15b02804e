"""What each step is called on a button, what it does in one sentence, and what the timeline says afterward."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Words(NamedTuple):
    label: str
    explains: str
    happened: str


STEP_WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "submit": Words(
            "Send the referral", "The network receives it, judges it and promises a date.", "Sent to the network"
        ),
        "claim": Words("Take it", "You own the referral and look after its triage.", "Taken"),
        "release": Words(
            "Give it back to the team", "The referral has no owner again; anyone may take it.", "Given back to the team"
        ),
        "request-information": Words(
            "Ask for information", "Someone is asked for what is missing, by a set time.", "Information asked for"
        ),
        "answer-information": Words(
            "Answer the question", "What was asked is recorded, with where it comes from.", "Question answered"
        ),
        "proceed-without": Words(
            "Go on without it",
            "The referral goes on without the missing items, each with a reason.",
            "Went on without it",
        ),
        "update-facts": Words(
            "Update the clinical facts",
            "New facts are kept beside the old and the priority is judged again.",
            "Clinical facts updated",
        ),
        "complete-triage": Words(
            "Complete triage", "The priority stands and the referral waits for a center.", "Triage completed"
        ),
        "decline": Words(
            "Decline", "The network does not take the referral on; the referrer gets the reason and advice.", "Declined"
        ),
        "contest": Words(
            "Contest the decision", "Another clinical lead looks at the referral again.", "Decision contested"
        ),
        "offer": Words("Send to a center", "One center is asked to answer, by a set time.", "Offered to a center"),
        "accept": Words("Accept", "Your center takes the referral and a place is used.", "Accepted by the center"),
        "decline-offer": Words(
            "Decline the offer", "The place is free again and another center is asked.", "Offer declined by the center"
        ),
        "lapse": Words(
            "Let the offer lapse",
            "The center did not answer in time; the referral returns to the queue.",
            "Offer lapsed",
        ),
        "withdraw-offer": Words(
            "Take the offer back", "The center is no longer asked and its place is free again.", "Offer taken back"
        ),
        "start-review": Words(
            "Start the review", "A named specialist begins work and the review clock starts.", "Review started"
        ),
        "change-specialist": Words(
            "Change the specialist", "Another specialist of the center goes on with the review.", "Specialist changed"
        ),
        "return": Words(
            "Give it back",
            "The center cannot answer after all; the coordinator finds another.",
            "Given back by the center",
        ),
        "recall": Words(
            "Recall from the center",
            "The center stops, its notes are kept, and the referral waits for another.",
            "Recalled from the center",
        ),
        "interim-advice": Words(
            "Send advice now", "The referrer gets this advice at once; the review goes on.", "Advice sent"
        ),
        "undo": Words("Undo", "Your last answer to the offer is taken back.", "Answer to the offer undone"),
        "extend": Words("Give more time", "The question gets one later due time, with a reason.", "More time given"),
        "sign-opinion": Words("Sign the opinion", "The opinion is final and goes to the referrer.", "Opinion signed"),
        "amend-opinion": Words(
            "Amend the opinion", "A new version replaces the opinion; the referrer reads it again.", "Opinion amended"
        ),
        "acknowledge": Words(
            "I have read the opinion", "You confirm that you read it and record your plan.", "Opinion read"
        ),
        "close": Words(
            "Close with the outcome", "You record what became of each recommendation; nothing more is due.", "Closed"
        ),
        "withdraw": Words(
            "Withdraw the referral",
            "The referrer or the patient no longer wants the opinion; all are told.",
            "Withdrawn",
        ),
        "request-withdrawal": Words(
            "Ask to withdraw",
            "A center is already working: it is asked to stop and may attach what it found.",
            "Withdrawal asked for",
        ),
        "confirm-withdrawal": Words(
            "Confirm the withdrawal", "The center stops and the referral ends.", "Withdrawal confirmed"
        ),
        "cancel": Words(
            "Cancel the referral",
            "The network ends it: duplicate, deceased, another route or out of scope.",
            "Canceled",
        ),
        "change-clinician": Words(
            "Change the clinician",
            "Another clinician of the organization answers for the referral.",
            "Clinician changed",
        ),
        "join": Words(
            "Add a clinician", "One more clinician is told of every step and reads the opinion.", "Clinician added"
        ),
        "mark-error": Words(
            "Mark as a mistake", "The referral should never have existed: it is kept and hidden.", "Marked as a mistake"
        ),
        "reopen": Words(
            "Start again from it",
            "A new draft with the same content is made; the old referral stays as it is.",
            "Started again",
        ),
        "reassess": Words(
            "Check the priority again", "The active policy judges the current facts again.", "Priority judged again"
        ),
        "override": Words(
            "Change the priority",
            "A person sets another priority for a while, with a reason.",
            "Priority changed by a person",
        ),
        "assign-owner": Words("Assign", "A named coordinator looks after the referral from now on.", "Assigned"),
    }
)
