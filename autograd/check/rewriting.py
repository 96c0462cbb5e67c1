"""The mistakes that students make, as changes to a statement's syntax tree."""

import ast
import copy
from collections.abc import Callable, Iterator

from autograd.check.scene import Scene, names_in, target_name
from autograd.check.source_edit import calls, expression, replaced

__all__ = ["rewrites"]

Change = tuple[str, ast.expr]
_PRODUCTS = ("dot", "matmul")
_LAYERS = 2  # how many values of other layers are tried in one place


def rewrites(statement: ast.stmt, scene: Scene) -> Iterator[tuple[str, ast.stmt]]:
    """Yield the wrong versions of one statement: mistake, statement.

    Parameters
    ----------
    statement : ast.stmt
        An assignment or a return; it is left unchanged.
    scene : Scene
        The function it stands in.
    """
    for target, value, put in _slots(statement):
        of = scene.meanings(target)
        if of is None or (
            target in scene.accumulated and not scene.holds_gradient(value)
        ):
            continue  # a buffer that is filled further down
        for rule in _RULES:
            for mistake, changed in rule(value, of, scene):
                yield mistake, put(changed)
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add):
        yield from _accumulation(statement, scene)


def _accumulation(
    statement: ast.AugAssign, scene: Scene
) -> Iterator[tuple[str, ast.stmt]]:
    """Yield what goes wrong in ``dW += ...``: left out, or overwritten."""
    of = scene.meanings(target_name(statement.target))
    if of is None:
        return
    is_penalty = _is_penalty(statement.value, of, scene)
    yield "missing_regularization" if is_penalty else "missing_path", ast.Pass()
    lineno = statement.lineno
    yield "overwritten", ast.Assign([statement.target], statement.value, lineno=lineno)


def _slots(
    statement: ast.stmt,
) -> Iterator[tuple[str, ast.expr, Callable[[ast.expr], ast.stmt]]]:
    """Yield the gradients that a statement computes: name, expression, replacer."""
    if isinstance(statement, ast.Assign | ast.AugAssign):
        targets = (
            statement.targets
            if isinstance(statement, ast.Assign)
            else [statement.target]
        )

        def put(expression: ast.expr) -> ast.stmt:
            changed = copy.copy(statement)
            changed.value = expression
            return changed

        if len(targets) == 1:
            yield target_name(targets[0]), statement.value, put
    elif isinstance(statement, ast.Return) and isinstance(statement.value, ast.Dict):
        table = statement.value
        for k, (key, value) in enumerate(zip(table.keys, table.values, strict=True)):
            if isinstance(key, ast.Constant) and not isinstance(value, ast.Name):

                def put_item(expression: ast.expr, k: int = k) -> ast.stmt:
                    values = [*table.values[:k], expression, *table.values[k + 1 :]]
                    return ast.Return(ast.Dict(table.keys, values))

                yield str(key.value), value, put_item


def _binary(tree: ast.expr, *kinds: type[ast.operator]) -> Iterator[ast.BinOp]:
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, kinds):
            yield node


def _calls(tree: ast.expr, *names: str) -> Iterator[ast.Call]:
    """Yield the calls ``np.sum(x)`` with one of the names."""
    for call in calls(tree, *names):
        module = call.func.value  # type: ignore[attr-defined]
        if call.args and isinstance(module, ast.Name) and module.id == "np":
            yield call


def _multiplications(tree: ast.expr) -> Iterator[tuple[ast.expr, ast.expr, ast.expr]]:
    """Yield the elementwise products: node, left, right."""
    for node in _binary(tree, ast.Mult):
        yield node, node.left, node.right
    for call in _calls(tree, "multiply"):
        yield call, call.args[0], call.args[1]


def _matrix_products(tree: ast.expr) -> Iterator[tuple[ast.expr, ast.expr, ast.expr]]:
    for node in _binary(tree, ast.MatMult):
        yield node, node.left, node.right
    for call in _calls(tree, *_PRODUCTS):
        yield call, call.args[0], call.args[1]


def _sign(tree: ast.expr, of: str, scene: Scene) -> Iterator[Change]:
    yield "sign", ast.UnaryOp(ast.USub(), tree)
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Sub):
        yield "sign", ast.BinOp(tree.right, ast.Sub(), tree.left)


def _batch_mean(tree: ast.expr, of: str, scene: Scene) -> Iterator[Change]:
    for node in _binary(tree, ast.Div):
        if not scene.is_count(node.right):
            continue
        if any(node is part for part in _penalty_parts(tree, of, scene)):
            continue
        yield "missing_batch_mean", replaced(tree, node, node.left)
        twice = ast.BinOp(node, ast.Div(), node.right)
        yield "batch_mean_twice", replaced(tree, node, twice)
    for call in _calls(tree, "mean"):
        func = ast.Attribute(call.func.value, "sum", ast.Load())  # type: ignore[attr-defined]
        changed = ast.Call(func, call.args, call.keywords)
        yield "sum_for_mean", replaced(tree, call, changed)
    for call in _calls(tree, "sum") if of in scene.parameters else ():
        func = ast.Attribute(call.func.value, "mean", ast.Load())  # type: ignore[attr-defined]
        changed = ast.Call(func, call.args, call.keywords)
        yield "mean_for_sum", replaced(tree, call, changed)


def _is_penalty(node: ast.AST, of: str, scene: Scene) -> bool:
    """Return whether an expression is a penalty's term: of the parameter alone."""
    base = of.partition("[")[0]
    return (
        base in scene.parameters
        and base in names_in(node)
        and not scene.holds_gradient(node)
    )


def _penalty_parts(tree: ast.expr, of: str, scene: Scene) -> Iterator[ast.AST]:
    for node in _binary(tree, ast.Add):
        for term in (node.left, node.right):
            if _is_penalty(term, of, scene):
                yield from ast.walk(term)


def _constants(tree: ast.expr, of: str, scene: Scene) -> Iterator[Change]:
    skipped = list(_penalty_parts(tree, of, scene))
    for node in _binary(tree, ast.Mult):
        for constant, rest in ((node.left, node.right), (node.right, node.left)):
            if _is_two(constant) and node not in skipped:
                yield "constant_factor", replaced(tree, node, rest)
    for node in _binary(tree, ast.Div):
        if _is_two(node.right) and node not in skipped:
            yield "constant_factor", replaced(tree, node, node.left)


def _is_two(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in (2, 0.5)


def _activation(tree: ast.expr, of: str, scene: Scene) -> Iterator[Change]:
    activation, kind = scene.activations.get(of, ("", ""))
    if kind not in _derivatives(""):
        return
    z, a = ast.unparse(scene.access(of)), ast.unparse(scene.access(activation))
    for node, gradient in _derivative_products(tree, scene):
        yield "missing_activation_derivative", replaced(tree, node, gradient)
        others = {k: v for k, v in _derivatives(z).items() if k != kind}
        if kind == "sigmoid":
            del others[
                "softplus"
            ]  # its derivative is the sigmoid: a missing complement
        for text in others.values():
            new = ast.BinOp(gradient, ast.Mult(), expression(text))
            yield "wrong_activation_derivative", replaced(tree, node, new)
        if kind in (
            "sigmoid",
            "tanh",
            "softplus",
        ):  # of relu the sign of A is that of Z
            new = ast.BinOp(gradient, ast.Mult(), expression(_derivatives(a)[kind]))
            yield "derivative_at_activation", replaced(tree, node, new)


def _derivative_products(
    tree: ast.expr, scene: Scene
) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield the products of a gradient and a derivative: node, gradient."""
    inner: list[ast.AST] = []
    for node, _, _ in _multiplications(tree):
        if node in inner:
            continue
        factors = _factors(node, inner)
        gradients = [x for x in factors if scene.holds_gradient(x)]
        others = [
            x for x in factors if x not in gradients and not isinstance(x, ast.Constant)
        ]
        if len(gradients) == 1 and others:
            yield node, gradients[0]


def _factors(node: ast.expr, inner: list[ast.AST]) -> list[ast.expr]:
    """Return the factors of a product of products, and note the products inside it."""
    for product, left, right in _multiplications(node):
        if product is node:
            inner += [left, right]
            return _factors(left, inner) + _factors(right, inner)
    return [node]


def _derivatives(x: str) -> dict[str, str]:
    return {
        "sigmoid": f"np.exp(-{x}) / (1 + np.exp(-{x})) ** 2",
        "tanh": f"(1 - np.tanh({x}) ** 2)",
        "relu": f"({x} > 0)",
        "leaky relu (0.01)": f"np.where({x} > 0, 1.0, 0.01)",
        "softplus": f"1 / (1 + np.exp(-{x}))",
    }


def _complement(tree: ast.expr, of: str, scene: Scene) -> Iterator[Change]:
    if of not in scene.activations:
        return
    for node, left, right in _multiplications(tree):
        for first, second in ((left, right), (right, left)):
            if _subtracted(second) is not None and _same(first, _subtracted(second)):
                yield "missing_complement", replaced(tree, node, first)
    for difference in _binary(tree, ast.Sub):
        square = _subtracted(difference)
        if square is not None and isinstance(square, ast.BinOp | ast.Call):
            yield "missing_complement", replaced(tree, difference, square)


def _subtracted(node: ast.expr) -> ast.expr | None:
    """Return ``x`` of ``1 - x``."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        left = node.left
        if isinstance(left, ast.Constant) and left.value == 1:
            return node.right
    return None


def _same(a: ast.expr, b: ast.expr | None) -> bool:
    return b is not None and ast.dump(a) == ast.dump(b)


def _matrices(tree: ast.expr, of: str, scene: Scene) -> Iterator[Change]:
    for node, left, right in _matrix_products(tree):
        for operand in (left, right):
            if isinstance(operand, ast.Attribute) and operand.attr == "T":
                yield "weight_not_transposed", replaced(tree, operand, operand.value)
        yield (
            "operands_swapped",
            replaced(tree, node, ast.BinOp(right, ast.MatMult(), left)),
        )
        yield (
            "elementwise_for_matmul",
            replaced(tree, node, ast.BinOp(left, ast.Mult(), right)),
        )
    for node, left, right in _multiplications(tree):
        if scene.holds_gradient(left) != scene.holds_gradient(right):
            if isinstance(left, ast.Constant) or isinstance(right, ast.Constant):
                continue
            yield (
                "matmul_for_elementwise",
                replaced(tree, node, ast.BinOp(left, ast.MatMult(), right)),
            )
    yield "result_transposed", ast.Attribute(tree, "T", ast.Load())


def _sums(tree: ast.expr, of: str, scene: Scene) -> Iterator[Change]:
    for call in _calls(tree, "sum", "mean"):
        for k, keyword in enumerate(call.keywords):
            others = [*call.keywords[:k], *call.keywords[k + 1 :]]
            if keyword.arg == "keepdims":
                changed = ast.Call(call.func, call.args, others)
                yield "missing_keepdims", replaced(tree, call, changed)
            elif keyword.arg == "axis" and isinstance(keyword.value, ast.Constant):
                axis = ast.Constant(0 if keyword.value.value else 1)
                changed = ast.Call(
                    call.func, call.args, [ast.keyword("axis", axis), *others]
                )
                yield "wrong_axis", replaced(tree, call, changed)
        if of in scene.parameters and call.func.attr == "sum":  # type: ignore[attr-defined]
            yield "missing_batch_sum", replaced(tree, call, call.args[0])


def _elsewhere(tree: ast.expr, of: str, scene: Scene) -> Iterator[Change]:
    for node in ast.walk(tree):
        name = _value_name(node)
        if name is None or not isinstance(node, ast.Name | ast.Subscript):
            continue
        if name in scene.parameters and name != of:
            for gradient, meaning in scene.gradients.items():
                if meaning == name and gradient not in scene.accumulated:
                    new = expression(gradient)
                    yield "gradient_for_weight", replaced(tree, node, new)
        is_layer = name in scene.values and not name.islower()
        if is_layer and isinstance(node, ast.Name):
            for other in _other_layers(name, scene):
                yield "wrong_layer", replaced(tree, node, ast.Name(other, ast.Load()))
    if of in scene.parameters:
        yield from _wrong_bias(tree, of, scene)


def _value_name(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        key = node.slice.value
        return key if isinstance(key, str) else None
    return None


def _other_layers(name: str, scene: Scene) -> list[str]:
    """Return the values that are named alike and are local variables: A1 for A2."""
    letter = name.rstrip("0123456789")
    alike = [
        other
        for other in sorted(scene.values & scene.local_names())
        if other != name and other.rstrip("0123456789") == letter
    ]
    data = [x for x in scene.arguments[2:3] if x != name and letter in ("A", "H")]
    return (alike + data)[:_LAYERS]


def _wrong_bias(tree: ast.expr, of: str, scene: Scene) -> Iterator[Change]:
    for call in _calls(tree, "sum", "mean"):
        argument = call.args[0]
        if not isinstance(argument, ast.Name) or not scene.meanings(argument.id):
            continue
        letter = argument.id.rstrip("0123456789")
        for other in scene.gradients:
            if other != argument.id and other.rstrip("0123456789") == letter:
                new = replaced(tree, argument, ast.Name(other, ast.Load()))
                yield "bias_from_wrong_layer", new


def _paths(tree: ast.expr, of: str, scene: Scene) -> Iterator[Change]:
    for node in _binary(tree, ast.Add, ast.Sub):
        left, right = node.left, node.right
        if isinstance(left, ast.Constant) or isinstance(right, ast.Constant):
            continue
        if _is_penalty(left, of, scene) or _is_penalty(right, of, scene):
            continue
        if not (scene.holds_gradient(left) and scene.holds_gradient(right)):
            continue
        yield "missing_path", replaced(tree, node, left)
        last = right if isinstance(node.op, ast.Add) else ast.UnaryOp(ast.USub(), right)
        yield "missing_path", replaced(tree, node, last)


def _penalties(tree: ast.expr, of: str, scene: Scene) -> Iterator[Change]:
    for node in _binary(tree, ast.Add):
        for rest, term in ((node.left, node.right), (node.right, node.left)):
            if not _is_penalty(term, of, scene):
                continue
            yield "missing_regularization", replaced(tree, node, rest)
            twice = ast.BinOp(ast.Constant(2), ast.Mult(), term)
            yield "wrong_regularization_factor", replaced(tree, term, twice)
            half = ast.BinOp(term, ast.Div(), ast.Constant(2))
            yield "wrong_regularization_factor", replaced(tree, term, half)
            for division in _binary(term, ast.Div):
                if scene.is_count(division.right):
                    new = replaced(tree, division, division.left)
                    yield "wrong_regularization_factor", new


def _time(tree: ast.expr, of: str, scene: Scene) -> Iterator[Change]:
    loops = {
        node.target.id
        for node in ast.walk(scene.tree)
        if isinstance(node, ast.For)
        and isinstance(node.target, ast.Name)
        and node.target.id == "t"
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and set(names_in(node.slice)) & loops:
            for text in ("{} - 1", "{} + 1"):
                index = expression(text.format(ast.unparse(node.slice)))
                new = ast.Subscript(node.value, index, ast.Load())
                yield "time_step_off_by_one", replaced(tree, node, new)


def _variance(tree: ast.expr, of: str, scene: Scene) -> Iterator[Change]:
    for node in _binary(tree, ast.Sub):
        is_one = isinstance(node.right, ast.Constant) and node.right.value == 1
        if is_one and scene.is_count(node.left):
            yield "biased_variance", replaced(tree, node, node.left)


def _misspelled(tree: ast.expr, of: str, scene: Scene) -> Iterator[Change]:
    names = [
        n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id in scene.values
    ]
    for node in names[:1]:
        yield "exception", replaced(tree, node, ast.Name(node.id + "3", ast.Load()))


_RULES: tuple[Callable[[ast.expr, str, Scene], Iterator[Change]], ...] = (
    _sign,
    _batch_mean,
    _constants,
    _activation,
    _complement,
    _matrices,
    _sums,
    _elsewhere,
    _paths,
    _penalties,
    _time,
    _variance,
    _misspelled,
)
