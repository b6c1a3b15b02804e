"""The columns that the bench fills, table by table; a column that is not named stays empty.

Values are texts and numbers that SQLite and PostgreSQL read alike: ids as 32 digits, times in UTC, JSON as text.
"""

from collections.abc import Mapping
from types import MappingProxyType

_NAMES = {
    "patient": """id network_id organization_id given_name family_name birth_date sex language interpreter_needed
        postal_code country version created_at updated_at""",
    "patient_identifier": "id network_id organization_id patient_id system locked blind",
    "patient_word": "patient_id word network_id",
    "diagnosis": """id network_id organization_id patient_id icd10cm uncoded morphology description diagnosed_on basis
        certainty stage_system stage_group stage_t stage_n stage_m metastatic_sites disease_status treatments_recorded
        version created_at updated_at""",
    "biomarker": "id network_id diagnosis_id position name value",
    "treatment": """id network_id diagnosis_id position line modality regimen intent status started_on best_response
        stop_reason version created_at updated_at""",
    "referral": """id network_id organization_id reference external_reference patient_id diagnosis_id clinician_id
        status resume_status waiting_on next_action next_action_due_at segment_started_at owner_id center_id version
        created_at updated_at submitted_at triaged_at ended_at due_at order_at arrived_at
        purposes questions facts_version assessment_number computed_tier soonest_tier tier provisional
        patient_given_name patient_family_name patient_birth_date patient_sex icd10cm description morphology
        tumor_family reasons aggressive resistant rare complex""",
    "facts": "id network_id referral_id version kind content author_name created_at",
    "consent": "id network_id referral_id given given_on given_by scope",
    "assessment": """id network_id referral_id number facts_version policy_version tier provisional judgement changes
        reason author_name created_at""",
    "receipt": "id network_id organization_id door outcome referral_id external_reference reasons actor_name at",
    "event": """id network_id referral_id version step from_status to_status at user_id organization_id actor_name
        party data""",
    "outbox": "network_id event_id topic created_at done_at referrer_id center_id sequence",
    "feed_end": "network_id sequence",
    "reference_counter": "network_id year last",
}

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {table: tuple(names.split()) for table, names in _NAMES.items()}
)
