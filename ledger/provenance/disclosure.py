"""How much of a file is said to be made by AI, in the words of DDEX. Pure.

DDEX ERN 4.3.2 has `ContainsAI` (All, None, Partly) on recordings and `AiContribution` on
contributors; known to us at second hand, so an adapter for deliveries must check its schema. We
write All and Partly, and never None: no file and no ledger can prove the absence.
"""

from typing import Final, Literal

from ledger.provenance.model import ManifestReading
from ledger.provenance.reasons import CONTAINS_AI
from ledger.provenance.record import LedgerRecord, LedgerView
from schemas.model import Wire

Extent = Literal["All", "Partly"]
"""How much of a file is said to be made by AI (DDEX ERN 4.3.2, ContainsAI)."""

IPTC: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
"""Where the names of digital source types begin."""

EXTENTS: Final[dict[str, Extent]] = {
    f"{IPTC}trainedAlgorithmicMedia": "All",
    f"{IPTC}algorithmicMedia": "All",
    f"{IPTC}compositeWithTrainedAlgorithmicMedia": "Partly",
    f"{IPTC}compositeSynthetic": "Partly",
    f"{IPTC}composite": "Partly",  # a machine put together what people had recorded
}
"""IPTC's digital source types as DDEX extents. Types that are not here say nothing about AI."""


class AiContribution(Wire):
    """A contributor that is a machine, and how much of the recording is its work."""

    contributor: str
    extent: Extent


class ContainsAi(Wire):
    """The disclosure: `contains_ai` for DDEX, or None, with a code of `CONTAINS_AI` and why."""

    contains_ai: Extent | None
    contributions: tuple[AiContribution, ...]
    code: str
    reason: str


def disclose(reading: ManifestReading, ledger: LedgerView) -> ContainsAi:
    """Return what the signed manifest says, else what the ledger recorded, else nothing."""
    # What an unknown signer or an altered manifest says would only be hearsay.
    if reading.state in {"trusted", "trusted_elsewhere"} and reading.source_type in EXTENTS:
        source = reading.source_type.removeprefix(IPTC)
        return _disclosure(reading.source_type, reading.generator, "declared", source)
    if isinstance(ledger, LedgerRecord) and ledger.found_by != "urn":
        source_type = ledger.authorized.source_type
        if ledger.status == "completed" and source_type in EXTENTS:
            return _disclosure(source_type, None, "recorded", source_type.removeprefix(IPTC))
    reason = CONTAINS_AI["undeclared"]
    return ContainsAi(contains_ai=None, contributions=(), code="undeclared", reason=reason)


def _disclosure(source_type: str, generator: str | None, code: str, source: str) -> ContainsAi:
    extent = EXTENTS[source_type]
    contributions = (AiContribution(contributor=generator, extent=extent),) if generator else ()
    reason = CONTAINS_AI[code].format(source=source)
    return ContainsAi(contains_ai=extent, contributions=contributions, code=code, reason=reason)
