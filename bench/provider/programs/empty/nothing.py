"""The least that a dynamic resource can be; pickled by reference and in plain, as ours are."""

from typing import Any

from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider


class NothingProvider(ResourceProvider):
    """Does nothing."""

    serialize_as_secret_always = False

    def create(self, _props: dict[str, Any]) -> CreateResult:
        """Make nothing."""
        return CreateResult("nothing", {})

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Find nothing changed."""
        return DiffResult(changes=False)


class Nothing(Resource, module="bench", name="Nothing"):
    """A resource without a property."""

    def __init__(self, name: str) -> None:
        super().__init__(NothingProvider(), name, {})
