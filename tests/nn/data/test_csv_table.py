"""Tables of numbers: what is read, and every mistake with its line."""

import numpy as np
import pytest

import nn

IRIS = """length,width,kind
5.1,3.5,setosa
 7.0 ,3.2,versicolor
6.3,3.3,virginica
4.9,3.0,setosa
"""


@pytest.fixture
def read(tmp_path):
    def read_text(text, **settings):
        path = tmp_path / "data.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return nn.read_csv(path, **settings)

    return read_text


def test_a_target_of_classes(read):
    X, y, names, classes = read(IRIS, target="kind", classes=True)
    np.testing.assert_array_equal(X, [[5.1, 3.5], [7.0, 3.2], [6.3, 3.3], [4.9, 3.0]])
    assert X.dtype == np.float64
    assert y.tolist() == [0, 1, 2, 0]
    assert y.dtype == np.int64
    assert names == ("length", "width")
    assert classes == ("setosa", "versicolor", "virginica")


def test_a_target_of_numbers(read):
    table = read("1,2,3\n4,5,6\n", target=-2, header=False)
    assert table.X.tolist() == [[1.0, 3.0], [4.0, 6.0]]
    assert table.y.tolist() == [2.0, 5.0]
    assert table.y.dtype == np.float64
    assert table.names == table.classes == ()


def test_no_target(read):
    table = read("a;b\n1e3;-2\n", delimiter=";")
    assert table.X.tolist() == [[1000.0, -2.0]]
    assert table.y is None
    assert table.names == ("a", "b")


def test_nothing_but_the_target(read):
    assert read("a\n1\n2\n", target="a").X.shape == (2, 0)


def test_classes_that_are_numbers_are_sorted_as_numbers(read):
    table = read("a,y\n0,10\n0,9\n0,-1\n", target="y", classes=True)
    assert table.classes == ("-1", "9", "10")
    assert table.y.tolist() == [2, 1, 0]


def test_a_second_file_has_the_classes_of_the_first(read):
    first = read(IRIS, target="kind", classes=True)
    rest = IRIS.replace("setosa", "virginica")
    second = read(rest, target="kind", classes=first.classes)
    assert second.classes == first.classes
    assert second.y.tolist() == [2, 1, 2, 2]
    with pytest.raises(ValueError, match="line 2 has the class 'rose' in 'kind'"):
        read("kind\nrose\n", target="kind", classes=first.classes)


def test_quotes_marks_of_order_and_line_ends(read):
    table = read('\ufeff"a,b",c\r\n"1",2\r\n\r\n')
    assert table.names == ("a,b", "c")
    assert table.X.tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize(
    "word", ["", " ", "?", "NA", "n/a", "NaN", "nan", "None", "NULL", "-"]
)
def test_missing_values_are_named(read, word):
    with pytest.raises(ValueError, match=r"data.csv: line 3 has no value in 'b'\."):
        read(f"a,b\n1,2\n3,{word}\n")
    with pytest.raises(ValueError, match="line 3 has no value in 'b'"):
        read(f"a,b\n1,x\n3,{word}\n", target="b", classes=True)


@pytest.mark.parametrize(
    ("text", "settings", "message"),
    [
        ("a,b\n1,2\n3\n4,5\n", {}, "line 3 has 1 cells instead of 2"),
        ("a,b\n1,2\n3,4,5\n", {}, "line 3 has 3 cells instead of 2"),
        ("a,b\n1,2\n\n4,5\n", {}, "line 3 has 0 cells instead of 2"),
        ("a\n1\n2\n\n\n3\n", {}, "line 4 has 0 cells .*; line 5 has 0 cells"),
        ('a,b\n"1\n",2\n3\n', {}, "line 4 has 1 cells"),
        ("1,2\n3\n", {"header": False}, "line 2 has 1 cells instead of 2"),
        ("a\nx\n", {}, "line 2 has 'x', which is no finite number, in 'a'"),
        ("a\ninf\n", {}, "'inf', which is no finite number"),
        ("a\n1e999\n", {}, "'1e999'"),
        ("a\n1_000\n", {}, "'1_000'"),
        ("1,x\n", {"header": False}, "'x'.* in 'column 1'"),
        ("a\n" + "x\n" * 10, {}, "line 4 .*; and 7 more of the kind"),
        ("a,b\n1,2\n", {"header": False}, "line 1 holds no number.*header=True"),
        ("1,2\n3,4\n", {}, "line 1 should name the columns.*header=False"),
        ("a,a\n1,2\n", {}, "gives a name to two columns"),
        ("a,b\n", {}, "a header, but no data"),
        ("", {}, "the file is empty"),
        ("\n\n", {}, "the file is empty"),
        ("\na\n1\n", {}, "line 1 is empty"),
        ("a,b\n1,2\n", {"target": "c"}, r"no column 'c': the columns are \['a', 'b'\]"),
        ("1,2\n", {"target": "c", "header": False}, "there is no header"),
        ("a,b\n1,2\n", {"target": 2}, "no column 2: there are 2"),
        ("a,b\n1,2\n", {"target": -3}, "no column -3"),
        ("a,b\n1,x\n", {"target": "b"}, "'x', which is no finite number, in 'b'"),
        ('a\n"1\n', {}, "end of data"),
        (b"a\n\xff\n", {}, "utf-8"),
        (b"\x89PNG\r\n\x1a\n\0\0", {}, "utf-8"),
        ("a\n" + "1" * 200_000, {}, "field larger than field limit"),
    ],
)
def test_mistakes_are_named_with_file_and_line(read, text, settings, message):
    with pytest.raises(ValueError, match=message) as caught:
        read(text, **settings)
    assert caught.type is ValueError
    assert "data.csv: " in str(caught.value)


def test_classes_need_a_target(read):
    with pytest.raises(TypeError, match="classes are those of the target"):
        read(IRIS, classes=True)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        nn.read_csv(tmp_path / "missing.csv")
