"""The real Pulumi CLI on a state of its own: a temporary home and a ``file://`` backend.

::

    with pulumi_workspace() as workspace:
        project = workspace.project(Path("examples/trading-key"), config={"thegrid:endpoint": url})
        project.up()
        print(project.outputs())
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil

from thegrid_lab.engines import find_or_build
from thegrid_lab.errors import LabError
from thegrid_lab.processes import ChildProcess, clean_exit_on_sigterm
from thegrid_lab.pulumi_project import PulumiProject
from thegrid_lab.pulumi_records import Records

_MARK = "THEGRID_LAB_WORKSPACE"
_KEPT = ("THEGRID_TEST_CLOCK", "THEGRID_LAB_CACHE")
_REAP_SECONDS = 3.0


class PulumiWorkspace:
    """A Pulumi CLI with a home, a backend and a passphrase of its own; see `pulumi_workspace`.

    Attributes:
        folder: The temporary folder that holds everything.
        executable: The CLI.
        environment: What the CLI runs with; the program sees it too.
        started: Processes that `PulumiProject.start` began.
        records: What is kept of the commands' outputs; nothing until it has a folder.
    """

    def __init__(self, folder: Path, executable: Path) -> None:
        self.folder = folder
        self.executable = executable
        self.started: list[ChildProcess] = []
        self.records = Records()
        self._mark = secrets.token_hex(8)
        self.environment = _environment(folder, executable) | {_MARK: self._mark}

    def project(
        self,
        program: Path,
        *,
        stack: str = "dev",
        config: Mapping[str, str] | None = None,
        secret_config: Mapping[str, str] | None = None,
        in_place: bool = False,
    ) -> PulumiProject:
        """Make a stack of a program, in a backend of its own.

        Args:
            program: A folder with a ``Pulumi.yaml`` and a ``__main__.py``.
            stack: The stack's name.
            config: Its configuration.
            secret_config: Configuration that is stored encrypted.
            in_place: Work in `program` itself, instead of in a copy that goes with the workspace.

        Returns:
            The project with its empty stack.

        Raises:
            LabError: The folder holds no ``Pulumi.yaml``.
            CommandFailed: The stack exists already, or a key is not allowed.
        """
        if not (program / "Pulumi.yaml").is_file():
            raise LabError(f"{program} is no Pulumi project: it has no Pulumi.yaml")
        folder = program if in_place else self._copy(program)
        backend = tempfile.mkdtemp(prefix="state-", dir=self.folder)
        environment = self.environment | {"PULUMI_BACKEND_URL": f"file://{backend}"}
        project = PulumiProject(
            self.executable,
            folder,
            stack=stack,
            environment=environment,
            started=self.started,
            records=self.records,
        )
        project.initialize(config or {}, secret_config or {})
        return project

    def _copy(self, program: Path) -> Path:
        folder = Path(tempfile.mkdtemp(prefix=f"{program.name}-", dir=self.folder))
        skipped = shutil.ignore_patterns("__pycache__", "Pulumi.*.yaml", ".venv")
        return shutil.copytree(program, folder, ignore=skipped, dirs_exist_ok=True)

    def processes(self) -> list[psutil.Process]:
        """Find everything that runs for this workspace.

        Returns:
            Processes whose environment bears the workspace's mark: CLIs, language hosts, programs
            and providers, also orphaned ones.
        """
        return [each for each in psutil.process_iter() if _environ(each).get(_MARK) == self._mark]

    def close(self) -> None:
        """End every process of this workspace. A killed engine leaves its providers running."""
        for process in self.started:
            process.stop()
        left = self.processes()
        for orphan in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                orphan.send_signal(signal.SIGKILL)
        psutil.wait_procs(left, timeout=_REAP_SECONDS)


def command_line(process: psutil.Process) -> str:
    """Return a process's command and arguments as one text; empty once it has ended.

    Args:
        process: One of a workspace's processes.
    """
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # ended, and perhaps not reaped yet
        return ""


def _environ(process: psutil.Process) -> Mapping[str, str]:
    try:
        environment: Mapping[str, str] = process.environ()
    except (psutil.Error, OSError):  # ended meanwhile, or another user's
        return {}
    return environment


def _environment(folder: Path, executable: Path) -> dict[str, str]:
    """Ours without the user's own settings and credentials, with the settings of an offline run."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if key in _KEPT or not key.startswith(("PULUMI_", "THEGRID_"))
    }
    return kept | {
        "PATH": os.pathsep.join([str(executable.parent), os.environ.get("PATH", os.defpath)]),
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "a passphrase for tests",
        "PULUMI_PYTHON_CMD": sys.executable,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK": "1",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }


@contextlib.contextmanager
def pulumi_workspace() -> Iterator[PulumiWorkspace]:
    """Make a workspace, and take it away with every process and file of it.

    Yields:
        The workspace.

    Raises:
        EngineUnavailable: There is no Pulumi CLI and none can be built.
    """
    executable = find_or_build("pulumi")["pulumi"].path
    with (
        clean_exit_on_sigterm(),
        tempfile.TemporaryDirectory(prefix="thegrid-pulumi-", ignore_cleanup_errors=True) as folder,
    ):
        for name in ("home", "state"):
            (Path(folder) / name).mkdir()
        workspace = PulumiWorkspace(Path(folder), executable)
        try:
            yield workspace
        finally:
            workspace.close()
