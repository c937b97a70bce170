"""`thegrid keys`: the keys that programs spend with."""

from __future__ import annotations

import shlex
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from thegrid.cli.options import (
    AsJson,
    ProfileName,
    Yes,
    examples,
    help_without_command,
    platform_client,
)
from thegrid.cli.output import Output, cell, table, time_text
from thegrid.cli.questions import confirm
from thegrid.cli.secret_file import SecretFile
from thegrid.client import Client, Misuse, NotFound
from thegrid.client.environment import variables_for
from thegrid.core.duration import parse_duration
from thegrid.core.model import ConsumptionKey, MintedKey

keys = typer.Typer(
    help="Consumption keys, which programs spend with.",
    callback=help_without_command,
    invoke_without_command=True,
    rich_markup_mode=None,
)


@keys.command(
    "list",
    epilog=examples(
        "thegrid keys list", "thegrid keys list --all --json | jq '.keys[] | .name, .state'"
    ),
)
def list_keys(
    show_all: Annotated[
        bool, typer.Option("--all", help="Show revoked and expired keys too.")
    ] = False,
    profile: ProfileName = None,
    as_json: AsJson = False,
) -> None:
    """List the keys of the account. No listing holds a secret."""
    with platform_client(profile) as client:
        listing = client.list_consumption_keys()
    shown = [key for key in listing.keys if show_all or key.is_live(listing.as_of)]
    Output(as_json=as_json).show(
        {
            "as_of": time_text(listing.as_of),
            "keys": [_for_scripts(key, listing.as_of) for key in shown],
        },
        table(
            ("NAME", "PREFIX", "STATE", "EXPIRES", "LAST USED", "ID"),
            [
                (
                    key.name,
                    key.prefix,
                    _state(key, listing.as_of),
                    key.expires_at or "never",
                    key.last_used_at,
                    key.id,
                )
                for key in shown
            ],
        ),
    )


@keys.command(
    "create",
    epilog=examples(
        "thegrid keys create laptop --output-file ~/.grid-key",
        'eval "$(thegrid keys create shell --expires-in 8h --env)"',
        "thegrid keys create ci --show-secret --json | jq -r .secret | secret-tool store …",
    ),
)
def create(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="What the key is called in listings.")
    ],
    expires_in: Annotated[
        str | None,
        typer.Option(
            "--expires-in",
            metavar="DURATION",
            show_default=False,
            help="When it dies by itself, such as 8h or 14d; otherwise never.",
        ),
    ] = None,
    show_secret: Annotated[
        bool, typer.Option("--show-secret", help="Print the secret on stdout.")
    ] = False,
    env: Annotated[
        bool,
        typer.Option(
            "--env", help="Write the secret as shell variables for the OpenAI and Anthropic SDKs."
        ),
    ] = False,
    output_file: Annotated[
        Path | None,
        typer.Option(
            "--output-file",
            metavar="FILE",
            show_default=False,
            help="Write it to this new file, which only you can read, instead of stdout.",
        ),
    ] = None,
    profile: ProfileName = None,
    as_json: AsJson = False,
) -> None:
    """Create a key. Its secret cannot be read again, so say where it shall go.

    One of --show-secret, --env and --output-file is needed.
    """
    if not (show_secret or env or output_file):
        raise Misuse(
            "the secret can be had only now: add --output-file FILE, --env or --show-secret"
        )
    if as_json and env and output_file is None:
        raise Misuse("--env: not with --json, unless --output-file takes the variables")
    length = _length(expires_in)
    output = Output(as_json=as_json)
    with platform_client(profile) as client:
        ends = client.clock.now() + length if length else None
        file = SecretFile.reserve(output_file) if output_file else None
        minted = _minted(client, name, ends, file)
        secret = minted.secret.reveal()
        text = _exports(client, minted) if env else f"{secret}\n"
        if file:
            _fill(file, text, client, minted)
        document: dict[str, Any] = {"key": _for_scripts(minted.key, client.clock.now())}
    if show_secret:
        document["secret"] = secret
    if file:
        document["file"] = str(file.path)
        output.say(f"The secret is in {file.path}, and cannot be read again anywhere else.")
    else:
        output.say("This is the only time that the secret can be read.")
    if as_json or file:
        shown = f"{minted.key.name}  {minted.key.id}" + (f"\n{secret}" if show_secret else "")
        output.show(document, shown)
    else:
        sys.stdout.write(text)


@keys.command(
    "revoke",
    epilog=examples(
        "thegrid keys revoke laptop",
        "thegrid keys revoke --yes 0b9e4a52-3f6c-4f0e-9f5e-2d1c8f7a6b3d",
    ),
)
def revoke(
    key: Annotated[
        str, typer.Argument(help="The key's id, or its name if only one live key has it.")
    ],
    yes: Yes = False,
    profile: ProfileName = None,
    as_json: AsJson = False,
) -> None:
    """Revoke a key at once and for good."""
    with platform_client(profile) as client:
        found = _the_key(key, client)
        if not yes:
            confirm(
                f"Revoke the key {cell(found.name)!r} ({cell(found.prefix)}…) for good?",
                instead="add --yes",
            )
        client.revoke_consumption_key(found.id)
    Output(as_json=as_json).show(
        {"id": found.id, "name": found.name, "state": "revoked"}, f"Revoked {cell(found.name)!r}."
    )


def _length(text: str | None) -> Any:
    try:
        return parse_duration(text) if text is not None else None
    except ValueError as problem:
        raise Misuse(f"--expires-in: {problem}") from None


def _minted(client: Client, name: str, ends: datetime | None, file: SecretFile | None) -> MintedKey:
    try:
        return client.create_consumption_key(name, expires_at=ends)
    except BaseException:
        if file:
            file.abandon()
        raise


def _fill(file: SecretFile, text: str, client: Client, minted: MintedKey) -> None:
    """Write the secret down; a key whose secret is lost is no use to anybody."""
    try:
        file.fill(text)
    except OSError as problem:
        client.revoke_consumption_key(minted.key.id)
        raise Misuse(
            f"{file.path}: cannot be written ({problem.strerror}); the new key was revoked"
        ) from None


def _exports(client: Client, minted: MintedKey) -> str:
    variables = variables_for(client.endpoints, minted.secret)
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())


def _the_key(said: str, client: Client) -> ConsumptionKey:
    """Find the key that was meant, by its id first."""
    listing = client.list_consumption_keys()
    for key in listing.keys:
        if key.id == said:
            return key
    named = [key for key in listing.keys if key.name == said and key.is_live(listing.as_of)]
    if len(named) == 1:
        return named[0]
    if named:
        raise Misuse(f"{len(named)} live keys are called {said!r}: give the id instead")
    with suppress(NotFound):  # a key that was made just now may not be listed yet
        return client.consumption_key(said)
    raise Misuse(f"no live key is called {said!r}, and none has this id: thegrid keys list")


def _state(key: ConsumptionKey, now: datetime) -> str:
    if not key.is_active:
        return "revoked"
    return "live" if key.is_live(now) else "expired"


def _for_scripts(key: ConsumptionKey, now: datetime) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "state": _state(key, now),
        "created_at": time_text(key.created_at),
        "expires_at": time_text(key.expires_at),
        "last_used_at": time_text(key.last_used_at),
    }
