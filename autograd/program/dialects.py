"""The forward pass in the words of torch and of jax, for people who move on."""

import ast
import builtins
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from autograd.program.lines import Line, names_in, parse
from autograd.program.printing import assignments, body, taken

if TYPE_CHECKING:
    from autograd.program.source import Program

__all__ = ["DIALECTS", "in_dialect"]

DIALECTS = ("numpy", "torch", "jax")

# NumPy's name -> torch's, where both mean the same; `axis` becomes `dim`.
_TORCH_SAME = (
    "abs", "absolute", "arccos", "arcsin", "arctan", "arctan2", "broadcast_to",
    "ceil", "cos", "cosh", "cumprod", "cumsum", "exp", "exp2", "expm1",
    "flip", "fliplr", "flipud", "floor", "hypot", "kron", "log", "log10", "log1p",
    "log2", "logaddexp", "matmul", "mean", "multiply", "negative", "outer", "prod",
    "ravel", "reciprocal", "reshape", "roll", "round", "sign", "sin", "sinh",
    "sqrt", "square", "squeeze", "stack", "sum", "swapaxes", "tan", "tanh", "tile",
    "tril", "triu", "where",
)  # fmt: skip
_TORCH = {
    **{name: name for name in _TORCH_SAME},
    "concatenate": "cat",
    "divide": "div",
    "expand_dims": "unsqueeze",
    "max": "amax",
    "min": "amin",
    "power": "pow",
    "transpose": "permute",
}
_TORCH_FUNCTIONAL = (
    "avg_pool1d", "avg_pool2d", "conv1d", "conv2d", "cross_entropy", "elu", "gelu",
    "hardsigmoid", "hardswish", "leaky_relu", "linear", "log_softmax", "max_pool1d",
    "max_pool2d", "mish", "relu", "relu6", "selu", "silu", "softmax", "softplus",
    "softsign",
)  # fmt: skip
_TORCH_WORDS = {"axis": "dim", "keepdims": "keepdim"}
_JAX_NN = (
    "elu", "log_softmax", "relu", "relu6", "selu", "sigmoid", "silu", "softmax",
    "softplus",
)  # fmt: skip


def in_dialect(dialect: str, program: "Program") -> str:
    """Return the forward pass of a program in the words of another library.

    Raises
    ------
    ValueError
        If the dialect is unknown, or an operation has no word in it.
    """
    writers = {"torch": _Torch, "jax": _Jax}
    if dialect not in writers:
        listed = ", ".join(map(repr, DIALECTS))
        raise ValueError(f"source: dialect must be one of {listed}, got {dialect!r}.")
    writer = writers[dialect](program)
    lines = [
        Line(line.target, writer.visit(parse(ast.unparse(line.expression))), line.known)
        for line in program.forward
    ]
    read = {name for line in lines for name in names_in(line.expression)}
    data = "".join(f", {name}" for name in program.data if name in read)
    text = body(
        taken("parameters", [p for p in program.parameters if p in read]),
        assignments(lines, program, shapes=False),
        [f"return {program.cost}"],
    )
    return f"{writer.imports}\n\ndef forward(parameters{data}):\n{text}"


class _Dialect(ast.NodeTransformer):
    name = ""
    imports = ""

    def __init__(self, program: "Program") -> None:
        self.values = program.values

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        if isinstance(node.value, ast.Name) and node.value.id == "np":
            return parse(self.constant(node.attr))
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> Any:
        arguments = [self.visit(x) for x in node.args]
        words = {str(w.arg): self.visit(w.value) for w in node.keywords}
        function = ast.unparse(node.func)
        if hasattr(builtins, function):
            return node
        new = self.call(function, arguments, words)
        return self.no_word_for(_operation(function)) if new is None else new

    def no_word_for(self, what: str) -> NoReturn:
        raise ValueError(
            f"source: {self.name} has no word here for {what}, which the graph "
            f"uses. Print dialect='numpy', and write that line by hand."
        )

    def constant(self, name: str) -> str:
        raise NotImplementedError

    def call(
        self, function: str, arguments: list[ast.expr], words: dict[str, ast.expr]
    ) -> ast.expr | None:
        raise NotImplementedError


class _Torch(_Dialect):
    name = "torch"
    imports = "import torch\nimport torch.nn.functional as F\n"

    def constant(self, name: str) -> str:
        return f"torch.{name}"

    def visit_Slice(self, node: ast.Slice) -> Any:
        if isinstance(node.step, ast.UnaryOp):
            self.no_word_for("a slice with a negative step")
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> Any:
        if ast.unparse(node.func) != "np.dot":
            return super().visit_Call(node)
        a, b = node.args
        before, after = np.ndim(self.values[a]), np.ndim(self.values[b])
        a, b = self.visit(a), self.visit(b)
        if not before or not after:
            return ast.BinOp(a, ast.Mult(), b)
        if after <= 2:
            return _call("torch.matmul", [a, b], {})
        summed = parse(f"([{before - 1}], [{after - 2}])")
        return _call("torch.tensordot", [a, b], {"dims": summed})

    def call(
        self, function: str, arguments: list[ast.expr], words: dict[str, ast.expr]
    ) -> ast.expr | None:
        words = {_TORCH_WORDS.get(key, key): value for key, value in words.items()}
        short = function.removeprefix("np.")
        if short in ("maximum", "minimum"):
            return _extreme(short, arguments)
        if short == "round" and len(arguments) == 2:
            words["decimals"] = arguments.pop()
        if _torch_lacks(short, arguments[1:], words):
            return None
        if function.startswith("np.") and short in _TORCH:
            return _call(f"torch.{_TORCH[short]}", arguments, words)
        if function == "sigmoid":
            return _call("torch.sigmoid", arguments, words)
        if function == "cross_entropy" and len(arguments) == 3:
            words["weight"] = arguments.pop()
        if function == "gelu_tanh":
            return _call("F.gelu", arguments, {"approximate": ast.Constant("tanh")})
        if function in _TORCH_FUNCTIONAL:
            return _call(f"F.{function}", arguments, words)
        return _call(function, arguments, words) if _is_method(function) else None


def _torch_lacks(
    short: str, settings: list[ast.expr], words: dict[str, ast.expr]
) -> bool:
    """Return whether torch's function of that name does not take these settings."""
    given = [ast.unparse(x) for x in (*settings, *words.values())]
    if short in ("cumprod", "cumsum"):
        return "dim" not in words  # NumPy flattens
    if short in ("concatenate", "squeeze"):
        return "None" in given
    if short in ("expand_dims", "log_softmax", "prod", "softmax"):
        return any(x.startswith("(") for x in given)  # several axes
    return "order" in words


def _extreme(short: str, arguments: list[ast.expr]) -> ast.expr:
    """Write ``np.maximum``: beside a number torch calls it a clamp."""
    a, b = arguments
    if isinstance(a, ast.Constant):
        a, b = b, a
    if isinstance(b, ast.Constant):
        return _call("torch.clamp", [a], {"min" if short == "maximum" else "max": b})
    return _call(f"torch.{short}", arguments, {})


class _Jax(_Dialect):
    name = "jax"
    imports = "import jax\nimport jax.numpy as jnp\n"

    def constant(self, name: str) -> str:
        return f"jnp.{name}"

    def call(
        self, function: str, arguments: list[ast.expr], words: dict[str, ast.expr]
    ) -> ast.expr | None:
        if function.startswith("np."):
            return _call(f"jnp.{function.removeprefix('np.')}", arguments, words)
        if function in ("gelu", "gelu_tanh"):  # by tanh unless it is told otherwise
            by_tanh = ast.Constant(function == "gelu_tanh")
            return _call("jax.nn.gelu", arguments, {"approximate": by_tanh})
        if function in _JAX_NN:
            return _call(f"jax.nn.{function}", arguments, words)
        if function == "linear":
            x, weight, *bias = arguments
            product: ast.expr = ast.BinOp(x, ast.MatMult(), _transposed(weight))
            return ast.BinOp(product, ast.Add(), bias[0]) if bias else product
        return _call(function, arguments, words) if _is_method(function) else None


def _is_method(function: str) -> bool:
    """Return whether a call is that of an array's method, such as ``x.reshape``."""
    ours = function.startswith(("np.", "PRIMITIVES["))
    return isinstance(parse(function), ast.Attribute) and not ours


def _operation(function: str) -> str:
    """Return ``max_pool`` for ``PRIMITIVES['max_pool'].function``."""
    return function.removeprefix("PRIMITIVES['").removesuffix("'].function")


def _transposed(matrix: ast.expr) -> ast.expr:
    return ast.Attribute(matrix, "T", ast.Load())


def _call(
    function: str, arguments: list[ast.expr], words: dict[str, ast.expr]
) -> ast.expr:
    keywords = [ast.keyword(key, value) for key, value in words.items()]
    return ast.Call(parse(function), arguments, keywords)
