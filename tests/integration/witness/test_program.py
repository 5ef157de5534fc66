"""The verbs, as people type them: become a witness, be asked, and a register made again."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ledger.evidence.policy import parse_policy
from service.demo.witness import RunningWitness, witness_process
from service.facts import InstanceFacts
from service.instance import Instance
from service.settings import Settings
from service.witnessed import witnessed
from tests.support.witness_servers import WAIT_S

ORIGIN = "ledger.example/2026"


def liner(*words: object, fails: int = 0) -> Any:
    """Run the program; return what it says as JSON, or its error line where it must fail."""
    command = [sys.executable, "-c", "from service.cli import main; main()", *map(str, words)]
    done = subprocess.run(  # noqa: S603 - our own program, by this very Python
        [*command, "--json"], capture_output=True, text=True, check=False, timeout=WAIT_S
    )
    assert done.returncode == fails, done.stderr
    return json.loads(done.stdout) if fails == 0 else done.stderr


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance whose log asks nobody yet."""
    made: Path = tmp_path_factory.mktemp("instance") / "home"
    liner("init", "--home", made, "--origin", ORIGIN)
    return made


def write_policy(path: Path, *witnesses: RunningWitness) -> Path:
    names = [f"w{number}" for number in range(1, len(witnesses) + 1)]
    lines = [one.line(name) for one, name in zip(witnesses, names, strict=True)]
    lines += [f"group q all {' '.join(names)}", "quorum q"]
    path.write_text("# Who must have signed.\n\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def sign_newest(home: Path) -> int:
    """Open the instance, wait until the witnesses have signed its newest state; return its size."""
    with Instance(Settings.of(home, {}), work=True) as instance:
        size = instance.feed.visible_head()
        assert instance.witnessing.wait_for(size, WAIT_S)
        with instance.store.snapshot() as reader:
            found = witnessed(reader, instance.policy.current(), least=size)
        assert found is not None
        return size


def test_a_witness_is_made_watches_and_is_never_replaced(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "witness"
    made = liner("witness", "init", folder, "--name", "w.example/one")
    assert made["verifier_key"].startswith("w.example/one+")
    vkey = InstanceFacts.load(Settings.of(home, {}).instance).checkpoint_vkey
    assert liner("witness", "watch", folder, vkey)["origin"] == ORIGIN
    again = liner("witness", "init", folder, "--name", "w.example/two", fails=1)
    assert "[witness_exists]" in again
    bad = liner("witness", "watch", folder, made["verifier_key"], fails=64)
    assert "not the verifier key of a log" in bad
    nowhere, unread = tmp_path / "nowhere", tmp_path / "unread"
    assert "[no_witness]" in liner("witness", "watch", nowhere, vkey, fails=1)
    assert "[no_witness]" in liner("witness", "run", nowhere, fails=1)
    assert "a name is such as" in liner("witness", "init", nowhere, "--name", "a b", fails=64)
    unread.write_bytes(b"\xff\n")
    for verb in (("witness", "ask"), ("register", "seed", "--policy")):
        assert "[policy_invalid]" in liner(*verb, unread, "--home", home, fails=1)


def test_a_log_asks_whom_it_was_told_and_its_lost_register_is_made_by_them(
    tmp_path: Path, home: Path
) -> None:
    settings = Settings.of(home, {})
    vkey = InstanceFacts.load(settings.instance).checkpoint_vkey
    assert parse_policy(settings.policy.read_text(encoding="utf-8")).quorum == "none"
    with (
        witness_process(tmp_path / "one", ORIGIN, vkey, name="w1.example") as one,
        witness_process(tmp_path / "two", ORIGIN, vkey, name="w2.example") as two,
    ):
        policy = write_policy(tmp_path / "policy.txt", one, two)
        assert liner("witness", "ask", policy, "--home", home)["witnesses"] == 2
        size = sign_newest(home)
        kept = parse_policy(settings.policy.read_text(encoding="utf-8"))
        assert set(kept.witnesses) == {"w1", "w2"}
        assert set(kept.urls.values()) == {one.url, two.url}
        trusted = tmp_path / "trusted.txt"
        shutil.copy(settings.policy, trusted)
        # A register that is there is not replaced.
        assert "nothing to seed" in seed(home, trusted, fails=1)
        settings.register.unlink()
        lost = liner("checkpoint", "--home", home, fails=1)
        assert "[register_lost]" in lost
        assert seed(home, trusted)["size"] == size
    assert sign_nothing(home) == size


def seed(home: Path, policy: Path, *, fails: int = 0) -> Any:
    return liner("register", "seed", "--policy", policy, "--home", home, fails=fails)


def sign_nothing(home: Path) -> int:
    with Instance(Settings.of(home, {})) as instance:
        return instance.feed.visible_head()


def test_no_register_is_made_without_a_quorum(tmp_path: Path, home: Path) -> None:
    settings = Settings.of(home, {})
    vkey = InstanceFacts.load(settings.instance).checkpoint_vkey
    nobody = tmp_path / "nobody.txt"
    nobody.write_text(f"log {vkey}\nquorum none\n", encoding="utf-8")
    assert "asks for no witness" in seed(home, nobody, fails=1)
    with witness_process(tmp_path / "one", ORIGIN, vkey, name="w1.example") as one:
        alone = write_policy(tmp_path / "alone.txt", one)
        alone.write_text(f"log {vkey}\n{alone.read_text(encoding='utf-8')}", encoding="utf-8")
        assert "no witness of this policy has seen the log" in seed(home, alone, fails=1)


def test_the_doctor_says_what_the_witnesses_have_seen(tmp_path: Path, home: Path) -> None:
    settings = Settings.of(home, {})
    vkey = InstanceFacts.load(settings.instance).checkpoint_vkey
    with witness_process(tmp_path / "one", ORIGIN, vkey, name="w1.example") as one:
        liner("witness", "ask", write_policy(tmp_path / "policy.txt", one), "--home", home)
        size = sign_newest(home)
        said = witnesses_row(home)
        assert said["state"] == "good"
        assert said["said"] == f"the register holds {size}; w1 has seen {size}"
        # An older copy of both, the log and its register.
        older = tmp_path / "older"
        shutil.copytree(home, older / "home")
        shutil.copy(settings.register, older / "home.register")
        liner("party", "add", "Somebody", "--home", home)
        newest = sign_newest(home)
        said = witnesses_row(older / "home", fails=1)
        assert (said["state"], said["said"]) == (
            "bad",
            f"the register holds {size}; w1 has seen {newest}",
        )


def witnesses_row(home: Path, *, fails: int = 0) -> Any:
    """Return what `doctor` says about witnesses, whatever it says about the rest."""
    command = [sys.executable, "-c", "from service.cli import main; main()", "doctor", "--json"]
    done = subprocess.run(  # noqa: S603 - our own program, by this very Python
        [*command, "--home", home], capture_output=True, text=True, check=False, timeout=WAIT_S
    )
    assert done.returncode == fails, done.stdout
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    (found,) = [row for row in rows if row["check"] == "witnesses"]
    return found
