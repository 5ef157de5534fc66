"""Trust policies: which logs, which witnesses, how many of them (C2SP tlog-policy).

The file is parsed strictly, because a rule misread is a quorum that nobody asked for. Non-ASCII
bytes stay opaque as the specification asks, by reading the file as Latin-1; only vkeys are UTF-8.

A log's key that was replaced stands in a comment, so that whoever knows the specification alone
trusts it no more: `#retired-log VKEY SIZE`. Here it accepts checkpoints of at most that size; and
by `#retired-entry KEY POSITION` an entry key signs no entry behind that position.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ledger.evidence import texts
from ledger.evidence.errors import EvidenceError, NotWitnessedError
from ledger.evidence.note import (
    COSIGNER,
    LOG,
    Checkpoint,
    VerifierKey,
    parse_checkpoint,
    parse_vkey,
    read_note,
    verify_note,
)

LINES_MAX: Final = 1_024
"""Lines of a policy; the specification recommends at least 32 logs, witnesses and groups."""

POLICY_BYTES_MAX: Final = 262_144
"""Bytes of a policy: as many lines of 256 bytes."""

NONE: Final = "none"
"""The predefined quorum that asks for no witness."""

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_BLANK: Final = re.compile(r"[ \t]+")
_URL: Final = re.compile(r"https?://[^\s]+")
_RETIRED_LOG: Final = "#retired-log"
_RETIRED_ENTRY: Final = "#retired-entry"
_RETIRED: Final = frozenset({_RETIRED_LOG, _RETIRED_ENTRY})
_KEYWORDS: Final = frozenset({"all", "any", NONE, "log", "witness", "group", "quorum"})


@dataclass(frozen=True, slots=True)
class Group:
    """Has witnessed when at least `threshold` of `members` (witnesses, groups) have."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Retired:
    """A log's key that was replaced: it signs checkpoints of at most `until` entries."""

    key: VerifierKey
    until: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """A checkpoint that fulfils the policy: which log key signed, and which witnesses when."""

    checkpoint: Checkpoint
    log: VerifierKey
    witnesses: Mapping[str, int]
    """Name in the policy to POSIX seconds of the cosignature, all verified ones."""

    is_witnessed: bool
    """Whether the quorum is met; False only where the caller asked to be told, not raised."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A parsed policy. Witness and group names share one namespace and mean nothing outside."""

    logs: tuple[VerifierKey, ...]
    witnesses: Mapping[str, VerifierKey]
    groups: Mapping[str, Group]
    quorum: str
    urls: Mapping[str, str]
    """Name of a log's or witness's key to its URL, where one is given."""
    retired: tuple[Retired, ...] = ()
    retired_entries: Mapping[str, int] = field(default_factory=dict)
    """The id of an entry key that was replaced to the last position that it may have signed."""

    @property
    def log_keys(self) -> tuple[VerifierKey, ...]:
        """The keys of all logs, also those that were replaced."""
        return (*self.logs, *(one.key for one in self.retired))

    def signers(self, origin: str, size: int) -> tuple[VerifierKey, ...]:
        """Return the keys by which the log `origin` may have signed a tree of `size`."""
        retired = (one.key for one in self.retired if size <= one.until)
        return tuple(key for key in (*self.logs, *retired) if key.name == origin)

    def accept(self, text: str, *, require_witnesses: bool = True) -> Accepted:
        """Return what the signed checkpoint `text` shows under this policy, else raise.

        `EvidenceError`: not a checkpoint of a listed log, or a known key's line is bad.
        `NotWitnessedError`: the quorum is missing, unless `require_witnesses` is False; then
        `is_witnessed` tells.
        """
        note = read_note(text)
        checkpoint = parse_checkpoint(note.body)
        signed = verify_note(note, (*self.log_keys, *self.witnesses.values()))
        may = self.signers(checkpoint.origin, checkpoint.size)
        log = next((one.key for one in signed if one.key in may), None)
        if log is None:
            keys = {one.key for one in signed}
            gone = [
                f", but a key retired at {one.until}" for one in self.retired if one.key in keys
            ]
            raise EvidenceError(f"no listed log has signed{''.join(gone)} [{checkpoint.origin}]")
        times = {one.key: one.time_s for one in signed if one.time_s is not None}
        witnesses = {name: times[key] for name, key in self.witnesses.items() if key in times}
        is_witnessed = self.is_met(frozenset(witnesses))
        if require_witnesses and not is_witnessed:
            names = ", ".join(sorted(witnesses)) or "nobody"
            raise NotWitnessedError(f"the quorum {self.quorum} is not met [witnessed by {names}]")
        return Accepted(checkpoint, log, witnesses, is_witnessed)

    def is_met(self, witnessed: frozenset[str]) -> bool:
        """Tell whether these witnesses (names in this policy) make the quorum."""
        return self.quorum == NONE or self._has(self.quorum, witnessed)

    def _has(self, name: str, witnessed: frozenset[str]) -> bool:
        """Definitions precede their use, so this ends."""
        group = self.groups.get(name)
        if group is None:
            return name in witnessed
        return sum(self._has(member, witnessed) for member in group.members) >= group.threshold


def parse_policy(raw: bytes | str) -> Policy:
    """Return the policy that a file says, else raise `EvidenceError` naming the line."""
    # A lone surrogate becomes three bytes that no vkey accepts, rather than another exception.
    octets = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
    text = octets.decode("latin-1")
    if len(text) > POLICY_BYTES_MAX or text.count("\n") > LINES_MAX:
        raise EvidenceError("the policy is too large")
    if _CONTROLS.search(text) or (text and not text.endswith("\n")):
        raise EvidenceError("the policy has control characters, or no line feed at its end")
    reading = _Reading()
    for number, line in enumerate(text.split("\n"), start=1):
        words = _BLANK.split(line.strip(" \t"))
        if words != [""] and (words[0] in _RETIRED or not words[0].startswith("#")):
            try:
                reading.take(words)
            except EvidenceError as error:
                raise EvidenceError(f"line {number}: {error.message}") from error
    return reading.done()


def write_policy(
    logs: Sequence[str],
    lines: Sequence[str],
    *,
    retired: Sequence[tuple[str, int]] = (),
    retired_entries: Sequence[tuple[str, int]] = (),
) -> str:
    """Return the policy file of a log: its verifier keys, then `lines` as they are.

    `retired` are verifier keys that were replaced, each with the greatest size that it signs;
    `retired_entries` ids of entry keys, with the last position. `lines` say witnesses, groups and
    the quorum; none at all means that no witness is asked for. `EvidenceError` where the whole is
    not a policy that readers accept.
    """
    if any("\n" in line for line in (*logs, *lines)):
        raise EvidenceError("a line of a policy has a line feed in it")
    rows = [f"log {key}" for key in logs]
    rows += [f"{_RETIRED_LOG} {key} {until}" for key, until in retired]
    rows += [f"{_RETIRED_ENTRY} {kid} {until}" for kid, until in retired_entries]
    written = "".join(f"{row}\n" for row in (*rows, *(lines or (f"quorum {NONE}",))))
    found = parse_policy(written)
    due = (len(logs), len(retired), len(retired_entries))
    if (len(found.logs), len(found.retired), len(found.retired_entries)) != due:
        raise EvidenceError("the lines about witnesses name a key of the log")
    return written


class _Reading:
    """What has been read of a policy so far."""

    def __init__(self) -> None:
        self.logs: list[VerifierKey] = []
        self.retired: list[Retired] = []
        self.retired_entries: dict[str, int] = {}
        self.witnesses: dict[str, VerifierKey] = {}
        self.groups: dict[str, Group] = {}
        self.urls: dict[str, str] = {}
        self.used: set[str] = set()
        self.quorum: str | None = None

    def take(self, words: list[str]) -> None:
        """Take one line's words."""
        match words:
            case ["log", vkey, *url]:
                self.logs.append(self._key(vkey, LOG, url))
            case [first, vkey, until] if first == _RETIRED_LOG:
                self.retired.append(Retired(self._key(vkey, LOG, []), texts.decimal(until)))
            case [first, kid, until] if first == _RETIRED_ENTRY and kid not in self.retired_entries:
                self.retired_entries[kid] = texts.decimal(until)
            case ["witness", name, vkey, *url]:
                self._define(name)
                self.witnesses[name] = self._key(vkey, COSIGNER, url)
            case ["group", name, threshold, *members] if members:
                self._group(name, threshold, members)
            case ["quorum", name]:
                if self.quorum is not None:
                    raise EvidenceError("a second quorum")
                if name != NONE and name not in self.witnesses and name not in self.groups:
                    raise EvidenceError(f"not defined before [{name}]")
                self.quorum = name
            case _:
                raise EvidenceError(f"not a line of a policy [{words[0][:80]}]")

    def done(self) -> Policy:
        """Return the whole."""
        if self.quorum is None:
            raise EvidenceError("the policy has no quorum line")
        return Policy(
            logs=tuple(self.logs),
            witnesses=self.witnesses,
            groups=self.groups,
            quorum=self.quorum,
            urls=self.urls,
            retired=tuple(self.retired),
            retired_entries=self.retired_entries,
        )

    def _key(self, vkey: str, kind: int, url: list[str]) -> VerifierKey:
        try:
            key = parse_vkey(vkey.encode("latin-1").decode())
        except UnicodeDecodeError as error:
            raise EvidenceError("a verifier key is not UTF-8") from error
        if key.kind != kind:
            raise EvidenceError(f"a key of another type is asked for here [{key.name}]")
        retired = (one.key for one in self.retired)
        known = (*self.logs, *retired, *self.witnesses.values())
        if any(key.public == other.public for other in known):
            raise EvidenceError(f"a key twice [{key.name}]")
        if len(url) > 1 or any(_URL.fullmatch(one) is None for one in url):
            raise EvidenceError(f"not a URL [{' '.join(url)[:80]}]")
        if url:
            self.urls[key.name] = url[0]
        return key

    def _define(self, name: str) -> None:
        if name in _KEYWORDS:
            raise EvidenceError(f"a keyword is no name [{name}]")
        if name in self.witnesses or name in self.groups:
            raise EvidenceError(f"defined twice [{name}]")

    def _group(self, name: str, threshold: str, members: list[str]) -> None:
        self._define(name)
        for member in members:
            if member not in self.witnesses and member not in self.groups:
                raise EvidenceError(f"not defined before [{member}]")
            if member in self.used:
                raise EvidenceError(f"already a member [{member}]")
            self.used.add(member)
        whole = len(members)
        least = {"any": 1, "all": whole}.get(threshold)
        least = texts.decimal(threshold) if least is None else least
        if not 1 <= least <= whole:
            raise EvidenceError(f"{least} of {whole} cannot be")
        self.groups[name] = Group(least, tuple(members))
