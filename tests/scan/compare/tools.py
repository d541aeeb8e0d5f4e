"""The scanners that are compared: how each is installed, run, and which of its rules are about our subject."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import venv
from pathlib import Path
from typing import Callable, Dict, List, NamedTuple, Optional, Tuple
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent.parent.parent
CACHE = ROOT / ".cache"


def environment() -> Dict[str, str]:
    """For child processes that are to import the packages as they are imported here, or else from this tree."""
    found = []
    for name, place in (("securedefaults", ROOT / "backport"), ("securedefaults_scan", ROOT / "backport" / "scan")):
        spec = importlib.util.find_spec(name)
        found.append(str(Path(spec.origin).parent.parent if spec and spec.origin else place))
    return {**os.environ, "PYTHONPATH": os.pathsep.join(found)}


class Finding(NamedTuple):
    """A report, whoever made it. `path` is absolute."""

    path: Path
    line: int
    end_line: int
    rule: str
    confidence: str = "definite"


class Tool(NamedTuple):
    name: str
    #: what pip installs; "" for ours
    requirement: str
    #: the command's arguments; it runs in the folder to be scanned
    arguments: Tuple[str, ...]
    parse: Callable[[Path, str], List[Finding]]
    note: str = ""
    #: what has to be done before it can run, apart from its installation
    prepare: Optional[Callable[[], None]] = None

    @property
    def executable(self) -> Path:
        return CACHE / ("tool-" + self.requirement) / "bin" / self.requirement.partition("==")[0]

    def install(self) -> None:
        if self.requirement and not self.executable.exists():
            folder = self.executable.parent.parent
            venv.create(folder, with_pip=True, clear=True)
            pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", self.requirement]
            subprocess.run(pip, check=True)
        if self.prepare is not None:
            self.prepare()

    def scan(self, folder: Path) -> List[Finding]:
        """Everything that it reports below this folder and that is about our subject. Raises RuntimeError."""
        if self.requirement:
            command = [str(self.executable), *self.arguments]
        else:
            command = [sys.executable, "-m", "securedefaults_scan", *self.arguments]
        done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True)
        # each of them ends with another status than 0 when it has found something
        try:
            return self.parse(folder, done.stdout)
        except (ValueError, KeyError) as exc:
            said = (done.stderr or done.stdout).strip()[-2000:]
            raise RuntimeError("%s: status %d, %r: %s" % (self.name, done.returncode, exc, said)) from exc


def _ours(folder: Path, output: str) -> List[Finding]:
    report = json.loads(output)
    return [
        Finding(folder / one["path"], one["line"], one["end_line"] or one["line"], one["id"], one["confidence"])
        for one in report["findings"]
    ]


# Protocol without TLS, weak ciphers and the like are other subjects.
_PRECLI = frozenset({"PY017", "PY022", "PY023", "PY024", "PY025", "PY026"})
_RUFF = "S323,S501,S502,S503,S504"
_BANDIT = frozenset({"B323", "B501", "B502", "B503", "B504"})


def _precli(folder: Path, output: str) -> List[Finding]:
    found = []
    # a progress bar stands before it
    report, _ = json.JSONDecoder().raw_decode(output[output.index("{") :])
    for run in report["runs"]:
        for result in run["results"]:
            if result["ruleId"] not in _PRECLI:
                continue
            place = result["locations"][0]["physicalLocation"]
            # "file://./x.py", "file:///x/y.py" or a plain path
            path = re.sub("^file://", "", place["artifactLocation"]["uri"])
            region = place["region"]
            last = region.get("endLine", region["startLine"])
            found.append(Finding(folder / unquote(path), region["startLine"], last, result["ruleId"]))
    return found


def _bandit(folder: Path, output: str) -> List[Finding]:
    return [
        Finding(folder / one["filename"], one["line_range"][0], one["line_range"][-1], one["test_id"])
        for one in json.loads(output)["results"]
        if one["test_id"] in _BANDIT
    ]


def _ruff(folder: Path, output: str) -> List[Finding]:
    return [
        Finding(folder / one["filename"], one["location"]["row"], one["end_location"]["row"], one["code"])
        for one in json.loads(output)
        if one["code"] in _RUFF.split(",")
    ]


def _semgrep(folder: Path, output: str) -> List[Finding]:
    return [
        Finding(folder / one["path"], one["start"]["line"], one["end"]["line"], one["check_id"])
        for one in json.loads(output)["results"]
    ]


_PACK = CACHE / "securedefaults-semgrep.yml"


def _write_pack() -> None:
    command = [sys.executable, "-m", "securedefaults_scan._semgrep"]
    done = subprocess.run(command, env=environment(), capture_output=True, check=True)
    _PACK.write_bytes(done.stdout)


_RUFF_OPTIONS = ("--isolated", "--no-cache", "--no-respect-gitignore")
_RULES = Path(__file__).resolve().parent
_SEMGREP = ("scan", "--json", "--quiet", "--metrics=off", "--disable-version-check", "--no-git-ignore")

OURS = Tool("securedefaults scan", "", (".", "--format", "json", "--possible"), _ours)
OTHERS = (
    Tool("precli 0.8.6", "precli==0.8.6", ("--json", "--recursive", "."), _precli, "PY017, PY022 to PY026"),
    Tool("bandit 1.9.4", "bandit==1.9.4", ("-q", "-f", "json", "-r", "."), _bandit, "B323, B501 to B504"),
    Tool(
        "ruff 0.17.6",
        "ruff==0.17.6",
        ("check", *_RUFF_OPTIONS, "--select", _RUFF, "--output-format", "json", "."),
        _ruff,
        "S323, S501 to S504",
    ),
    Tool(
        "semgrep 1.182.0, the registry's rule",
        "semgrep==1.182.0",
        (*_SEMGREP, "--config", str(_RULES / "unverified-context.yaml"), "."),
        _semgrep,
        "a rule of ours with the pattern of the registry's `unverified-ssl-context`, the only one that it has",
    ),
    Tool(
        "semgrep 1.182.0, a crude rule",
        "semgrep==1.182.0",
        (*_SEMGREP, "--config", str(_RULES / "crude.yaml"), "."),
        _semgrep,
        "written for this table in ten minutes: every such call that has no context among its arguments",
    ),
    Tool(
        "semgrep 1.182.0, our rules for it",
        "semgrep==1.182.0",
        (*_SEMGREP, "--config", str(_PACK), "."),
        _semgrep,
        "`python -m securedefaults_scan._semgrep`, as far as it can express what `scan` knows",
        _write_pack,
    ),
)
