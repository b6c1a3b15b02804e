"""Invariants of the networks: each has its rules, and no row reaches into another's."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from referrals.models.assessment import Assessment, Policy
from referrals.models.base import Base
from referrals.models.break_glass import BreakGlass
from referrals.models.center import Capacity, Expertise, LineLimit
from referrals.models.contact import Contact
from referrals.models.delivery import Delivery
from referrals.models.diagnosis import Diagnosis
from referrals.models.document import Document
from referrals.models.fallback import Fallback
from referrals.models.import_run import ImportLine, ImportRun
from referrals.models.known_center import CenterConflict, Trial
from referrals.models.message import Message
from referrals.models.offer import JoinedClinician, Offer
from referrals.models.opinion import Opinion
from referrals.models.organization import ApiClient, Network, Organization
from referrals.models.patient import Patient
from referrals.models.plan import Plan, PlannedOffer
from referrals.models.question import InformationItem, InformationRequest
from referrals.models.referral import Consent, Facts, Referral
from referrals.models.retention import LegalHold
from referrals.models.second_factor import AuthenticatorApp, Passkey, RecoveryCode
from referrals.models.single_sign_on import UserIdentity
from referrals.models.task import Task
from referrals.models.ticket import UserTicket
from referrals.models.trail import Event, Notification, Outbox
from referrals.models.user import Membership, User
from referrals.models.webhook import WebhookDelivery, WebhookSubscription
from referrals.pathway.integrity.finding import Break, Invariant, Look


def networks_without_rules(look: Look) -> Iterator[Break]:
    active = aliased(Policy)
    query = (
        select(Network.code, func.count(active.id))
        .join(active, and_(active.network_id == Network.id, active.status == "active"), isouter=True)
        .group_by(Network.id, Network.code)
        .having(func.count(active.id) != 1)
    )
    for code, count in look.rows(query):
        yield Break(f"network {code}", f"has {count} active policies")


def strangers(look: Look) -> Iterator[Break]:
    """A row and what it points to belong to one network."""
    for table, column, other in _TIES:
        there: Any = aliased(other)
        key = next(iter(table.__table__.primary_key))
        query = select(key).join(there, there.id == column).where(there.network_id != table.network_id)
        for row in look.rows(query):
            yield Break(f"{table.__tablename__} {row[0]}", f"reaches into another network's {other.__tablename__}")


_TIES: tuple[tuple[Any, Any, type[Base]], ...] = (
    (Referral, Referral.organization_id, Organization),
    (Referral, Referral.patient_id, Patient),
    (Referral, Referral.diagnosis_id, Diagnosis),
    (Referral, Referral.clinician_id, User),
    (Referral, Referral.owner_id, User),
    (Referral, Referral.center_id, Organization),
    (Patient, Patient.organization_id, Organization),
    (LegalHold, LegalHold.patient_id, Patient),
    (LegalHold, LegalHold.referral_id, Referral),
    (LegalHold, LegalHold.set_by_id, User),
    (Diagnosis, Diagnosis.patient_id, Patient),
    (Facts, Facts.referral_id, Referral),
    (Assessment, Assessment.referral_id, Referral),
    (Consent, Consent.referral_id, Referral),
    (InformationRequest, InformationRequest.referral_id, Referral),
    (Message, Message.referral_id, Referral),
    (Message, Message.center_id, Organization),
    (InformationRequest, InformationRequest.organization_id, Organization),
    (InformationItem, InformationItem.request_id, InformationRequest),
    (Event, Event.referral_id, Referral),
    (Document, Document.referral_id, Referral),
    (Opinion, Opinion.referral_id, Referral),
    (Opinion, Opinion.center_id, Organization),
    (Contact, Contact.referral_id, Referral),
    (Outbox, Outbox.event_id, Event),
    (Outbox, Outbox.referrer_id, Organization),
    (Outbox, Outbox.center_id, Organization),
    (Notification, Notification.user_id, User),
    (Offer, Offer.referral_id, Referral),
    (Offer, Offer.center_id, Organization),
    (Expertise, Expertise.center_id, Organization),
    (Capacity, Capacity.center_id, Organization),
    (Trial, Trial.center_id, Organization),
    (CenterConflict, CenterConflict.center_id, Organization),
    (CenterConflict, CenterConflict.organization_id, Organization),
    (LineLimit, LineLimit.center_id, Organization),
    (PlannedOffer, PlannedOffer.plan_id, Plan),
    (PlannedOffer, PlannedOffer.referral_id, Referral),
    (PlannedOffer, PlannedOffer.center_id, Organization),
    (PlannedOffer, PlannedOffer.runner_up_id, Organization),
    (Fallback, Fallback.referral_id, Referral),
    (Fallback, Fallback.center_id, Organization),
    (JoinedClinician, JoinedClinician.user_id, User),
    (Delivery, Delivery.user_id, User),
    (Task, Task.user_id, User),
    (Task, Task.referral_id, Referral),
    (Task, Task.center_id, Organization),
    (WebhookSubscription, WebhookSubscription.organization_id, Organization),
    (WebhookSubscription, WebhookSubscription.client_id, ApiClient),
    (WebhookDelivery, WebhookDelivery.subscription_id, WebhookSubscription),
    (Membership, Membership.organization_id, Organization),
    (UserTicket, UserTicket.user_id, User),
    (ImportRun, ImportRun.organization_id, Organization),
    (ImportLine, ImportLine.import_id, ImportRun),
    (ApiClient, ApiClient.organization_id, Organization),
    (AuthenticatorApp, AuthenticatorApp.user_id, User),
    (Passkey, Passkey.user_id, User),
    (RecoveryCode, RecoveryCode.user_id, User),
    (UserIdentity, UserIdentity.user_id, User),
    (BreakGlass, BreakGlass.referral_id, Referral),
    (BreakGlass, BreakGlass.user_id, User),
    (BreakGlass, BreakGlass.organization_id, Organization),
)


def records_of_others(look: Look) -> Iterator[Break]:
    """A referral, its patient and its diagnosis are the same organization's, and the same person's."""
    query = (
        select(Referral.reference)
        .join(Patient, Patient.id == Referral.patient_id)
        .join(Diagnosis, Diagnosis.id == Referral.diagnosis_id, isouter=True)
        .where(
            or_(
                Patient.organization_id != Referral.organization_id,
                Diagnosis.organization_id != Referral.organization_id,
                Diagnosis.patient_id != Referral.patient_id,
            )
        )
    )
    for row in look.rows(query):
        yield Break(row.reference, "speaks of another organization's patient, or of another patient's diagnosis")


TENANCY = (
    Invariant("rules", "Every network has exactly one active policy", Network, networks_without_rules),
    Invariant("networks", "No row reaches into another network", Organization, strangers),
    Invariant(
        "records",
        "Every referral speaks of its own organization's patient and that patient's diagnosis",
        Patient,
        records_of_others,
    ),
)
