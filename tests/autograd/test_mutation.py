"""Every derivative rule, made wrong on purpose: the tests of its operation must fail.

A mutant is one rule with one mistake. It is killed if a check of `test_every_op`, run
on the operation's own samples, raises. There are two sources of mistakes: what a rule
returns is changed, or one operator of its text is. The smallest samples come first,
and a mutant survives only if it passes them all.
"""

import ast
import copy
import functools
import itertools
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np
import pytest

from autograd import PRIMITIVES, Primitive, Tensor
from tests.autograd import test_every_op as checks
from tests.autograd.ops import test_reduction as reductions

# ---- mistakes in what a rule returns: (product, input) -> wrong product --------------


def with_axis_not_summed(d, x):
    """Take one copy along an axis over which the engine would sum the copies."""
    extra = np.ndim(d) - np.ndim(x)
    if extra > 0:
        return d[0]
    for axis, (n, copies) in enumerate(zip(np.shape(x), np.shape(d), strict=True)):
        if n == 1 < copies:
            return d[(slice(None),) * axis + (slice(0, 1),)]
    return d


def with_axis_summed(d, x):
    """Sum over an axis that must be kept, and repeat the sum along it."""
    for axis in range(np.ndim(d)):
        if np.shape(d)[axis] > 1:
            return np.sum(d, axis=axis, keepdims=True) + 0.0 * d
    return d


def detached(d, x):
    """Record a constant in place of what depends on the inputs and the cotangent."""
    return d.detach() if isinstance(d, Tensor) else d


MISTAKES: dict[str, Callable[[Any, Any], Any]] = {
    "sign": lambda d, x: -d,
    "factor 1 + 1e-6": lambda d, x: d * (1 + 1e-6),
    "plus 1e-5": lambda d, x: d + 1e-5,
    "zero": lambda d, x: 0.0 * d,
    "axis summed": with_axis_summed,
    "axis not summed": with_axis_not_summed,
    "detached": detached,
}


class Place(NamedTuple):
    """Where a mistake is planted: a rule, or the backward function of `Fused`."""

    op: Primitive
    position: int
    fused: bool = False

    def __str__(self):
        return f"{self.op.name}{' fused' if self.fused else ''} {self.position}"

    @property
    def function(self):
        return self.op.fused.backward if self.fused else self.op.vjps[self.position]

    @property
    def may_be_repeated(self):
        """Whether the engine may have to sum what is returned over some axes."""
        alone = len(self.op.vjps) == 1 and not self.op.sequence
        kept = self.op.name in ("setitem", "standardize") and self.position == 0
        return self.op.broadcasts and not alone and not kept

    def plant(self, patch, function):
        if self.fused:
            wrong = self.op.fused._replace(backward=function)
            patch.setattr(self.op, "fused", wrong)
        else:
            rules = list(self.op.vjps)
            rules[self.position] = function
            patch.setattr(self.op, "vjps", tuple(rules))

    def returning(self, mistake):
        """Return the function with a mistake in what it returns for this input."""
        right, position = self.function, self.position

        @functools.wraps(right)
        def wrong(*args, **settings):
            result = right(*args, **settings)
            if self.fused:
                products = list(result)
                given = args[4:]  # the last ones may have been left out
                if position < len(given) and products[position] is not None:
                    products[position] = mistake(products[position], given[position])
                return tuple(products)
            x = args[3 + args[0]] if self.op.sequence else args[2 + position]
            return mistake(result, x)

        return wrong


def places() -> Iterator[Place]:
    for op in PRIMITIVES.values():
        if not op.forward.__module__.startswith("autograd."):
            continue
        for position, rule in enumerate(op.vjps):
            if rule is not None:
                yield Place(op, position)
                if op.fused is not None:
                    yield Place(op, position, fused=True)


# ---- mistakes in the text of a rule --------------------------------------------------


@functools.cache
def functions_of(path: str) -> list[ast.AST]:
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    kinds = ast.Lambda | ast.FunctionDef
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def code_of(node: Any) -> Any:
    """Compile one function of a module on its own."""
    if isinstance(node, ast.Lambda):
        code = compile(ast.Expression(node), "<mutant>", "eval")
    else:
        code = compile(ast.Module([node], []), "<mutant>", "exec")
    return next(c for c in code.co_consts if hasattr(c, "co_code"))


def end_of(code: Any) -> Any:
    """Return where the text of a function ends, and the names of its variables."""
    ends = [(line, column) for _, line, _, column in code.co_positions() if column]
    return max(ends), code.co_varnames


def text_of(function: Callable[..., Any]) -> ast.AST | None:
    """Return the syntax tree of a function, None where it is a closure or partial."""
    if not isinstance(function, FunctionType):
        return None
    code = function.__code__
    for node in functions_of(sys.modules[function.__module__].__file__ or ""):
        same_line = getattr(node, "lineno", 0) == code.co_firstlineno
        if same_line and end_of(code_of(node)) == end_of(code):
            return None if code.co_freevars else node
    return None


def rebuilt(tree: ast.AST, function: FunctionType) -> FunctionType:
    """Return the function that a changed copy of a function's tree describes."""
    made = FunctionType(code_of(tree), function.__globals__)
    made.__defaults__ = function.__defaults__
    made.__kwdefaults__ = function.__kwdefaults__
    return made


class Replace(ast.NodeTransformer):
    """Replaces the node at one place of a tree."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node):
        return self.new if node is self.old else self.generic_visit(node)


def replacements(node: Any) -> Iterator[tuple[str, ast.AST]]:
    """Yield what may stand wrongly in place of an operator, and a name for it."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        if ast.unparse(node) == "-1":  # an axis or a length, not a sign
            return
        yield "sign in the text", node.operand
    if not isinstance(node, ast.BinOp):
        return
    if isinstance(node.op, ast.Add | ast.Sub):
        other = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        yield "sign in the text", ast.BinOp(node.left, other, node.right)
        yield "term dropped", node.left
        yield "term dropped", node.right
    if isinstance(node.op, ast.Mult | ast.Div):
        yield "factor dropped", node.left
    if isinstance(node.op, ast.Mult):
        yield "factor dropped", node.right


def rewritten(function: Callable[..., Any]) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield a function with one operator of its text changed, in every way."""
    tree = text_of(function)
    if tree is None or not isinstance(function, FunctionType):
        return
    for number, node in enumerate(ast.walk(tree)):
        for which, (kind, _) in enumerate(replacements(node)):
            own = copy.deepcopy(tree)
            old = list(ast.walk(own))[number]
            new = list(replacements(old))[which][1]
            wrong = ast.fix_missing_locations(Replace(old, new).visit(own))
            text = f"{kind}: {ast.unparse(old)} -> {ast.unparse(new)}"
            yield text, rebuilt(wrong, function)


# ---- what must notice ----------------------------------------------------------------


# Tests of branches that no sample can reach: kinks, and inputs that are 0-d.
BESIDES: dict[str, list[Callable[[], object]]] = {
    "clip": [checks.test_limits_of_clip],
    "dot": [functools.partial(checks.test_dot_with_a_0d_tensor, k) for k in (0, 1)],
    "max": [lambda: reductions.test_largest_values_share_the_gradient(np.max, 1)],
    "min": [lambda: reductions.test_largest_values_share_the_gradient(np.min, -1)],
    "power": [checks.test_power_of_a_base_that_is_zero],
    "std": [reductions.test_a_row_of_equal_values_leaves_the_others_alone],
}


def checks_of(op: Primitive) -> list[Callable[[], object]]:
    """Return the derivative checks of an operation, the smallest samples first."""
    calls = [checks.read_sample(op, sample) for sample in op.samples]
    calls.sort(key=lambda call: sum(x.size for x in call.arrays()))
    found: list[Callable[[], object]] = []
    for call in calls:
        if op.fused is not None:
            found.append(functools.partial(implementations_agree, call))
        found.append(functools.partial(checks.test_first_and_second_derivative, call))
    if op.elementwise and len(op.vjps) > 1:
        for shapes in checks.PAIRS:
            check = checks.test_elementwise_broadcasting
            found.append(functools.partial(check, op, shapes))
    return [*found, *BESIDES.get(op.name, ())]


def implementations_agree(call):
    with pytest.MonkeyPatch.context() as patch:
        checks.test_second_implementation_equals_the_rules(call, patch)


def is_killed(place: Place, function: Callable[..., Any]) -> bool:
    with pytest.MonkeyPatch.context() as patch:
        place.plant(patch, function)
        for check in checks_of(place.op):
            try:
                check()
            except Exception:
                return True
    return False


def mutants(place: Place) -> Iterator[tuple[str, Callable[..., Any]]]:
    for kind, mistake in MISTAKES.items():
        skipped = (kind == "detached" and place.fused) or (
            kind == "axis not summed" and not place.may_be_repeated
        )
        if not skipped:
            yield kind, place.returning(mistake)
    written = place.op.vjps.index(place.function) if not place.fused else 0
    if place.position == written:  # a text that several inputs share counts once
        yield from rewritten(place.function)


# ---- mutants that are still right ----------------------------------------------------

# The derivative is 0 wherever there is one: so is any multiple, sum or constant of it.
ZERO = {
    *("sign 0", "heaviside 0", "floor_divide 0", "floor_divide 1", "copysign 1"),
    *("floor 0", "ceil 0", "trunc 0", "rint 0", "round 0"),
}
# More leading axes of length 1 than the value has: the engine sums them away.
AXES = {
    "value.ndim - part.ndim -> value.ndim + part.ndim",
    "value.ndim - part.ndim -> value.ndim",
}
SAME = {"setitem 1": AXES}


def is_right(place: Place, mistake: str) -> bool:
    if str(place) in ZERO:
        return mistake in MISTAKES and mistake != "plus 1e-5"
    return mistake.partition(": ")[2] in SAME.get(str(place), ())


# ---- the tests -----------------------------------------------------------------------


@pytest.mark.slow
def test_rules_without_a_mistake_pass():
    """What plants the mistakes, and takes the text apart, breaks nothing by itself."""
    for op, its_places in itertools.groupby(places(), key=lambda place: place.op):
        with pytest.MonkeyPatch.context() as patch:
            for place in its_places:
                tree = text_of(place.function)
                if tree is not None:
                    place.plant(patch, rebuilt(tree, place.function))
                place.plant(patch, place.returning(lambda d, x: d))
            for check in checks_of(op):
                check()


@pytest.mark.slow
def test_no_mutant_survives(capsys):
    made = Counter()
    killed = Counter()
    excused, survived = set(), []
    for place in places():
        for mistake, function in mutants(place):
            kind = mistake.partition(":")[0]
            made[kind] += 1
            if is_killed(place, function):
                killed[kind] += 1
            elif is_right(place, mistake):
                excused.add(str(place))
            else:
                survived.append(f"{place}: {mistake}")
    kinds = ", ".join(f"{kind} {killed[kind]}/{made[kind]}" for kind in made)
    with capsys.disabled():
        print(
            f"\n| mutants of rules | made {made.total()} | killed {killed.total()} | "
            f"still right {made.total() - killed.total() - len(survived)} | "
            f"survived {len(survived)} | {kinds} |"
        )
    assert survived == []
    assert excused == {*ZERO, *SAME}  # nothing is excused that is noticed
