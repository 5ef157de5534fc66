"""Is what was read what was authorized? Pure; the finisher completes only if nothing differs.

The worker's word is not enough (contracts, section 8): URN, claim signer, reference rows (canonical
JSON) and ingredient set of the file itself are held against the authorization. That the sound holds
what the rows say is not shown by this, nor by anything else here.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, get_args

from ledger.provenance.model import ManifestReading
from schemas import canonical
from schemas.manifest import ingredient_set
from schemas.model import Text, Wire
from schemas.terms import AuthorizedReference

DifferenceCode = Literal[
    "manifest_not_trusted",  # the reading's state is not `trusted`
    "urn_differs",  # the manifest of another generation
    "signer_differs",  # signed by another certificate than the assigned worker's
    "assertion_missing",  # no assertion of ours, or none that can be read
    "authorization_differs",  # it carries another entry, or another position
    "row_missing",  # a reference was authorized and is not in the file
    "row_added",  # a reference is in the file and was not authorized
    "row_differs",  # a row with another weight, role, segment …
    "ingredient_missing",  # a recording was authorized and is no ingredient
    "ingredient_added",  # an ingredient that was not authorized
    "ingredient_repeated",  # one recording as two ingredients
    "relationship_differs",  # copied is said to be conditioning, or the other way
    "actions_differ",  # not: created from all ingredients, placed those that are copied
    "source_type_differs",  # another kind of making than the model's
]
"""Every way in which a file can differ from its authorization."""

DIFFERENCE_CODES: Final[tuple[DifferenceCode, ...]] = get_args(DifferenceCode)
"""Every code, in the order in which differences are told."""

_SHOWN_CHARACTERS: Final = 120  # of each value: the log takes 400 a difference


@dataclass(frozen=True)
class Authorized:
    """What the ledger authorized, as far as a file repeats it.

    `signers` are the SHA-256 of the assigned worker's certificates, none where it has not said yet
    which is its own; `entry` and `position` are the authorization's; `source_type` is the IPTC URI
    of the model, or None where it registered none.
    """

    urn: str
    signers: frozenset[str]
    references: tuple[AuthorizedReference, ...]
    position: int
    entry: bytes
    source_type: str | None = None


class Difference(Wire):
    """One difference: its code, where (a JSON pointer into the assertion), and both values."""

    code: DifferenceCode
    pointer: str = ""
    authorized: Text | None = None
    found: Text | None = None

    def __str__(self) -> str:
        """Write it as one line for the log."""
        where = f" {self.pointer}" if self.pointer else ""
        return f"{self.code}{where}: authorized {self.authorized}, found {self.found}"


class MismatchError(Exception):
    """The file is not what was authorized; `differences` says in what, at least one."""

    def __init__(self, differences: tuple[Difference, ...]) -> None:
        super().__init__("; ".join(str(difference) for difference in differences))
        self.differences = differences


def require_match(authorized: Authorized, reading: ManifestReading) -> None:
    """Return if the file is whole, ours and as authorized; raise `MismatchError` otherwise."""
    if found := differences(authorized, reading):
        raise MismatchError(found)


def differences(authorized: Authorized, reading: ManifestReading) -> tuple[Difference, ...]:
    """Return everything in which the file differs from its authorization, in a fixed order."""
    return (
        *_claim(authorized, reading),
        *_rows(authorized, reading),
        *_ingredients(authorized, reading),
        *_actions(authorized, reading),
    )


def _difference(
    code: DifferenceCode, authorized: object = None, found: object = None, pointer: str = ""
) -> Difference:
    def shown(value: object) -> str | None:
        return None if value is None else str(value)[:_SHOWN_CHARACTERS] or "nothing"

    return Difference(code=code, pointer=pointer, authorized=shown(authorized), found=shown(found))


def _claim(authorized: Authorized, reading: ManifestReading) -> Iterator[Difference]:
    if reading.state != "trusted":
        read = " ".join(dict.fromkeys((reading.state, *reading.failure_codes())))
        yield _difference("manifest_not_trusted", "trusted", read)
    if reading.urn != authorized.urn:
        yield _difference("urn_differs", authorized.urn, reading.urn)
    signer = None if reading.signer is None else reading.signer.certificate_sha256
    if signer not in authorized.signers:
        yield _difference("signer_differs", " ".join(sorted(authorized.signers)), signer)


def _rows(authorized: Authorized, reading: ManifestReading) -> Iterator[Difference]:
    if reading.assertion is None:
        yield _difference("assertion_missing", found=reading.assertion_problem)
        return
    carried = reading.assertion.authorization
    if carried.position != authorized.position:
        yield _difference("authorization_differs", authorized.position, carried.position)
    if carried.entry != canonical.b64u(authorized.entry):
        yield _difference("authorization_differs", pointer="/authorization/entry")
    wanted = [_canonical(reference) for reference in authorized.references]
    found = [_canonical(reference) for reference in reading.assertion.references]
    for row in range(max(len(wanted), len(found))):
        pointer = f"/references/{row}"
        if row >= len(found):
            yield _difference("row_missing", wanted[row], None, pointer)
        elif row >= len(wanted):
            yield _difference("row_added", None, found[row], pointer)
        elif wanted[row] != found[row]:
            yield _row_difference(authorized.references[row], reading, row)


def _row_difference(wanted: AuthorizedReference, reading: ManifestReading, row: int) -> Difference:
    """Name the first field in which a row differs; the row's canonical JSON is what decides."""
    assert reading.assertion is not None
    found = reading.assertion.references[row].data()
    for field, value in wanted.data().items():
        if found[field] != value:
            return _difference("row_differs", value, found[field], f"/references/{row}/{field}")
    raise AssertionError("rows differ in no field")


def _canonical(reference: AuthorizedReference) -> str:
    return canonical.encode(reference.data()).decode()


def _ingredients(authorized: Authorized, reading: ManifestReading) -> Iterator[Difference]:
    wanted = ingredient_set(authorized.references)
    counted = Counter(ingredient.instance_id for ingredient in reading.ingredients)
    found = {i.instance_id: i.relationship for i in reading.ingredients}
    for recording, relationship in wanted.items():
        if recording not in found:
            yield _difference("ingredient_missing", recording)
        elif found[recording] != relationship:
            read = f"{recording} {found[recording]}"
            yield _difference("relationship_differs", f"{recording} {relationship}", read)
    for instance, times in counted.items():
        if instance not in wanted:
            yield _difference("ingredient_added", found=instance or "an ingredient without id")
        elif times > 1:
            yield _difference("ingredient_repeated", f"{instance} once", f"{times} times")


def _actions(authorized: Authorized, reading: ManifestReading) -> Iterator[Difference]:
    """Want it created from every recording, then those placed whose sound is copied, no more."""
    ingredients = ingredient_set(authorized.references)
    placed = {name for name, how in ingredients.items() if how == "componentOf"}
    wanted = [("c2pa.created", sorted(ingredients))]
    wanted += [("c2pa.placed", sorted(placed))] if placed else []
    found = [(action.action, sorted(action.ingredients)) for action in reading.actions]
    if found != wanted or not reading.all_actions_included:
        read = " ".join(name for name, _ in found) or "none"
        yield _difference("actions_differ", " ".join(name for name, _ in wanted), read)
    if authorized.source_type not in {None, reading.source_type}:
        yield _difference("source_type_differs", authorized.source_type, reading.source_type)
