"""What lies over the cells or bands them: charts, slicers, banded ranges. Kept, not drawn."""

from __future__ import annotations

from crm_sync.sheet_server.api_error import invalid
from crm_sync.sheet_server.batch import kept_parts
from crm_sync.sheet_server.batch.cell_writes import check_coordinate
from crm_sync.sheet_server.batch.context import Batch, Handler
from crm_sync.sheet_server.batch.kept_parts import BANDED_RANGE, CHART, SLICER, Found, PartKind
from crm_sync.sheet_server.formats import mask_with_styles, with_styles
from crm_sync.sheet_server.masks import apply_mask, parse_mask
from crm_sync.sheet_server.workbook import Json

# The size that Google gives an overlay for which none is asked.
_OVERLAY = {"widthPixels": 600, "heightPixels": 371}


def add_chart(batch: Batch, request: Json) -> Json:
    """Adds a chart; gives it with its id and whole position."""
    given = request.get("chart", {})
    if not given.get("spec"):
        raise invalid("No chart spec specified.")
    position, sheet_id = _position(batch, given.get("position", {}))
    chart = {
        "chartId": kept_parts.fresh_id(batch, CHART, given.get("chartId")),
        "spec": with_styles(given["spec"]),
        "position": position,
    }
    if "border" in given:
        chart["border"] = with_styles(given["border"])
    kept_parts.add(batch.sheet(sheet_id), CHART, chart)
    return {"chart": chart}


def _position(batch: Batch, given: Json) -> tuple[Json, int]:
    """The position with its defaults, and the sheet on which it lies."""
    if given.get("newSheet"):
        raise invalid("Charts and slicers on sheets of their own are not supported.")
    overlay = given.get("overlayPosition")
    if overlay is None:
        if "sheetId" in given:
            raise invalid("An object cannot be moved to a sheet of its own.")
        overlay = {"anchorCell": {}}
    anchor = overlay.get("anchorCell", {})
    sheet = batch.sheet(anchor.get("sheetId", 0))
    check_coordinate(sheet, anchor.get("rowIndex", 0), anchor.get("columnIndex", 0))
    return {"overlayPosition": {"anchorCell": anchor, **_OVERLAY, **overlay}}, sheet.id


def update_chart_spec(batch: Batch, request: Json) -> None:
    """Replaces the spec of a chart."""
    found = kept_parts.find(batch, CHART, request.get("chartId", 0))
    if not request.get("spec"):
        raise invalid("No chart spec specified.")
    held = {**found.entry, "spec": with_styles(request["spec"])}
    kept_parts.replace(batch, CHART, found, held, found.sheet.id)


def _object(batch: Batch, object_id: int) -> tuple[PartKind, Found]:
    for kind in (CHART, SLICER):
        found = kept_parts.look_for(batch, kind, object_id)
        if found is not None:
            return kind, found
    raise invalid(f"No embedded object with id: {object_id}")


def update_embedded_object_position(batch: Batch, request: Json) -> Json:
    """Moves or sizes a chart or slicer; the mask is that of its overlay position."""
    kind, found = _object(batch, request.get("objectId", 0))
    given = request.get("newPosition", {})
    mask = parse_mask(request.get("fields", ""), "OverlayPosition")
    before = found.entry["position"]["overlayPosition"]
    after = apply_mask(before, given.get("overlayPosition", {}), mask)
    position, sheet_id = _position(batch, {**given, "overlayPosition": after})
    kept_parts.replace(batch, kind, found, {**found.entry, "position": position}, sheet_id)
    return {"position": position}


def delete_embedded_object(batch: Batch, request: Json) -> None:
    """Takes a chart or slicer away."""
    kept_parts.remove(*_object(batch, request.get("objectId", 0)))


def update_embedded_object_border(batch: Batch, request: Json) -> None:
    """Sets masked members of a chart's border."""
    found = kept_parts.find(batch, CHART, request.get("objectId", 0))
    mask = mask_with_styles(parse_mask(request.get("fields", ""), "EmbeddedObjectBorder"))
    given = with_styles(request.get("border", {}))
    held = {**found.entry, "border": apply_mask(found.entry.get("border", {}), given, mask)}
    kept_parts.replace(batch, CHART, found, held, found.sheet.id)


def add_slicer(batch: Batch, request: Json) -> Json:
    """Adds a slicer; gives it with its id and whole position."""
    given = request.get("slicer", {})
    if "dataRange" not in given.get("spec", {}):
        raise invalid("A slicer must have a data range.")
    batch.area(given["spec"]["dataRange"])
    position, sheet_id = _position(batch, given.get("position", {}))
    slicer = {
        "slicerId": kept_parts.fresh_id(batch, SLICER, given.get("slicerId")),
        "spec": with_styles(given["spec"]),
        "position": position,
    }
    kept_parts.add(batch.sheet(sheet_id), SLICER, slicer)
    return {"slicer": slicer}


def update_slicer_spec(batch: Batch, request: Json) -> None:
    """Sets masked members of a slicer's spec."""
    found = kept_parts.find(batch, SLICER, request.get("slicerId", 0))
    mask = mask_with_styles(parse_mask(request.get("fields", ""), "SlicerSpec"))
    spec = apply_mask(found.entry["spec"], with_styles(request.get("spec", {})), mask)
    if "dataRange" not in spec:
        raise invalid("A slicer must have a data range.")
    batch.area(spec["dataRange"])
    kept_parts.replace(batch, SLICER, found, {**found.entry, "spec": spec}, found.sheet.id)


def add_banding(batch: Batch, request: Json) -> Json:
    """Gives a range alternating colours."""
    given = request.get("bandedRange", {})
    band_id = kept_parts.fresh_id(batch, BANDED_RANGE, given.get("bandedRangeId"))
    held = _band(batch, {**given, "bandedRangeId": band_id})
    kept_parts.add(batch.sheet(held["range"].get("sheetId", 0)), BANDED_RANGE, held)
    return {"bandedRange": held}


def _band(batch: Batch, given: Json) -> Json:
    area = batch.area(given.get("range", {}))
    if not (given.get("rowProperties") or given.get("columnProperties")):
        raise invalid("Must specify row properties or column properties.")
    for other in batch.sheet(area.sheet_id).parts.get(BANDED_RANGE.part, ()):
        is_other = other["bandedRangeId"] != given["bandedRangeId"]
        if is_other and batch.area(other["range"]).meets(area):
            raise invalid(
                "You cannot add alternating background colors to a range that already has "
                "alternating background colors."
            )
    held: Json = with_styles(given)
    for name in ("rowProperties", "columnProperties"):
        if name in held:
            held[name] = _with_band_styles(held[name])
    return {"bandedRangeId": held["bandedRangeId"], "range": given.get("range", {})} | held


def _with_band_styles(properties: Json) -> Json:
    result = dict(properties)
    for name in ("headerColor", "firstBandColor", "secondBandColor", "footerColor"):
        rgb = result.get(f"{name}Style", {}).get("rgbColor")
        if rgb is not None:
            result[name] = rgb
        elif name in result and f"{name}Style" not in result:
            result[f"{name}Style"] = {"rgbColor": result[name]}
    return result


def update_banding(batch: Batch, request: Json) -> None:
    """Sets masked members of a banded range."""
    given = request.get("bandedRange", {})
    found = kept_parts.find(batch, BANDED_RANGE, given.get("bandedRangeId", 0))
    mask = dict(parse_mask(request.get("fields", ""), "BandedRange"))
    mask.pop("bandedRangeId", None)
    held = _band(batch, apply_mask(found.entry, given, mask))
    kept_parts.replace(batch, BANDED_RANGE, found, held, held["range"].get("sheetId", 0))


def delete_banding(batch: Batch, request: Json) -> None:
    """Takes the alternating colours of a range away."""
    part_id = request.get("bandedRangeId", 0)
    kept_parts.remove(BANDED_RANGE, kept_parts.find(batch, BANDED_RANGE, part_id))


KINDS: dict[str, Handler] = {
    "addChart": add_chart,
    "updateChartSpec": update_chart_spec,
    "updateEmbeddedObjectPosition": update_embedded_object_position,
    "updateEmbeddedObjectBorder": update_embedded_object_border,
    "deleteEmbeddedObject": delete_embedded_object,
    "addSlicer": add_slicer,
    "updateSlicerSpec": update_slicer_spec,
    "addBanding": add_banding,
    "updateBanding": update_banding,
    "deleteBanding": delete_banding,
}
