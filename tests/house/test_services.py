"""The server that the tests start for themselves: it is there, it is private, and nothing of it stays."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.support.waiting import eventually
from tools.services import postgresql, prefix, run_folder

ROOT = Path(__file__).resolve().parent.parent.parent


def test_server_answers_on_a_private_socket_and_is_gone_afterwards() -> None:
    with run_folder() as folder, postgresql(folder) as address:
        engine = create_engine(address)
        with engine.connect() as connection:
            port_and_locale = connection.execute(
                text(
                    "SELECT current_setting('listen_addresses'), datcollate FROM pg_database WHERE datname = 'postgres'"
                )
            ).one()
        engine.dispose()
        assert tuple(port_and_locale) == ("", "C.UTF-8")
        socket_folder = Path(str(make_url(address).query["host"]))
        assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
    assert not folder.exists()


def test_killed_run_leaves_no_server_and_the_next_run_removes_its_folder() -> None:
    script = (
        "from tools.services import *; import signal\n"
        "with run_folder() as folder, postgresql(folder):\n"
        "    print(folder, (folder / 'pg/data/postmaster.pid').read_text().split()[0], flush=True)\n"
        "    signal.pause()"
    )
    run = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    folder, server = run.stdout.readline().split()
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    assert eventually(lambda: not Path(f"/proc/{server}").exists())
    assert Path(folder).exists()
    assert Path(folder).name.startswith(prefix())
    with run_folder():
        assert not Path(folder).exists()


def test_run_that_goes_on_is_left_alone() -> None:
    with run_folder() as first:
        script = "from tools.services import *\nwith run_folder(): pass"
        subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
        assert first.exists()
