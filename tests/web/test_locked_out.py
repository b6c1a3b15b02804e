"""An account that may be in other hands is shut at once: nothing that it owns has to find somebody else first."""

from datetime import UTC, datetime

from referrals.domain.accounts import TicketKind
from referrals.models.engine import Database
from referrals.models.referral import Referral
from referrals.models.second_factor import Passkey
from referrals.models.user import User
from referrals.pathway.second_factor import factors_of
from referrals.pathway.tickets import is_living, make_ticket
from tests.factories import World
from tests.web.conftest import Send
from tests.web.test_accounts import ADMIN, COORDINATOR, Come, acts, in_review, page_of


def test_an_account_in_other_hands_is_locked_at_once_whatever_rests_on_it(
    db: Database, world: World, visitor: Come, send: Send
):
    admin = visitor(ADMIN)
    thief, owned, now = visitor(COORDINATOR), in_review(world, send), datetime.now(UTC)
    with db.writing() as session:
        owner = session.get_one(User, world.people[COORDINATOR].id)
        link = make_ticket(session, owner, TicketKind.RESET, "a secret", now)
        made = {"network_id": owner.network_id, "user_id": owner.id, "created_at": now}
        session.add(Passkey(name="Theirs", credential_id="c", public_key="k", sign_count=0, **made))
    admin.get(page_of(world, COORDINATOR)).follow_link("Lock the account").press("Lock it")
    assert not thief.is_in()
    assert visitor().sign_in(COORDINATOR).status == 422
    with db.reading() as session:
        assert not factors_of(session, session.get_one(User, owner.id)).is_set_up
        assert not is_living(session, link.id, datetime.now(UTC))
        assert session.get_one(Referral, owned.id).owner_id == world.people[COORDINATOR].id
    assert admin.get(page_of(world, ADMIN, "/lock")).press("Lock it").status == 409
    assert acts(db) == ["lock"]
