"""The words that partners may send and that we answer with, each list exactly as the API publishes it."""

from enum import StrEnum


class Tier(StrEnum):
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"

    @property
    def rank(self) -> int:
        """1 is the soonest."""
        return int(self.value[1])


class Criterion(StrEnum):
    """In the order in which they are always shown."""

    AGGRESSIVE = "aggressive"
    RESISTANT = "resistant"
    RARE = "rare"
    COMPLEX = "complex"


class VerdictWord(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


class WaitingOn(StrEnum):
    REFERRER = "referrer"
    COORDINATOR = "coordinator"
    CENTER = "center"
    THIRD_PARTY = "third_party"


class CoreStatus(StrEnum):
    """The short list of statuses that partners need."""

    DRAFT = "draft"
    OPEN = "open"
    ACTION_REQUIRED = "action_required"
    IN_REVIEW = "in_review"
    ANSWERED = "answered"
    CLOSED = "closed"
    ENDED = "ended"


class Purpose(StrEnum):
    CONFIRM_DIAGNOSIS = "confirm_diagnosis"
    TREATMENT_OPTIONS = "treatment_options"
    PEACE_OF_MIND = "peace_of_mind"
    COMPLEX_CASE = "complex_case"


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class Modality(StrEnum):
    SURGERY = "surgery"
    CHEMOTHERAPY = "chemotherapy"
    RADIATION = "radiation"
    IMMUNOTHERAPY = "immunotherapy"
    TARGETED = "targeted"
    HORMONE = "hormone"
    CELL_THERAPY = "cell_therapy"
    TRANSPLANT = "transplant"
    LOCOREGIONAL = "locoregional"
    SUPPORTIVE = "supportive"
    OTHER = "other"


class TreatmentStatus(StrEnum):
    GIVEN = "given"
    PLANNED = "planned"


class Intent(StrEnum):
    CURATIVE = "curative"
    ADJUVANT = "adjuvant"
    NEOADJUVANT = "neoadjuvant"
    PALLIATIVE = "palliative"
    OTHER = "other"


class BestResponse(StrEnum):
    CR = "CR"
    PR = "PR"
    MR = "MR"
    SD = "SD"
    PD = "PD"
    NR = "NR"
    NE = "NE"


class DiseaseStatus(StrEnum):
    NEWLY_DIAGNOSED = "newly_diagnosed"
    STABLE = "stable"
    RESPONDING = "responding"
    PROGRESSION = "progression"
    RECURRENCE = "recurrence"
    REFRACTORY = "refractory"
    REMISSION = "remission"
    SECOND_PRIMARY = "second_primary"
    UNKNOWN = "unknown"


class Certainty(StrEnum):
    CONFIRMED = "confirmed"
    PROVISIONAL = "provisional"
    UNCERTAIN = "uncertain"
    CONFLICTING = "conflicting"


class Basis(StrEnum):
    HISTOLOGY = "histology"
    CYTOLOGY = "cytology"
    IMAGING = "imaging"
    CLINICAL = "clinical"
    OTHER = "other"


class StageSystem(StrEnum):
    AJCC7 = "AJCC7"
    AJCC8 = "AJCC8"
    AJCC9 = "AJCC9"
    FIGO = "FIGO"
    ANN_ARBOR = "AnnArbor"
    LUGANO = "Lugano"
    ISS = "ISS"
    RISS = "RISS"
    RAI = "Rai"
    BINET = "Binet"
    BCLC = "BCLC"
    INRG = "INRG"
    OTHER = "other"


class NeededByKind(StrEnum):
    SURGERY = "surgery"
    TREATMENT_START = "treatment_start"
    TUMOR_BOARD = "tumor_board"
    FERTILITY = "fertility"
    DELIVERY = "delivery"
    OTHER = "other"


class ConsentGivenBy(StrEnum):
    PATIENT = "patient"
    PARENT = "parent"
    GUARDIAN = "guardian"
    REPRESENTATIVE = "representative"


class ConsentScope(StrEnum):
    SHARE_WITH_CENTERS = "share_with_centers"


class DocumentKind(StrEnum):
    PATHOLOGY = "pathology"
    IMAGING = "imaging"
    GENOMICS = "genomics"
    OPERATIVE = "operative"
    DISCHARGE = "discharge"
    LETTER = "letter"
    OTHER = "other"


class OverrideReason(StrEnum):
    CLINICAL_JUDGEMENT = "clinical_judgement"
    PATIENT_SAFETY = "patient_safety"
    DATA_ERROR = "data_error"
    TIME_CRITICAL = "time_critical"


class FactsKind(StrEnum):
    CORRECTION = "correction"
    NEW_EVENT = "new_event"


class AskedParty(StrEnum):
    REFERRER = "referrer"
    LABORATORY = "laboratory"
    PATIENT = "patient"
    CENTER = "center"
    PAYER = "payer"


class DeclineReason(StrEnum):
    OUT_OF_SCOPE = "out_of_scope"
    NOT_INDICATED = "not_indicated"
    ALREADY_ANSWERED = "already_answered"
    ADMINISTRATIVE = "administrative"
    OTHER = "other"


class DeclineOfferReason(StrEnum):
    """Why a center declines an offer, or returns what it had accepted."""

    CAPACITY = "capacity"
    EXPERTISE = "expertise"
    CONFLICT = "conflict"
    INCOMPLETE = "incomplete"
    OTHER = "other"


class WithdrawReason(StrEnum):
    PATIENT_CHOICE = "patient_choice"
    TREATED_ELSEWHERE = "treated_elsewhere"
    NO_LONGER_NEEDED = "no_longer_needed"
    DECEASED = "deceased"
    OTHER = "other"


class CancelReason(StrEnum):
    DUPLICATE = "duplicate"
    DECEASED = "deceased"
    OTHER_ROUTE = "other_route"
    OUT_OF_SCOPE = "out_of_scope"


class Plan(StrEnum):
    """What the referrer means to do with an opinion."""

    FOLLOW = "follow"
    PARTLY = "partly"
    NOT = "not"
    DISCUSS = "discuss"


class OutcomeResult(StrEnum):
    FOLLOWED = "followed"
    PARTLY = "partly"
    NOT = "not"
    UNKNOWN = "unknown"


class ContactWith(StrEnum):
    """Whom somebody tried to reach."""

    REFERRER = "referrer"
    PATIENT = "patient"
    LABORATORY = "laboratory"
    CENTER = "center"
    OTHER = "other"


class Channel(StrEnum):
    PHONE = "phone"
    LETTER = "letter"
    FAX = "fax"
    MAIL = "mail"
    IN_PERSON = "in_person"


class ContactOutcome(StrEnum):
    REACHED = "reached"
    NOT_REACHED = "not_reached"
    TOLD_AND_READ_BACK = "told_and_read_back"
    LEFT_MESSAGE = "left_message"


class Axis(StrEnum):
    DIAGNOSIS = "diagnosis"
    STAGE = "stage"
    BIOMARKERS = "biomarkers"
    TREATMENT = "treatment"


class FindingResult(StrEnum):
    CONFIRMED = "confirmed"
    REFINED = "refined"
    CHANGED = "changed"
    NOT_ASSESSABLE = "not_assessable"


class Impact(StrEnum):
    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"


class RecommendationKind(StrEnum):
    TREATMENT = "treatment"
    TEST = "test"
    TRIAL = "trial"
    SURVEILLANCE = "surveillance"
    SUPPORTIVE = "supportive"
    REFERRAL = "referral"


class Strength(StrEnum):
    STRONG = "strong"
    WEAK = "weak"


class Urgency(StrEnum):
    NOW = "now"
    WEEKS = "weeks"
    ROUTINE = "routine"


class PolicyStatus(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    ACTIVE = "active"
    RETIRED = "retired"
