import json
import signal

import pytest

from thegrid_lab.errors import CommandFailed, LabError
from thegrid_lab.pulumi_cli import command_line, pulumi_workspace

pytestmark = pytest.mark.engines

PROVIDER = """\
import time
from pathlib import Path
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult


class FileProvider(ResourceProvider):
    def create(self, props):
        Path(props["path"]).write_text(props["text"])
        if props["text"] == "slow":
            time.sleep(600)
        return CreateResult(props["path"], props)

    def diff(self, id_, olds, news):
        return DiffResult(changes=olds["text"] != news["text"])

    def update(self, id_, olds, news):
        Path(news["path"]).write_text(news["text"])
        return UpdateResult(news)

    def delete(self, id_, props):
        Path(id_).unlink()


class File(Resource):
    def __init__(self, name, path, text):
        super().__init__(FileProvider(), name, {"path": path, "text": text})
"""

PROGRAM = """\
import pulumi
from provider import File

config = pulumi.Config()
file = File("file", config.require("path"), config.require("text"))
pulumi.export("id", file.id)
pulumi.export("token", config.get_secret("token"))
"""


@pytest.fixture
def program(tmp_path):
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: files\nruntime: python\n")
    (folder / "provider.py").write_text(PROVIDER)
    (folder / "__main__.py").write_text(PROGRAM)
    return folder


@pytest.fixture
def target(tmp_path):
    return tmp_path / "target.txt"


def test_a_stack_goes_through_its_life(pulumi, program, target):
    project = pulumi.project(program, config={"path": str(target), "text": "one"})
    project.preview()
    assert not target.exists()

    project.up()
    assert target.read_text() == "one"
    assert project.outputs()["id"] == str(target)
    assert project.last_changes() == {"create": 2}

    project.up("--expect-no-changes")
    assert project.last_changes() == {"same": 2}

    project.config({"text": "two"})
    project.up()
    assert target.read_text() == "two"
    assert project.last_changes() == {"same": 1, "update": 1}

    project.destroy()
    assert not target.exists()
    assert "resources" not in project.export()["deployment"]


def test_a_program_is_copied_and_its_folder_stays_clean(pulumi, program, target):
    before = sorted(program.iterdir())
    project = pulumi.project(program, config={"path": str(target), "text": "one"})
    assert project.folder != program
    assert sorted(program.iterdir()) == before


def test_a_program_can_be_worked_on_in_place(pulumi, program, target):
    project = pulumi.project(
        program, stack="here", config={"path": str(target), "text": "one"}, in_place=True
    )
    assert (program / "Pulumi.here.yaml").is_file()
    assert project.folder == program


def test_two_stacks_of_a_program_share_a_backend(pulumi, program, tmp_path):
    first = pulumi.project(program, config={"path": str(tmp_path / "first"), "text": "one"})
    second = first.other_stack("prod", config={"path": str(tmp_path / "second"), "text": "two"})
    first.up()
    second.up()
    assert first.outputs()["id"] == str(tmp_path / "first")
    assert second.outputs()["id"] == str(tmp_path / "second")
    stacks = json.loads(first.run("stack", "ls", "--json").stdout)
    assert {stack["name"] for stack in stacks} == {"dev", "prod"}


def test_a_copy_has_the_configuration_and_the_state_and_goes_its_own_way(pulumi, program, target):
    first = pulumi.project(
        program, config={"path": str(target), "text": "one"}, secret_config={"token": "open-sesame"}
    )
    first.up()
    copy = first.copied()
    copy.up("--expect-no-changes")
    assert copy.outputs(show_secrets=True)["token"] == "open-sesame"
    copy.destroy()
    assert "resources" not in copy.export()["deployment"]
    assert "resources" in first.export()["deployment"]


def test_a_missing_virtual_environment_is_named_with_what_to_do(pulumi, program):
    (program / "Pulumi.yaml").write_text(
        "name: files\nruntime: {name: python, options: {virtualenv: venv}}\n"
    )
    done = pulumi.project(program).up(check=False)
    assert done.exit_code != 0
    assert "venv" in done.stdout + done.stderr
    assert "pulumi install" in done.stdout + done.stderr


def test_secret_configuration_is_shown_only_when_asked_for(pulumi, program, target):
    project = pulumi.project(
        program,
        config={"path": str(target), "text": "one"},
        secret_config={"token": "open-sesame"},
    )
    done = project.up()
    assert project.outputs()["token"] == "[secret]"
    assert project.outputs(show_secrets=True)["token"] == "open-sesame"
    state = json.dumps(project.export())
    settings = (project.folder / "Pulumi.dev.yaml").read_text()
    assert "open-sesame" not in state + settings + done.stdout + done.stderr


def test_a_failing_program_is_one_error_with_the_programs_own_words(pulumi, program, target):
    (program / "__main__.py").write_text("raise ValueError('the size must be positive')")
    project = pulumi.project(program)
    with pytest.raises(CommandFailed, match="pulumi up failed with exit code") as caught:
        project.up()
    assert "\n" not in str(caught.value)
    assert "ValueError: the size must be positive" in caught.value.stdout + caught.value.stderr
    assert project.up(check=False).exit_code != 0


def test_a_program_that_exits_by_itself_is_an_error(pulumi, program):
    (program / "__main__.py").write_text("import os; os._exit(7)")
    done = pulumi.project(program).up(check=False)
    assert "the program ended with exit code 7" in done.stdout + done.stderr


def test_a_folder_without_a_project_is_refused(pulumi, tmp_path):
    with pytest.raises(LabError, match=r"is no Pulumi project: it has no Pulumi\.yaml"):
        pulumi.project(tmp_path)


def test_the_users_own_settings_do_not_reach_the_cli(monkeypatch, program):
    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://pulumi.example.com")
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "mine")
    monkeypatch.setenv("THEGRID_ACCESS_TOKEN", "mine")
    with pulumi_workspace() as workspace:
        about = json.loads(workspace.project(program).run("about", "--json").stdout)
        assert about["backend"]["url"].startswith(f"file://{workspace.folder}/state-")
        assert "mine" not in workspace.environment.values()


def test_an_interrupted_update_ends_without_leaving_a_program(program, target, eventually):
    with pulumi_workspace() as workspace:
        project = workspace.project(program)
        (project.folder / "__main__.py").write_text(
            f"open({str(target)!r}, 'w').close()\nimport time; time.sleep(600)"
        )
        update = project.start("up", "--yes", "--skip-preview")
        eventually(target.exists)
        update.signal(signal.SIGINT)
        update.signal(signal.SIGINT)
        assert update.wait(timeout_seconds=20) != 0
        eventually(lambda: workspace.processes() == [])
        assert "Traceback" not in update.log.read_text()


def role(process):
    arguments = command_line(process)
    is_provider = "pulumi.dynamic" in arguments or "pulumi-resource-pulumi-python" in arguments
    return "provider" if is_provider else arguments


def test_providers_of_a_killed_engine_end_with_the_workspace(program, target, eventually, is_alive):
    with pulumi_workspace() as workspace:
        project = workspace.project(program, config={"path": str(target), "text": "slow"})
        update = project.start("up", "--yes", "--skip-preview")
        eventually(target.exists)
        (provider,) = (
            each for each in workspace.processes() if "pulumi.dynamic" in command_line(each)
        )
        engine = next(each for each in workspace.processes() if each.pid == update.pid)
        engine.kill()
        eventually(lambda: not is_alive(engine.pid))
        assert is_alive(provider.pid)
        # The language host and the program go by themselves; only the provider stays.
        eventually(lambda: {role(each) for each in workspace.processes()} == {"provider"})
    assert not is_alive(provider.pid)
