"""Who is there: the caller itself, its people, the organizations of its network."""

from flask import Blueprint

from referrals.api import shapes
from referrals.api.call import Answer, Call
from referrals.api.endpoint import endpoint
from referrals.api.lists import listing, page, split
from referrals.boundary.schemas.queries import Page, PeopleAsked
from referrals.domain.people import Role
from referrals.pathway.directory import colleagues, find_own_organization, organizations_in
from referrals.pathway.sandbox import is_sandbox

directory = Blueprint("directory", __name__)


@directory.get("/me")
@endpoint(gives=shapes.Me)
def me(call: Call) -> Answer:
    """Who the caller is to us: its organization, its scopes, our time."""
    actor = call.actor
    home = find_own_organization(call.session, actor)
    return Answer(
        {
            "organization": {"id": home.id, "code": home.code, "name": home.name, "kind": home.kind},
            "client": call.client_name,
            "person": {"id": actor.user_id, "name": actor.name} if actor.is_person else None,
            "scopes": sorted(actor.scopes),
            "sandbox": is_sandbox(call.session, actor.network_id),
            "server_time": call.now,
        }
    )


@directory.get("/users")
@endpoint(gives=shapes.UserOut, asks=PeopleAsked, listed=True)
def users(call: Call) -> Answer:
    """The people of the caller's organization, by name."""
    asked = listing(call, "users", PeopleAsked)
    role = Role(asked.filters["role"]) if "role" in asked.filters else None
    people, more = split(colleagues(call.session, call.actor, role, asked.after, asked.limit + 1), asked.limit)
    items = [
        {"id": person.id, "name": person.name, "email": person.email, "roles": roles, "active": person.active}
        for person, roles in people
    ]
    after = (people[-1][0].name, people[-1][0].id) if more else None
    return page(call, asked, "/users", items, after)


@directory.get("/organizations")
@endpoint(gives=shapes.OrganizationOut, asks=Page, listed=True)
def organizations(call: Call) -> Answer:
    """The organizations of the network, by code."""
    asked = listing(call, "organizations", Page)
    rows = organizations_in(call.session, call.actor.network_id, asked.after, asked.limit + 1)
    found, more = split(rows, asked.limit)
    items = [{"id": each.id, "code": each.code, "name": each.name, "kind": each.kind} for each in found]
    return page(call, asked, "/organizations", items, (found[-1].code, found[-1].id) if more else None)
