"""Tokens over HTTP: the operator issues and revokes; everybody may ask who they are."""

from schemas.ids import new_id
from tests.integration.api.test_commands import problem
from tests.integration.api.world import World


def test_a_token_is_issued_once_used_and_revoked(world: World) -> None:
    party = world.party("Anna").party
    officer = world.officer()
    body = {"party": party, "roles": ["holder"], "name": "Anna's laptop"}
    response = officer.post("/v1/tokens", json=body)
    assert response.status_code == 201
    assert response.headers["cache-control"] == "no-store"
    issued = response.json()
    anna = world.client(issued["token"])
    me = anna.get("/v1/me").json()
    assert (me["party"], me["roles"], me["token"]) == (party, ["holder"], issued["id"])
    listed = officer.get("/v1/tokens")
    assert issued["token"].partition(".")[2] not in listed.text
    assert issued["id"] in {row["id"] for row in listed.json()["items"]}
    assert officer.http.delete(f"/v1/tokens/{issued['id']}").status_code == 204
    problem(anna.get("/v1/me"), 401, "token_invalid")


def test_only_the_operator_issues_tokens(world: World) -> None:
    anna = world.party("Anna")
    body = {"party": anna.party, "roles": ["auditor"], "name": "more"}
    problem(anna.post("/v1/tokens", json=body), 403, "role_missing")
    problem(anna.get("/v1/tokens"), 403, "role_missing")
    problem(anna.http.delete("/v1/tokens/x"), 403, "role_missing")
    problem(world.nobody.post("/v1/tokens", json=body), 401, "token_missing")


def test_a_token_for_nobody_or_nothing_is_refused(world: World) -> None:
    officer = world.officer()
    stranger = {"party": new_id("pty"), "roles": ["holder"], "name": "stranger"}
    problem(officer.post("/v1/tokens", json=stranger), 400, "request_invalid")
    body = {"party": officer.party, "roles": ["king"], "name": "x"}
    problem(officer.post("/v1/tokens", json=body), 400, "value_unknown")
    body = {"party": officer.party, "roles": [], "name": "x"}
    problem(officer.post("/v1/tokens", json=body), 400, "request_invalid")
    problem(officer.http.delete("/v1/tokens/nobody"), 404, "not_found")


def test_another_scheme_is_no_token(world: World) -> None:
    response = world.nobody.get("/v1/me", headers={"Authorization": "Basic YTpi"})
    problem(response, 401, "token_invalid")
