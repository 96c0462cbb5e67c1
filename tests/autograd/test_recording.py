"""`no_grad`, `enable_grad` and `scope`: per thread, per task, always restored."""

import asyncio
import copy
import threading

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor


def record_now():
    return (Tensor(2.0) * 3).requires_grad


class TestNoGrad:
    def test_results_are_constants(self):
        x = Tensor(2.0)
        with ag.no_grad():
            y = x * x
        assert not y.requires_grad
        assert y.op is None
        assert y.inputs == ()
        assert record_now()

    def test_new_leaves_still_require_a_gradient(self):
        with ag.no_grad():
            x = Tensor(2.0)
        (x * x).backward()
        assert x.grad == 4.0

    def test_nesting(self):
        with ag.no_grad():
            with ag.enable_grad():
                assert record_now()
                with ag.no_grad():
                    assert not record_now()
                assert record_now()
            assert not record_now()
        assert record_now()

    def test_one_object_entered_twice(self):
        switch = ag.no_grad()
        with switch:
            with switch:
                assert not record_now()
            assert not record_now()
        assert record_now()

    def test_restored_after_an_exception(self):
        with pytest.raises(KeyError), ag.no_grad():
            raise KeyError
        assert record_now()

    def test_backward_inside_no_grad(self):
        x = Tensor(3.0)
        y = x * x
        with ag.no_grad():
            y.backward()
        assert x.grad == 6.0

    def test_grad_records_inside_no_grad(self):
        with ag.no_grad():
            assert ag.grad(lambda x: x * x)(3.0) == 6.0
            assert ag.grad(ag.grad(lambda x: x**3))(3.0) == 18.0


class TestDecorator:
    def test_function(self):
        @ag.no_grad()
        def step(x, *, factor):
            """Take a step."""
            return record_now(), x * factor

        assert step(2, factor=3) == (False, 6)
        assert step.__doc__ == "Take a step."
        assert record_now()

    def test_recursive_function(self):
        @ag.no_grad()
        def count(n):
            return [record_now(), *(count(n - 1) if n else [])]

        assert count(3) == [False] * 4
        assert record_now()

    def test_enable_grad(self):
        @ag.enable_grad()
        def inside():
            return record_now()

        with ag.no_grad():
            assert inside()

    def test_generator_gets_values_exceptions_and_close(self):
        log = []

        @ag.no_grad()
        def talk():
            try:
                got = yield record_now()
                log.append((got, record_now()))
                try:
                    yield record_now()
                except LookupError:
                    log.append(("caught", record_now()))
                yield "last"
            finally:
                log.append(("closed", record_now()))

        steps = talk()
        assert next(steps) is False
        assert record_now()
        assert steps.send("hello") is False
        assert steps.throw(LookupError) == "last"
        steps.close()
        assert log == [("hello", False), ("caught", False), ("closed", False)]
        assert record_now()

    def test_generator_returns_a_value(self):
        @ag.no_grad()
        def steps():
            yield 1
            return "done"

        def outer():
            result = yield from steps()
            yield result

        assert list(outer()) == [1, "done"]

    def test_coroutine(self):
        @ag.no_grad()
        async def inside():
            before = record_now()
            await asyncio.sleep(0)
            return before, record_now()

        async def main():
            return await inside(), record_now()

        assert asyncio.run(main()) == ((False, False), True)


class TestThreadsAndTasks:
    def test_new_thread_records(self):
        seen = []
        with ag.no_grad():
            thread = threading.Thread(target=lambda: seen.append(record_now()))
            thread.start()
            thread.join()
        assert seen == [True]

    def test_many_tasks_toggle_independently(self):
        async def toggle(switch, expected):
            wrong = 0
            for _ in range(50):
                with switch():
                    await asyncio.sleep(0)
                    wrong += record_now() is not expected
                wrong += record_now() is not True
            return wrong

        async def main():
            jobs = [toggle(ag.no_grad, False), toggle(ag.enable_grad, True)] * 4
            return await asyncio.gather(*jobs)

        assert asyncio.run(main()) == [0] * 8

    def test_task_inherits_the_state_of_its_creator(self):
        async def child():
            return record_now()

        async def main():
            with ag.no_grad():
                task = asyncio.create_task(child())
            return await task

        assert asyncio.run(main()) is False


class TestScope:
    def test_labels_nest(self):
        x = Tensor([1.0])
        with ag.scope("net"):
            a = x * 2
            with ag.scope("layer 1"):
                b = np.exp(a)
        c = b * 2
        assert (a.scope, b.scope, c.scope) == (("net",), ("net", "layer 1"), ())

    def test_leaves_carry_their_scope(self):
        with ag.scope("layer 1"):
            W = Tensor([1.0])
        assert W.scope == ("layer 1",)

    def test_a_caption_goes_with_the_label(self):
        with ag.scope("fc1", caption="Linear 4 → 2"):
            y = Tensor(1.0) * 2
        (label,) = y.scope
        assert (label, label.caption) == ("fc1", "Linear 4 → 2")
        assert hash(label) == hash("fc1")
        assert copy.deepcopy(label).caption == "Linear 4 → 2"

        @ag.scope("fc1", caption="Linear 4 → 2")
        def double(x):
            return x * 2

        assert double(Tensor(1.0)).scope[0].caption == "Linear 4 → 2"
        with ag.scope(label):
            assert (Tensor(1.0) * 2).scope[0].caption == "Linear 4 → 2"

    def test_scalars(self):
        x = Tensor(1.0)
        with ag.scope("a"):
            y = x * 2
            with ag.scope("b"):
                z = y * 2
            w = z * 2
        assert (y.scope, z.scope, w.scope) == (("a",), ("a", "b"), ("a",))

    def test_restored_after_an_exception(self):
        with pytest.raises(KeyError), ag.scope("a"):
            raise KeyError
        assert (Tensor(1.0) * 2).scope == ()

    def test_together_with_no_grad(self):
        x = Tensor(1.0)
        with ag.scope("a"), ag.no_grad(), ag.enable_grad():
            y = x * 2
        assert y.scope == ("a",)
        assert y.requires_grad
