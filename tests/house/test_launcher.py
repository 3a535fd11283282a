"""The launcher: sets up what is missing once, hands everything else on untouched, and says what it may not install."""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
LAUNCHER = ROOT / "ijaza"
LOCKS = ("setup", "runtime", "dev")
PRINTS_ITS_ARGUMENTS = '#!/bin/sh\nfor word in "$@"; do echo "<$word>"; done\necho "in $(pwd)"\n'


def make_program(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def make_wheel(folder: Path, name: str, version: str) -> str:
    """Make a library of one module, which prints its version; return its SHA-256."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    about = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": "",
        f"{name}/__main__.py": f"print('{name} {version}')\n",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{file},sha256={_urlsafe(text)},{len(text)}" for file, text in files.items()]
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in files.items():
            wheel.writestr(file, text)
        wheel.writestr(f"{about}/RECORD", "\n".join([*record, f"{about}/RECORD,,", ""]))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _urlsafe(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


# A Python that "installs" by noting the lock it was given, if hashes are asked for, and as `bench` tells what it noted.
STAND_IN = """#!/bin/sh
case "$1 $2" in
"-c "*) echo "$0" ;;
"-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
"-m pip")
    for lock; do :; done
    case " $* " in *" --require-hashes "*) ;; *) exit 1 ;; esac
    [ ! -e "{folder}/out of order" ] || exit 1
    cat "$lock" >>"${{0%/bin/python}}/installed"
    ;;
"-P -m") cat "${{0%/bin/python}}/installed" ;;
esac
"""


class Project:
    """A copy of the launcher in a project of its own, with locks of one library, that needs nothing from elsewhere."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "a project"
        self.wheels = folder / "wheels"
        self.programs = folder / "programs"
        for made in (self.folder / "requirements", self.wheels, self.programs, self.folder / "bench"):
            made.mkdir(parents=True)
        shutil.copy(LAUNCHER, self.folder / "ijaza")
        for lock in LOCKS:
            self.lock(lock, "lesson==1\n")

    def lock(self, lock: str, text: str) -> None:
        (self.folder / "requirements" / f"{lock}.txt").write_text(text)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        environ = {
            "PATH": f"{self.programs}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.folder),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "PIP_CONFIG_FILE": os.devnull,
        }
        return subprocess.Popen(
            [str(self.folder / "ijaza"), *arguments],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project that is set up with a real Python and pip."""
    made = Project(tmp_path)
    digest = make_wheel(made.wheels, "lesson", "1")
    for lock in LOCKS:
        made.lock(lock, f"lesson==1 \\\n    --hash=sha256:{digest}\n")
    (made.folder / "bench" / "__main__.py").write_text(
        "import runpy; runpy.run_module('lesson', run_name='__main__')\n"
    )
    return made


@pytest.fixture
def stand_in(tmp_path: Path) -> Project:
    """A project whose Python only notes what it is told, so that the launcher's own decisions are seen quickly."""
    made = Project(tmp_path)
    make_program(made.programs / "python3", STAND_IN.format(folder=tmp_path))
    return made


def test_first_use_sets_up_and_the_second_only_runs(project: Project) -> None:
    status, out, err = project.run("bench")
    assert (status, out) == (0, "lesson 1\n"), err
    assert "setting up" in err
    assert project.run("bench") == (0, "lesson 1\n", "")


def test_changed_lock_is_installed_at_next_use(stand_in: Project) -> None:
    assert "lesson==1" in stand_in.run("bench")[1]
    stand_in.lock("runtime", "lesson==2\n")
    stand_in.lock("dev", "lesson==2\n")
    status, out, err = stand_in.run("bench")
    assert (status, out) == (0, "lesson==1\nlesson==2\nlesson==1\nlesson==2\n"), err


def test_interrupted_set_up_is_repeated(stand_in: Project, tmp_path: Path) -> None:
    (tmp_path / "out of order").touch()
    status, out, err = stand_in.run("bench")
    assert (status, out) == (2, "")
    assert "could not be installed" in err
    (tmp_path / "out of order").unlink()
    status, out, err = stand_in.run("bench")
    assert status == 0
    assert "lesson==1" in out
    assert "setting up" in err


def test_environment_whose_python_went_away_is_made_anew(stand_in: Project) -> None:
    stand_in.run("bench")
    (stand_in.folder / ".venv" / "bin" / "python").unlink()
    status, out, err = stand_in.run("bench")
    assert status == 0
    assert "lesson==1" in out
    assert "setting up" in err


def test_two_first_uses_at_once_set_up_once(stand_in: Project) -> None:
    both = [stand_in.start("bench") for _ in range(2)]
    answers = [process.communicate(timeout=120) for process in both]
    assert answers[0][0] == answers[1][0] != ""
    assert sum("setting up (once" in err for _, err in answers) == 1


def test_missing_system_libraries_are_named_where_they_may_not_be_installed(stand_in: Project) -> None:
    make_program(
        stand_in.programs / "ldconfig",
        "#!/bin/sh\necho '	libpango-1.0.so.0 (libc6) => /lib/libpango-1.0.so.0'\n",
    )
    make_program(stand_in.programs / "id", "#!/bin/sh\necho 1000\n")
    make_program(stand_in.programs / "sudo", "#!/bin/sh\nexit 1\n")
    status, out, err = stand_in.run("serve")
    assert (status, out) == (2, "")
    assert "apt-get install --no-install-recommends libpangoft2-1.0-0 libharfbuzz-subset0\n" in err
    assert not (stand_in.folder / ".venv").exists()


def test_missing_system_libraries_are_installed_where_that_is_allowed(stand_in: Project) -> None:
    log = stand_in.folder / "log"
    make_program(stand_in.programs / "ldconfig", "#!/bin/sh\n")
    make_program(stand_in.programs / "id", "#!/bin/sh\necho 0\n")
    make_program(
        stand_in.programs / "apt-get",
        f'#!/bin/sh\necho "$DEBIAN_FRONTEND $*" >>"{log}"\nexec test -e "{log}.2"\n',
    )
    status, _, err = stand_in.run("serve")
    assert status == 2, err
    tries = log.read_text().splitlines()
    assert all(line.startswith("noninteractive ") for line in tries)
    # First with the lists as they are, then with new ones.
    assert ["install" in line for line in tries] == [True, False]
    assert "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" in tries[0]


@pytest.fixture
def handed_on(tmp_path: Path) -> Callable[..., list[str]]:
    """Return a function that runs the launcher from another folder and returns what Python was given."""
    stub = make_program(tmp_path / "python", PRINTS_ITS_ARGUMENTS)

    def run(*arguments: str) -> list[str]:
        environ = {"PATH": os.environ["PATH"], "IJAZA_SETUP_PYTHON": str(stub)}
        ended = subprocess.run(
            [str(LAUNCHER), *arguments], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
        )
        return ended.stdout.splitlines()

    return run


def test_command_gets_its_arguments_as_they_are_where_the_person_stands(
    handed_on: Callable[..., list[str]], tmp_path: Path
) -> None:
    given = handed_on("personnel", "import", "--agency", "A B", "*", "")
    assert given[:4] == ["<-P>", "<-m>", "<foundation.supervisor>", "<command>"]
    assert given[4:] == ["<personnel>", "<import>", "<--agency>", "<A B>", "<*>", "<>", f"in {tmp_path}"]


@pytest.mark.parametrize(
    ("command", "module"),
    [
        ("serve", "<foundation.supervisor> <serve>"),
        ("web", "<foundation.supervisor> <web>"),
        ("worker", "<foundation.supervisor> <worker>"),
        ("test", "<tools.run_tests>"),
        ("check", "<tools.check>"),
        ("bench", "<bench>"),
    ],
)
def test_each_command_has_its_module(command: str, module: str, handed_on: Callable[..., list[str]]) -> None:
    assert " ".join(handed_on(command, "--x")[2:-1]) == f"{module} <--x>"


def test_nothing_asked_shows_the_commands_and_fails() -> None:
    asked = subprocess.run([str(LAUNCHER), "--help"], capture_output=True, text=True, check=True)
    nothing = subprocess.run([str(LAUNCHER)], capture_output=True, text=True, check=False)
    assert "serve [--host H]" in asked.stdout
    assert (nothing.returncode, nothing.stdout) == (2, asked.stdout)


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_pins_every_library_by_version_and_hash_and_names_no_index(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    assert not re.search(r"https?:|--(extra-)?index|--find-links|--trusted-host", text)
    entries = [entry for entry in re.split(r"\n(?=[A-Za-z0-9])", text) if not entry.startswith("#")]
    assert entries
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_holds_what_is_asked_for(lock: str) -> None:
    locked = {line.split(" ")[0] for line in (ROOT / "requirements" / f"{lock}.txt").read_text().splitlines()}
    asked = (ROOT / "requirements" / f"{lock}.in").read_text().splitlines()
    wanted = {re.sub(r"\[.*\]", "", line) for line in asked if line and line[0] not in "#-"}
    assert wanted - {re.sub(r"\[.*\]", "", line) for line in locked} == set()


def test_development_lock_extends_the_runtime_lock() -> None:
    def pins(lock: str) -> set[str]:
        text = (ROOT / "requirements" / f"{lock}.txt").read_text()
        return set(re.findall(r"^[a-z0-9][^ ]*==[^ ]+", text, re.MULTILINE))

    assert pins("runtime") - pins("dev") == set()


def test_tools_that_judge_packages_know_every_package() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    beside = {"tests", "tools", "bench"}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - beside
    assert packages <= set(settings["importlinter"]["root_packages"])
    assert packages <= set(settings["mypy"]["files"])
    assert packages <= set(settings["coverage"]["run"]["source"])


def test_interpreter_is_one_that_the_project_supports() -> None:
    assert sys.version_info >= (3, 11)
