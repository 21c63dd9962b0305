"""Canonical forms made by hand, and strategies that draw them."""

from collections.abc import Mapping

from hypothesis import strategies as st

from workflowops.core.canonical import CanonicalForm
from workflowops.core.json import Json

HTTP = "n8n-nodes-base.httpRequest"
CODE = "n8n-nodes-base.code"
WEBHOOK = "n8n-nodes-base.webhook"


def node(node_type: str = HTTP, **fields: Json) -> dict[str, Json]:
    """A node of a canonical form."""
    return {"type": node_type, "typeVersion": 1, **fields}


def wire(target: str, **more: Json) -> dict[str, Json]:
    """A connection's target."""
    return {"node": target, **more}


def form(
    nodes: Mapping[str, Json] | None = None,
    *,
    name: Json = "Payment Gateway",
    connections: Mapping[str, Json] | None = None,
    order: Mapping[str, Json] | None = None,
    settings: Mapping[str, Json] | None = None,
    references: Mapping[str, Json] | None = None,
    node_ids: Mapping[str, str] | None = None,
    **logic: Json,
) -> CanonicalForm:
    """A canonical form; only what is given counts."""
    return CanonicalForm(
        logic={
            "name": name,
            "nodes": {**(nodes or {})},
            "connections": {**(connections or {})},
            "order": {**(order or {})},
            "settings": {**(settings or {})},
            **logic,
        },
        layout={},
        bindings={},
        references={**(references or {})},
        node_ids={**(node_ids or {})},
        ignored={},
        oddities=(),
    )


NAMES = st.sampled_from(["A", "B", "C", "a.b", "Ä 1", "x|y", "", "[0]", '"q"'])
KEYS = st.sampled_from(["url", "id", "name", "value", "__rl", "a.b", "", "jsCode", "0", "options", "\u00fc"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(-2, 2).filter(lambda number: not number.is_integer())
    | st.text(st.sampled_from("ab1\n=\u00e4"), max_size=4)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=4)

_NODES = st.dictionaries(
    NAMES,
    st.builds(
        lambda node_type, parameters, extra: {**extra, "type": node_type, "parameters": parameters},
        st.sampled_from([HTTP, CODE, WEBHOOK]),
        OBJECTS,
        st.dictionaries(st.sampled_from(["disabled", "onError", "credentials"]), VALUES, max_size=2),
    ),
    max_size=4,
)
_TARGETS = st.lists(st.builds(wire, NAMES) | st.builds(wire, NAMES, index=st.integers(1, 2)), max_size=3)
_OUTPUTS = st.dictionaries(st.sampled_from(["main", "ai_tool"]), st.lists(_TARGETS, max_size=3) | VALUES, max_size=2)

FORMS = st.builds(
    form,
    _NODES,
    name=st.sampled_from(["W", "V", None]),
    connections=st.dictionaries(NAMES, _OUTPUTS | VALUES, max_size=3),
    order=st.dictionaries(NAMES, st.lists(NAMES, max_size=3), max_size=2),
    settings=st.dictionaries(st.sampled_from(["timezone", "executionOrder", "x"]), VALUES, max_size=2),
    references=st.dictionaries(
        st.sampled_from(["workflows", "error_workflow", "caller_ids"]),
        st.dictionaries(NAMES, st.text("12", max_size=2), max_size=2) | st.lists(st.text("12", max_size=2), max_size=3),
        max_size=2,
    ),
    node_ids=st.dictionaries(NAMES, st.sampled_from(["id1", "id2", "id3"]), max_size=3),
)
