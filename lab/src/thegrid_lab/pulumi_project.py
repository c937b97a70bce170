"""One Pulumi program with one stack, and the commands that are run on it."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from thegrid_lab.errors import CommandFailed
from thegrid_lab.processes import ChildProcess, Completed, run
from thegrid_lab.pulumi_records import Records

_QUIET = ("--non-interactive", "--color=never")
_WITHOUT_STACK = ("install", "plugin", "version", "whoami")


class PulumiProject:
    """One stack of one program; see `thegrid_lab.pulumi_cli`.

    Attributes:
        folder: The project's folder, with its ``Pulumi.yaml``.
        stack: The stack's name.
        environment: What the CLI and the program run with.
        started: Processes that `start` began and whose owner ends them.
        records: Where what the commands print is kept, if anywhere.
    """

    def __init__(
        self,
        executable: Path,
        folder: Path,
        *,
        stack: str,
        environment: Mapping[str, str],
        started: list[ChildProcess],
        records: Records,
    ) -> None:
        self._executable = executable
        self.folder = folder
        self.stack = stack
        self.environment = environment
        self.started = started
        self.records = records

    def run(
        self,
        *arguments: str,
        check: bool = True,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
        timeout_seconds: float = 300,
    ) -> Completed:
        """Run any command of the CLI on this stack.

        Args:
            arguments: The command and its options, without the stack.
            check: Whether an exit code other than 0 is an error.
            stdin: What the command reads.
            env: Environment variables beside the workspace's.
            timeout_seconds: How long it may take.

        Returns:
            Its output and exit code.

        Raises:
            CommandFailed: It failed and `check` is set.
            ProcessFailed: It did not end in time.
        """
        name, options, variables = self.records.begin(arguments)
        title = f"pulumi {arguments[0]}"
        done = run(
            [*self._command(arguments), *options],
            title=title,
            env={**self.environment, **variables, **(env or {})},
            cwd=self.folder,
            stdin=stdin,
            timeout_seconds=timeout_seconds,
            check=False,
        )
        self.records.keep(name, arguments, done)
        if check and done.exit_code != 0:
            raise CommandFailed(title, done.exit_code, stdout=done.stdout, stderr=done.stderr)
        return done

    def start(self, *arguments: str, env: Mapping[str, str] | None = None) -> ChildProcess:
        """Start a command and do not wait for it: to interrupt or to kill it halfway.

        Args:
            arguments: The command and its options, such as ``"up", "--yes", "--skip-preview"``.
            env: Environment variables beside the workspace's.

        Returns:
            The process; `ChildProcess.signal` with SIGINT is a Ctrl-C. It ends with the workspace.
        """
        name, options, variables = self.records.begin(arguments)
        folder = self.records.folder or Path(self.environment["PULUMI_HOME"])
        process = ChildProcess(
            f"pulumi {arguments[0]}",
            [*self._command(arguments), *options],
            log=folder / f"{name}.log",
            env={**self.environment, **variables, **(env or {})},
            cwd=self.folder,
        )
        self.started.append(process)
        return process

    def _command(self, arguments: tuple[str, ...]) -> list[str | Path]:
        stack = () if arguments[0] in _WITHOUT_STACK else (f"--stack={self.stack}",)
        return [self._executable, *arguments, *stack, *_QUIET]

    def up(
        self, *options: str, check: bool = True, env: Mapping[str, str] | None = None
    ) -> Completed:
        """Run ``pulumi up`` without a preview before it.

        Args:
            options: Further options, such as ``--refresh``.
            check: Whether an exit code other than 0 is an error.
            env: Environment variables beside the workspace's.

        Returns:
            Its output and exit code.

        Raises:
            CommandFailed: It failed and `check` is set.
        """
        return self.run("up", "--yes", "--skip-preview", *options, check=check, env=env)

    def preview(
        self, *options: str, check: bool = True, env: Mapping[str, str] | None = None
    ) -> Completed:
        """Run ``pulumi preview``.

        Args:
            options: Further options, such as ``--expect-no-changes`` or ``--json``.
            check: Whether an exit code other than 0 is an error.
            env: Environment variables beside the workspace's.

        Returns:
            Its output and exit code.

        Raises:
            CommandFailed: It failed and `check` is set.
        """
        return self.run("preview", *options, check=check, env=env)

    def refresh(
        self, *options: str, check: bool = True, env: Mapping[str, str] | None = None
    ) -> Completed:
        """Run ``pulumi refresh``, which reads every resource anew.

        Args:
            options: Further options, such as ``--run-program``.
            check: Whether an exit code other than 0 is an error.
            env: Environment variables beside the workspace's.

        Returns:
            Its output and exit code.

        Raises:
            CommandFailed: It failed and `check` is set.
        """
        return self.run("refresh", "--yes", "--skip-preview", *options, check=check, env=env)

    def destroy(
        self, *options: str, check: bool = True, env: Mapping[str, str] | None = None
    ) -> Completed:
        """Run ``pulumi destroy``, which deletes every resource and keeps the stack.

        Args:
            options: Further options, such as ``--run-program``.
            check: Whether an exit code other than 0 is an error.
            env: Environment variables beside the workspace's.

        Returns:
            Its output and exit code.

        Raises:
            CommandFailed: It failed and `check` is set.
        """
        return self.run("destroy", "--yes", "--skip-preview", *options, check=check, env=env)

    def outputs(self, *, show_secrets: bool = False) -> dict[str, Any]:
        """Read what the program exported.

        Args:
            show_secrets: Whether secrets are decrypted; ``[secret]`` stands for them otherwise.

        Returns:
            The stack's outputs by name.

        Raises:
            CommandFailed: There is no such stack.
        """
        shown = ("--show-secrets",) if show_secrets else ()
        answer: dict[str, Any] = json.loads(self.run("stack", "output", "--json", *shown).stdout)
        return answer

    def export(self) -> dict[str, Any]:
        """Read the state as it is stored, secrets encrypted.

        Returns:
            What ``pulumi stack export`` prints.

        Raises:
            CommandFailed: There is no such stack.
        """
        answer: dict[str, Any] = json.loads(self.run("stack", "export").stdout)
        return answer

    def last_changes(self) -> dict[str, int]:
        """Count what the last ``up``, ``refresh`` or ``destroy`` did.

        Returns:
            Operations such as ``create``, ``update`` or ``same``, and how many resources had each.

        Raises:
            CommandFailed: There is no such stack.
        """
        history = json.loads(self.run("stack", "history", "--json", "--page-size=1").stdout)
        changes: dict[str, int] = history[0].get("resourceChanges") or {}
        return changes

    def copied(self) -> PulumiProject:
        """Copy program, configuration and state, which is quicker than making a stack anew.

        Returns:
            A project of the same name, with the same stack in a backend of its own.
        """
        backend = Path(self.environment["PULUMI_BACKEND_URL"].removeprefix("file://"))
        folder, state = map(_copied, (self.folder, backend))
        return PulumiProject(
            self._executable,
            folder,
            stack=self.stack,
            environment={**self.environment, "PULUMI_BACKEND_URL": f"file://{state}"},
            started=self.started,
            records=self.records,
        )

    def other_stack(
        self,
        stack: str,
        *,
        config: Mapping[str, str] | None = None,
        secret_config: Mapping[str, str] | None = None,
    ) -> PulumiProject:
        """Make another stack of the same program, in the same backend.

        Args:
            stack: The stack's name.
            config: Its configuration.
            secret_config: Configuration that is stored encrypted.

        Returns:
            The project with the other, empty stack.

        Raises:
            CommandFailed: The stack exists already, or a key is not allowed.
        """
        other = PulumiProject(
            self._executable,
            self.folder,
            stack=stack,
            environment=self.environment,
            started=self.started,
            records=self.records,
        )
        other.initialize(config or {}, secret_config or {})
        return other

    def initialize(self, config: Mapping[str, str], secret_config: Mapping[str, str]) -> None:
        """Make the stack and set its configuration.

        Args:
            config: Its configuration.
            secret_config: Configuration that is stored encrypted.

        Raises:
            CommandFailed: The stack exists already, or a key is not allowed.
        """
        self.run("stack", "init")
        self.config(config)
        self.config(secret_config, secret=True)

    def config(self, values: Mapping[str, str], *, secret: bool = False) -> None:
        """Set configuration of the stack.

        Args:
            values: Values by their keys, such as ``thegrid:endpoint``.
            secret: Whether the values are stored encrypted.

        Raises:
            CommandFailed: A key is not allowed.
        """
        kind = "--secret" if secret else "--plaintext"
        for key, value in values.items():
            # Values go through standard input: arguments are visible to every user of the machine.
            self.run("config", "set", kind, key, stdin=value)


def _copied(folder: Path) -> Path:
    copy = tempfile.mkdtemp(prefix=f"{folder.name}-", dir=folder.parent)
    return shutil.copytree(folder, Path(copy), dirs_exist_ok=True)
