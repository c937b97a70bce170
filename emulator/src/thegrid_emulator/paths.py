"""Patterns of paths, as faults and the alternate dialect name routes by."""


def fits(pattern: str, path: str) -> bool:
    """Return whether a path is one that a pattern means.

    Args:
        pattern: after the surface's prefix; a segment in braces stands for any, for example
            `/api-keys/{id}`.
        path: after the surface's prefix.
    """
    wanted, given = pattern.split("/"), path.split("/")
    return len(wanted) == len(given) and all(
        segment == wildcard or (wildcard.startswith("{") and wildcard.endswith("}"))
        for wildcard, segment in zip(wanted, given, strict=True)
    )
