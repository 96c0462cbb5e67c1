"""What is known about a tensor beside its value and its first two inputs."""

from typing import TYPE_CHECKING, Any, NamedTuple

from autograd.callsite import Site, describe_site

if TYPE_CHECKING:
    from autograd.hooks import Hooks

__all__ = ["NO_DETAILS", "Cut", "Details", "MoreDetails"]


class Cut(NamedTuple):
    """What took a value out of the graph, such as ``detach()``, and on which line."""

    what: str
    site: Site | None

    def __str__(self) -> str:
        place = describe_site(self.site)
        return f"{self.what} at {place}" if place else self.what


class Details:
    """What is known about a tensor beside its value and its inputs.

    Results of scalar operators share the details of the scope they were made in, which
    are therefore never changed.
    """

    __slots__ = ("more", "name", "saved", "scope", "settings", "site")

    # What few tensors have; `MoreDetails` has a place for it.
    cut: Cut | None = None  # why a constant is one
    hooks: "Hooks | None" = None  # functions that are called with the gradient
    digests: tuple[bytes, ...] = ()  # of the inputs and the value, in debug mode
    written: int = 0  # when the value of a result was last changed in place

    def __init__(
        self,
        scope: tuple[str, ...],
        name: str | None = None,
        site: Site | None = None,
    ) -> None:
        self.scope = scope
        self.name = name
        self.site = site  # the line that made it, for leaves and in debug mode
        self.settings: dict[str, Any] | None = None  # what the operation was told
        self.more: tuple[Any, ...] = ()  # the inputs from the third on
        self.saved: Any = None  # what a fused forward kept for its backward

    def renamed(self, name: str | None) -> "Details":
        """Return the same details with another name."""
        twin = self.extended()
        twin.name = name
        return twin

    def extended(
        self, *, cut: Cut | None = None, hooks: "Hooks | None" = None, written: int = 0
    ) -> "MoreDetails":
        """Return the same details with something that few tensors have."""
        twin = MoreDetails(self.scope, self.name, self.site)
        twin.settings = self.settings
        twin.more = self.more
        twin.saved = self.saved
        twin.cut = cut or self.cut
        twin.hooks = hooks or self.hooks
        twin.digests = self.digests
        twin.written = written or self.written
        return twin


class MoreDetails(Details):
    """Details with a place for what few tensors have."""

    __slots__ = ("cut", "digests", "hooks", "written")

    cut: Cut | None
    hooks: "Hooks | None"
    digests: tuple[bytes, ...]
    written: int

    def __init__(
        self,
        scope: tuple[str, ...],
        name: str | None = None,
        site: Site | None = None,
    ) -> None:
        super().__init__(scope, name, site)
        self.cut = self.hooks = None
        self.digests = ()
        self.written = 0


NO_DETAILS = Details(())
