"""Drawings that are kept: secrets in names hidden before anything is cut, and never more than the file may hold."""

from tests.builders import node
from tests.core.page.graphs import document, hot_fix, orders_after, orders_before, row_of

from workflowops.core.drawing import compare_and_draw
from workflowops.core.drawing_masking import Drawn, stored_drawings
from workflowops.core.drawings_file import DrawingsFile
from workflowops.core.records import decode, encode

TOKEN = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"


def drawn(before=None, after=None, name: str = "Order Processing") -> Drawn:
    diff, drawing = compare_and_draw(before or orders_before(), after or orders_after())
    return Drawn(canonical_id="c-1", workflow_name=name, drawing=drawing, diff=diff)


def test_what_is_kept_can_be_read_again() -> None:
    file = stored_drawings([drawn()])
    assert file.drawings == (hot_fix(),)
    assert decode(encode(file), DrawingsFile, path="x") == file


def test_a_secret_in_a_name_is_hidden_even_where_the_name_is_cut() -> None:
    for name in (f"Call {TOKEN}", "x" * 60 + f" {TOKEN}", f"{TOKEN} " + "y" * 100):
        file = stored_drawings([drawn(document(), document(node(name)), name=name)])
        assert TOKEN[:12] not in encode(file).decode()


def test_a_password_of_a_field_is_hidden_where_a_node_is_called_by_it() -> None:
    after = document(node("hunter2-hunter2", parameters={"password": "hunter2-hunter2"}))
    assert "hunter2" not in encode(stored_drawings([drawn(document(), after)])).decode()


def test_long_names_are_cut() -> None:
    file = stored_drawings([drawn(document(), document(node("n" * 5_000)), name="w" * 5_000)])
    assert len(file.drawings[0].workflow_name) == len(file.drawings[0].drawing.nodes[0].name) == 80


def test_what_does_not_fit_is_counted() -> None:
    file = stored_drawings([drawn(row_of(180), row_of(190))] * 30)
    assert 0 < len(file.drawings) < 30
    assert file.left_out == 30 - len(file.drawings)
    assert len(encode(file)) < 210_000
