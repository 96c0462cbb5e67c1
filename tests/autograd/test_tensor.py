"""What a `Tensor` is: creation, dtype, reading, in-place changes, copies, text."""

import copy
import operator
import pickle

import numpy as np
import pytest

import autograd as ag
from autograd import DTypeError, GradientError, InPlaceError, ShapeError, Tensor
from autograd.recording import creation_lines


class TestCreation:
    @pytest.mark.parametrize(
        "data", [2.0, 2, [1, 2], [1.0, 2], [[1, 2], [3, 4]], (1, 2)]
    )
    def test_python_numbers_are_float64_and_require_a_gradient(self, data):
        x = Tensor(data)
        assert x.dtype == np.float64
        assert x.requires_grad
        assert x.is_leaf
        np.testing.assert_array_equal(x.data, data)

    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
    def test_float_arrays_keep_their_dtype(self, dtype):
        x = Tensor(np.ones(2, dtype))
        assert x.dtype == dtype
        assert x.requires_grad

    @pytest.mark.parametrize(
        "array",
        [np.array([1, 2]), np.array([True, False]), np.array(["a"]), np.int32(3)],
        ids=["int", "bool", "str", "int-scalar"],
    )
    def test_other_arrays_are_constants(self, array):
        x = Tensor(array)
        assert x.dtype == array.dtype
        assert not x.requires_grad
        with pytest.raises(DTypeError, match=r"requires_grad=True.*dtype=float"):
            Tensor(array, requires_grad=True)

    def test_requires_grad_can_be_refused(self):
        assert not Tensor(2.0, requires_grad=False).requires_grad
        assert Tensor(np.array([1, 2]), dtype=float).requires_grad

    def test_dtype_argument(self):
        assert Tensor(2.0, dtype=np.float32).dtype == np.float32
        assert Tensor([1, 2], dtype=np.float32).dtype == np.float32

    def test_scalar_is_held_as_numpy_scalar(self):
        for data in (2.0, np.float64(2.0), np.array(2.0)):
            assert isinstance(Tensor(data).data, np.float64)

    def test_array_is_copied_unless_asked(self):
        array = np.ones(2)
        assert not np.shares_memory(Tensor(array).data, array)
        assert np.shares_memory(Tensor(array, copy=False).data, array)

    def test_name_and_gradient_at_the_start(self):
        x = Tensor([1.0], name="x")
        assert x.name == "x"
        assert x.grad is None
        assert x.op is None
        assert x.inputs == ()

    def test_leaf_from_a_leaf(self):
        x = Tensor([1.0])
        assert not np.shares_memory(Tensor(x).data, x.data)

    @pytest.mark.parametrize(
        ("data", "error", "parts"),
        [
            (1j, DTypeError, ["complex128", "real numbers"]),
            ([None], DTypeError, ["object", "None"]),
            ({}, DTypeError, ["object"]),
            ([Tensor(1.0)], DTypeError, ["holds tensors", "stack"]),
            ([[1.0], [1.0, 2.0]], ShapeError, ["item 0", "item 1", "equally long"]),
            (Tensor(1.0) * 2, GradientError, ["cut the graph", ".detach()"]),
            (np.ma.array([1.0], mask=[True]), DTypeError, ["mask"]),
        ],
        ids=["complex", "None", "dict", "tensors", "ragged", "recorded", "masked"],
    )
    def test_what_cannot_be_a_tensor(self, data, error, parts):
        with pytest.raises(error) as caught:
            Tensor(data)
        for part in parts:
            assert part in str(caught.value)

    def test_creation_line(self):
        x = Tensor([1.0])
        assert x.created_at.startswith("test_tensor.py:")
        assert (x * [2.0]).created_at == ""
        with creation_lines():
            assert (x * [2.0]).created_at.startswith("test_tensor.py:")

    def test_no_subclasses_and_no_new_attributes(self):
        with pytest.raises(TypeError, match="subclass"):
            type("Mine", (Tensor,), {})
        with pytest.raises(AttributeError):
            Tensor(1.0).note = "x"


class TestReading:
    def test_shape_size_ndim(self):
        x = Tensor(np.zeros((2, 3)))
        assert (x.shape, x.size, x.ndim, len(x)) == ((2, 3), 6, 2, 2)

    def test_item_and_tolist_are_silent(self):
        assert Tensor(2.0).item() == 2.0
        assert Tensor([[1.0, 2.0]]).tolist() == [[1.0, 2.0]]
        with pytest.raises(ValueError, match="size 1"):
            Tensor([1.0, 2.0]).item()

    def test_numpy_needs_detach(self):
        x = Tensor([1.0], name="W1")
        with pytest.raises(GradientError, match=r"W1.*detach\(\)\.numpy\(\)"):
            x.numpy()
        np.testing.assert_array_equal(x.detach().numpy(), [1.0])

    def test_detach_is_a_constant(self):
        x = Tensor([1.0, 2.0])
        y = (x * 2).detach()
        assert not y.requires_grad
        assert y.op is None

    def test_value_behind_a_detached_tensor_cannot_change_unseen(self):
        x, w = Tensor([1.0, 2.0]), Tensor([1.0, 1.0])
        y = (w * x.detach()).sum()
        x.data -= 5
        try:
            y.backward()
        except InPlaceError:
            return  # noticed
        np.testing.assert_array_equal(w.grad, [1, 2])

    @pytest.mark.parametrize("convert", [float, int])
    def test_conversion_to_a_python_number_warns(self, convert):
        x = Tensor(2.0, name="x")
        with pytest.warns(UserWarning, match=rf"{convert.__name__}\(\) takes.*x \(\)"):
            assert convert(x) == 2
        assert convert(Tensor(2.0, requires_grad=False)) == 2

    def test_index(self):
        assert [10, 20][Tensor(np.array(1))] == 20

    def test_float_is_no_index(self):
        with pytest.raises(TypeError):
            operator.index(Tensor(1.0))

    def test_truth(self):
        assert Tensor(1.0)
        assert not Tensor([[0.0]])
        with pytest.raises(ShapeError, match=r"W \(2,\).*ambiguous.*\.any\(\)"):
            bool(Tensor([1.0, 0.0], name="W"))

    def test_iteration_records(self):
        x = Tensor([1.0, 2.0, 3.0])
        first, *_ = x
        first.backward()
        np.testing.assert_array_equal(x.grad, [1, 0, 0])
        assert [row.shape for row in Tensor(np.zeros((2, 3)))] == [(3,), (3,)]

    def test_0d_has_no_length(self):
        with pytest.raises(TypeError, match="0-d tensor"):
            len(Tensor(1.0))
        with pytest.raises(TypeError, match="0-d tensor"):
            iter(Tensor(1.0))

    def test_contains(self):
        assert 2.0 in Tensor([1.0, 2.0])
        assert 3.0 not in Tensor([1.0, 2.0])


class TestComparison:
    @pytest.mark.parametrize(
        "compare",
        [
            operator.eq,
            operator.ne,
            operator.lt,
            operator.le,
            operator.gt,
            operator.ge,
        ],
    )
    @pytest.mark.parametrize("other", [2.0, np.array([1.0, 2.0, 3.0])])
    def test_plain_booleans_both_ways(self, compare, other):
        values = np.array([1.0, 2.0, 2.5])
        for result, expected in [
            (compare(Tensor(values), other), compare(values, other)),
            (compare(other, Tensor(values)), compare(other, values)),
            (compare(Tensor(values), Tensor(values)), compare(values, values)),
        ]:
            assert type(result) is np.ndarray
            assert result.dtype == bool
            np.testing.assert_array_equal(result, expected)

    def test_order_with_none(self):
        with pytest.raises(TypeError, match="'<' not supported"):
            Tensor(1.0) < None  # noqa: B015

    def test_dict_key_by_identity(self):
        a, b = Tensor([1.0]), Tensor([1.0])
        assert len({a, b}) == 2
        assert {a: "a", b: "b"}[b] == "b"

    def test_boolean_index(self):
        x = Tensor([1.0, -2.0, 3.0])
        x[x > 0].sum().backward()
        np.testing.assert_array_equal(x.grad, [1, 0, 1])


class TestDtypes:
    @pytest.mark.parametrize(
        "combine", [operator.add, operator.mul, operator.truediv, operator.pow]
    )
    @pytest.mark.parametrize(
        ("other", "dtype"),
        [
            (2, np.float32),
            (2.0, np.float32),
            (True, np.float32),
            (np.float32(2), np.float32),
            (np.float64(2), np.float64),
            (np.ones(2), np.float64),
            (np.ones(2, np.float32), np.float32),
            (np.ones(2, np.float16), np.float32),
            (np.ones(2, int), np.float64),
        ],
        ids=str,
    )
    def test_nep_50(self, combine, other, dtype):
        """Python numbers are weak, everything with a dtype is not: as in NumPy 2."""
        x = np.full(2, 3, np.float32)
        assert combine(x, other).dtype == dtype
        for result in (combine(Tensor(x), other), combine(other, Tensor(x))):
            assert isinstance(result, Tensor)
            assert result.dtype == dtype

    def test_gradient_has_the_dtype_of_its_tensor(self):
        a, b = Tensor(np.ones(2, np.float32)), Tensor(np.ones(2))
        (a * b).sum().backward()
        assert (a.grad.dtype, b.grad.dtype) == (np.float32, np.float64)
        a, b = Tensor(np.float32(2)), Tensor(2.0)
        (a * b).backward()
        assert (a.grad.dtype, b.grad.dtype) == (np.float32, np.float64)

    def test_astype(self):
        x = Tensor(np.array([1.5, 2.5], np.float32))
        y = x.astype(np.float64)
        y.sum().backward()
        assert (y.dtype, x.grad.dtype) == (np.float64, np.float32)


class TestData:
    def test_step_of_gradient_descent(self):
        W = Tensor([1.0, 2.0])
        (W * W).sum().backward()
        W.data -= 0.5 * W.grad
        np.testing.assert_array_equal(W.data, [0, 0])
        assert W.is_leaf

    def test_scalar_step(self):
        w = Tensor(3.0)
        (w * w).backward()
        w.data -= 0.5 * w.grad
        assert w.data == 0.0
        assert isinstance(w.data, np.float64)

    def test_shape_is_kept(self):
        W = Tensor([1.0, 2.0], name="W")
        with pytest.raises(ShapeError, match=r"W \(2,\).*shape \(3,\)"):
            W.data = np.ones(3)
        np.testing.assert_array_equal(W.data, [1, 2])

    def test_dtype_is_kept(self):
        W = Tensor(np.ones(2, np.float32))
        W.data = np.full(2, 2.0)
        assert W.dtype == np.float32
        n = Tensor(np.array([1, 2]), name="n")
        with pytest.raises(DTypeError, match=r"n \(2,\) int64.*float64.*astype"):
            n.data = np.array([1.5, 2.5])
        np.testing.assert_array_equal(n.data, [1, 2])

    def test_from_a_tensor(self):
        W = Tensor([1.0, 2.0])
        W.data = Tensor([3.0, 4.0])
        np.testing.assert_array_equal(W.data, [3, 4])

    def test_new_forward_pass_after_a_step_is_fine(self):
        W = Tensor([1.0, 2.0])
        for _ in range(3):
            loss = (W * W).sum()
            W.grad = None
            loss.backward()
            W.data -= 0.1 * W.grad
        np.testing.assert_allclose(W.data, 0.8**3 * np.array([1.0, 2.0]))

    def test_step_between_forward_and_backward_is_noticed(self):
        W = Tensor([1.0, 2.0], name="W")
        loss = (W * W).sum()
        W.data -= 1.0
        with pytest.raises(InPlaceError, match=r"multiply.*W .*changed in place"):
            loss.backward()
        assert W.grad is None

    def test_write_to_a_result_is_noticed(self):
        """`exp` needs its result for the backward pass: a change must not be silent."""
        x = Tensor([1.0, 2.0])
        y = np.exp(x)
        try:
            y.data = y.data * 0
        except (InPlaceError, GradientError):
            return
        with pytest.raises(InPlaceError):
            y.sum().backward()


IN_PLACE = {
    "+": operator.iadd,
    "-": operator.isub,
    "*": operator.imul,
    "/": operator.itruediv,
    "**": operator.ipow,
}


@pytest.mark.parametrize("symbol", IN_PLACE)
class TestInPlace:
    def test_on_a_leaf_raises_and_changes_nothing(self, symbol):
        W = Tensor([4.0], name="W")
        with pytest.raises(InPlaceError) as caught:
            IN_PLACE[symbol](W, 2.0)
        for part in (f"{symbol}=", "W (1,)", "Nothing was changed", "no_grad()"):
            assert part in str(caught.value)
        np.testing.assert_array_equal(W.data, [4.0])

    def test_on_a_leaf_inside_no_grad(self, symbol):
        W = Tensor([4.0], name="W")
        expected = IN_PLACE[symbol](np.array([4.0]), 2.0)
        with ag.no_grad():
            same = IN_PLACE[symbol](W, 2.0)
        assert same is W
        assert W.requires_grad
        np.testing.assert_array_equal(W.data, expected)

    def test_on_an_intermediate_rebinds(self, symbol):
        x = Tensor(4.0)
        y = x * 1
        z = IN_PLACE[symbol](y, 2.0)
        assert z is not y
        assert y.item() == 4.0
        z.backward()
        assert x.grad == {"+": 1, "-": 1, "*": 2, "/": 0.5, "**": 8}[symbol]


class TestInPlaceMore:
    def test_micrograd_accumulation(self):
        a = Tensor(2.0)
        c = a * 3
        c += c + 1
        c.backward()
        assert (c.item(), a.grad) == (13.0, 6.0)

    def test_matmul_in_place(self):
        x = Tensor(np.eye(2))
        y = x * 1
        y @= np.full((2, 2), 2.0)
        y.sum().backward()
        np.testing.assert_array_equal(x.grad, np.full((2, 2), 4.0))

    def test_tensor_on_the_right_inside_no_grad(self):
        W, g = Tensor([4.0]), Tensor([1.0])
        with ag.no_grad():
            W -= 0.5 * g
        np.testing.assert_array_equal(W.data, [3.5])
        assert W.is_leaf

    def test_failing_update_changes_nothing(self):
        W = Tensor([4.0, 5.0])
        with ag.no_grad(), pytest.raises(ShapeError):
            W += np.ones((2, 2))
        np.testing.assert_array_equal(W.data, [4, 5])

    def test_assignment_inside_no_grad(self):
        W = Tensor([1.0, 2.0])
        with ag.no_grad():
            W[0] = 7.0
            W[1:] = Tensor([8.0])
        np.testing.assert_array_equal(W.data, [7, 8])

    def test_assignment_inside_no_grad_is_noticed_by_a_pending_backward(self):
        W = Tensor([1.0, 2.0])
        loss = (W * W).sum()
        with ag.no_grad():
            W[0] = 7.0
        with pytest.raises(InPlaceError):
            loss.backward()

    def test_constant_may_be_changed(self):
        c = Tensor([1.0], requires_grad=False)
        c[0] = 5.0
        c += 1
        np.testing.assert_array_equal(c.data, [6.0])


class TestRequiresGrad:
    def test_switch(self):
        x = Tensor([1.0], requires_grad=False)
        assert x.requires_grad_() is x
        assert x.requires_grad
        assert not x.requires_grad_(False).requires_grad

    def test_integers_cannot(self):
        with pytest.raises(DTypeError, match=r"int64.*dtype=float"):
            Tensor(np.array([1])).requires_grad_()

    def test_a_result_cannot_be_switched_off(self):
        y = Tensor([1.0]) * 2
        with pytest.raises(GradientError, match=r"not a leaf.*\.detach\(\)"):
            y.requires_grad_(False)

    def test_zero_grad(self):
        x = Tensor(2.0)
        (x * x).backward()
        x.zero_grad()
        assert x.grad is None


class TestCopies:
    def test_deepcopy_of_a_leaf(self):
        x = Tensor([1.0, 2.0], name="W")
        (x * x).sum().backward()
        y = copy.deepcopy(x)
        np.testing.assert_array_equal(y.data, x.data)
        np.testing.assert_array_equal(y.grad, x.grad)
        assert (y.name, y.requires_grad, y.is_leaf) == ("W", True, True)
        assert not np.shares_memory(y.data, x.data)
        assert not np.shares_memory(y.grad, x.grad)

    def test_deepcopy_of_a_parameter_dict(self):
        parameters = {"W": Tensor([1.0]), "c": Tensor([2.0], requires_grad=False)}
        twin = copy.deepcopy(parameters)
        assert twin["W"].requires_grad
        assert not twin["c"].requires_grad

    def test_pickle_of_a_leaf(self):
        x = Tensor(np.ones(2, np.float32))
        y = pickle.loads(pickle.dumps(x))
        np.testing.assert_array_equal(y.data, x.data)
        assert (y.dtype, y.requires_grad) == (np.float32, True)

    def test_pickle_of_a_constant(self):
        y = pickle.loads(pickle.dumps(Tensor([1.0], requires_grad=False)))
        assert not y.requires_grad


class TestText:
    @pytest.mark.parametrize(
        ("tensor", "text"),
        [
            (Tensor(2.0), "Tensor(2.)"),
            (Tensor([1.0, 2.5], name="W"), "Tensor([1. , 2.5], name='W')"),
            (Tensor(np.float32(1)), "Tensor(1., dtype=float32)"),
            (Tensor(np.array([1])), "Tensor([1], dtype=int64, requires_grad=False)"),
            (Tensor(2.0) * 3, "Tensor(6., op=multiply)"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_repr(self, tensor, text):
        assert repr(tensor) == text
        assert str(tensor) == text
        assert f"{tensor}" == text

    def test_format_of_a_number(self):
        assert f"{Tensor(2.0):.3f}" == "2.000"

    def test_format_of_an_array_is_refused_as_numpy_does(self):
        with pytest.raises(TypeError, match=r"unsupported format string"):
            f"{Tensor([2.0]):.3f}"
