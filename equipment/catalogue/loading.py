"""Read the item types that come with the system. Pure: no database, no clock.

The file is read as strictly as the courses' (`curriculum/catalogue/nodes.py`): a wrong word is found when it is read.
"""

from pathlib import Path
from typing import Any

from curriculum.catalogue.nodes import CatalogueError, Node
from equipment.models.items import ItemCategory, Tracking, Unit

__all__ = ["CatalogueError", "read_item_types"]

FILE = Path(__file__).parent / "item-types.json"
_REQUIRED = frozenset({"code", "names", "tracking", "unit", "category"})
_OPTIONAL = frozenset(
    {"tag_prefix", "critical", "inspect_every_months", "receive_qualification", "line_codes", "weight_g"}
)


def read_item_types(path: Path = FILE) -> list[dict[str, Any]]:
    """Return the columns of every type; raise CatalogueError naming the place of the first thing that is wrong."""
    document = Node.read(path).only({"schema", "item_types"})
    if document["schema"].text() != "item-types/1":
        raise document["schema"].fail("should be item-types/1")
    types = [_read_type(node) for node in document["item_types"].each()]
    for key in ("code", "tag_prefix"):
        values = [one[key] for one in types if one[key] is not None]
        if len(set(values)) != len(values):
            raise document["item_types"].fail(f"has the same {key} twice")
    return types


def _read_type(node: Node) -> dict[str, Any]:
    node.only(_REQUIRED, _OPTIONAL)
    tracking = node["tracking"].choice(Tracking)
    if (tracking is Tracking.SERIAL) != node.has("tag_prefix"):
        raise node.fail("should have a tag_prefix exactly when it is tracked by serial")
    return {
        "code": node["code"].text(),
        "names": node["names"].local().as_mapping(),
        "tracking": tracking,
        "unit": node["unit"].choice(Unit),
        "category": node["category"].choice(ItemCategory),
        "tag_prefix": node["tag_prefix"].text() if node.has("tag_prefix") else None,
        "critical": node["critical"].flag() if node.has("critical") else False,
        "inspect_every_months": node["inspect_every_months"].integer(1, 120)
        if node.has("inspect_every_months")
        else None,
        "receive_qualification": node["receive_qualification"].text()
        if node.has("receive_qualification")
        else None,
        "line_codes": [one.text() for one in node["line_codes"].each()] if node.has("line_codes") else [],
        "weight_g": node["weight_g"].integer(1, 100_000_000) if node.has("weight_g") else None,
    }
