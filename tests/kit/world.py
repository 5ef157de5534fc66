"""A world of names for tests: parties, assets, shares, consents, by what they are called.

    world = World.opened()
    world.party("L"); world.recording("S1"); world.share("S1", "L", "1")
    world.consent("L owns S1", "L", recordings=["S1"])

Every helper says real commands through the rules; nothing is put into the log by hand. Ids follow
from names (`world.id("rec", "S1")`), so a test can name what a helper made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from schemas.commands.catalog import (
    ConfirmCredit,
    ConfirmLink,
    ConfirmVocals,
    CreditContributor,
    DeclareVocals,
    EnterInferenceSet,
    LinkRecordingToWork,
    RegisterRecording,
    RegisterStem,
    RegisterWork,
)
from schemas.commands.consents import GrantConsent
from schemas.commands.log import OpenLog
from schemas.commands.parties import ConfirmKey, EnrollKey, RegisterParty
from schemas.commands.shares import ClaimShare, ConfirmShare
from schemas.commands.terms import PublishTariff, RegisterModel
from tests.kit.log import START, Key, Log, key_of, name_id
from tests.kit.words import COMMITMENT, WORLD, audio, consent, model, tariff, when

INSTANCE: Final = {
    "registrar": "Operator",
    "platform": "Operator",
    "finance": "Operator",
    "operator": "Operator",
    "process": "Ledger",
    "intake": "Ledger",
    "entry": "Ledger",
}
"""The keys that root enrolls when a log opens: their role, which is their name, and their party."""

CHECKPOINT_VKEY: Final = "ledger.example/2026+52249859+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"
"""The verifier key of a log of that origin, whose seed is 32 bytes of one."""


@dataclass
class World:
    """A log and the names in it. Keys of officers are called by their role: see `INSTANCE`."""

    log: Log
    keys: dict[str, Key] = field(default_factory=dict)

    @classmethod
    def opened(cls, now: datetime = START, policy: Mapping[str, Any] | None = None) -> World:
        """Open a log with the operator's officers and the ledger's own keys."""
        world = cls(Log(now))
        rows = []
        for name, owner in INSTANCE.items():
            key = world.keys[name] = key_of(name, world.id("pty", owner))
            rows.append(
                {"key": key.key, "public_key": key.public_key, "roles": [name], "party": key.party}
            )
        root = key_of("root", world.id("pty", "Operator"))
        command = OpenLog.read(
            {
                "origin": "ledger.example/2026",
                "ledger_party": world.id("pty", "Ledger"),
                "operator_party": world.id("pty", "Operator"),
                "operator_name": "Operator",
                "root_public_key": root.public_key,
                "checkpoint_vkey": CHECKPOINT_VKEY,
                "keys": rows,
                "policy": dict(policy or {}),
                "trust_anchors_sha256": [],
                "witnesses": [],
            }
        )
        world.log.say(command, by=root)
        return world

    def id(self, prefix: str, name: str) -> str:
        """Return the id of a name: of `pty`, `rec`, `wrk`, `shr`, `cns`, `mod`, `tar` and so on."""
        return name_id(prefix, name)

    def __getitem__(self, name: str) -> Key:
        """Return the key of a party, or of an officer, by name."""
        return self.keys[name]

    def asset(self, name: str) -> str:
        """Return the id of a recording or work: what begins with `W` is a work."""
        return self.id("wrk" if name.startswith("W") else "rec", name)

    def party(self, *names: str, kind: str = "organization", **more: Any) -> World:
        """Register parties, each with a confirmed key of its own."""
        for name in names:
            public = name if kind == "organization" else COMMITMENT.data()
            data = {"party": self.id("pty", name), "kind": kind, "name": public, **more}
            self.log.say(RegisterParty.read(data), by=self["registrar"])
            self.key(name, name)
        return self

    def key(self, name: str, party: str, roles: Sequence[str] = ("holder",)) -> Key:
        """Enroll a further key for a party, confirmed by a registrar."""
        key = self.propose_key(name, party, roles)
        self.log.say(ConfirmKey(key=key.key), by=self["registrar"])
        return key

    def propose_key(self, name: str, party: str, roles: Sequence[str] = ("holder",)) -> Key:
        """Propose a key for a party, signed by itself."""
        key = self.keys[name] = key_of(name, self.id("pty", party))
        data = {
            "key": key.key,
            "party": key.party,
            "public_key": key.public_key,
            "roles": list(roles),
        }
        self.log.say(EnrollKey.read(data), by=key)
        return key

    def recording(self, *names: str, stems: Sequence[str] = (), **more: Any) -> World:
        """Register recordings, by the registrar."""
        for name in names:
            data = {
                "recording": self.id("rec", name),
                "title": f"Song {name}",
                "artist": "Somebody",
                "duration_ms": 180_000,
                "sample_rate_hz": 44_100,
                "audio": audio(name),
                **more,
            }
            self.log.say(RegisterRecording.read(data), by=self["registrar"])
            for stem in stems:
                data = {"recording": data["recording"], "stem": stem, "audio": audio(name + stem)}
                self.log.say(RegisterStem.read(data), by=self["registrar"])
        return self

    def work(self, *names: str, **more: Any) -> World:
        """Register works, by the registrar. A work's name begins with `W`."""
        for name in names:
            data = {"work": self.id("wrk", name), "title": f"Work {name}", **more}
            self.log.say(RegisterWork.read(data), by=self["registrar"])
        return self

    def link(self, recording: str, work: str, fraction: str | None = None) -> World:
        """Link a recording to a work, proposed and confirmed by the registrar."""
        link = self.id("lnk", f"{recording} {work}")
        data = {
            "link": link,
            "recording": self.asset(recording),
            "work": self.asset(work),
            "fraction": fraction,
        }
        self.log.say(LinkRecordingToWork.read(data), by=self["registrar"])
        self.log.say(ConfirmLink(link=link), by=self["registrar"])
        return self

    def credit(self, asset: str, party: str, role: str = "singer", **more: Any) -> World:
        """Credit somebody on a recording or work, confirmed by the registrar."""
        credit = self.id("crd", f"{asset} {party} {role}")
        data = {
            "credit": credit,
            "asset": self.asset(asset),
            "party": self.id("pty", party),
            "role": role,
            **more,
        }
        self.log.say(CreditContributor.read(data), by=self["registrar"])
        self.log.say(ConfirmCredit(credit=credit), by=self["registrar"])
        return self

    def vocals(self, recording: str, said: str | Mapping[str, Sequence[str]]) -> World:
        """Declare who sings: `none`, `synthetic`, or singers with the stems they are heard on."""
        singers = {} if isinstance(said, str) else said
        credit = self.id("crd", f"vocals {recording} {self.log.head()}")
        data = {
            "credit": credit,
            "recording": self.asset(recording),
            "vocals": said if isinstance(said, str) else "performers",
            "performers": [
                {"party": self.id("pty", name), "stems": list(stems)}
                for name, stems in singers.items()
            ],
        }
        self.log.say(DeclareVocals.read(data), by=self["registrar"])
        self.log.say(ConfirmVocals(credit=credit), by=self["registrar"])
        return self

    def claim(self, asset: str, party: str, fraction: str, **more: Any) -> str:
        """Claim a share and return its id. `since`, `until`: instants; `territories`: JSON."""
        name = more.pop("name", f"{asset} {party}")
        data = {
            "share": self.id("shr", name),
            "asset": self.asset(asset),
            "party": self.id("pty", party),
            "fraction": fraction,
            "territories": more.pop("territories", WORLD),
            "effective_from": when(more.pop("since", None)),
            "effective_until": when(more.pop("until", None)),
        }
        assert not more, f"unknown [{more}]"
        self.log.say(ClaimShare.read(data), by=self["registrar"])
        return str(data["share"])

    def share(self, asset: str, party: str, fraction: str, **more: Any) -> str:
        """Claim a share and have the registrar confirm it; `reduces` names a share by its id."""
        reduces = more.pop("reduces", None)
        share = self.claim(asset, party, fraction, **more)
        self.log.say(ConfirmShare(share=share, reduces=reduces), by=self["registrar"])
        return share

    def consent(self, name: str, grantor: str, on: Sequence[str] = (), **more: Any) -> str:
        """Grant a consent, by default to everything but training; return its id.

        `on` names recordings or works; nothing named means the catalog. Other words as in
        `tests.kit.words.consent`; `models` by name.
        """
        how = {key: more.pop(key) for key in ("by", "mandate") if key in more}
        said = self.words(name, grantor, on, **more)
        by = self[how.pop("by", grantor)]
        self.log.say(GrantConsent.read({"consent": said}), by=by, **how)
        return str(said["consent"])

    def words(self, name: str, grantor: str, on: Sequence[str] = (), **more: Any) -> dict[str, Any]:
        """Return the words of a consent as JSON, ids in place of names."""
        kind = "works" if any(asset.startswith("W") for asset in on) else "recordings"
        party = self.id("pty", grantor)
        assets = {kind: [self.asset(asset) for asset in on]} if on else {"catalog": party}
        assets = more.pop("applies_to", assets)
        if more.get("models", "all") != "all":
            more["models"] = [self.id("mod", model_name) for model_name in more["models"]]
        more.setdefault("capacity", "publisher" if kind == "works" else "owner")
        return consent(self.id("cns", name), party, assets, **more)

    def model(self, name: str, **more: Any) -> str:
        """Register a model version that can do everything; return its id."""
        said = model(self.id("mod", name), name, **more)
        self.log.say(RegisterModel.read(said), by=self["platform"])
        return str(said["model"])

    def tariff(self, name: str = "v1", **more: Any) -> str:
        """Publish a tariff, by default that of fixture F worldwide; return its id."""
        said = tariff(self.id("tar", name), name, **more)
        self.log.say(PublishTariff.read(said), by=self["platform"])
        return str(said["tariff"])

    def enter(self, model_name: str, *recordings: str) -> World:
        """Enter recordings into the inference set of a model version."""
        for name in recordings:
            command = EnterInferenceSet(
                recording=self.asset(name), model=self.id("mod", model_name)
            )
            self.log.say(command, by=self["platform"])
        return self
