"""Values HubSpot sets by itself: deals follow their stage, line items their product, quantity and price.

Source: facts sections 6 (auto-populated on deals) and 7.2 (line items). Discounts reducing `amount`: inferred.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fake_crm.hubspot.model.pipelines import Pipelines, Stage
from fake_crm.hubspot.model.values import decimal_text
from fake_crm.hubspot.settings import Settings
from harness.kit.money import decimal_of
from harness.kit.records import RecordStore

# what a line item copies from its product at the moment it is made
COPIED = (
    "name",
    "description",
    "price",
    "hs_sku",
    "hs_cost_of_goods_sold",
    "hs_recurring_billing_period",
    "recurringbillingfrequency",
    "hs_pricing_model",
    "hs_tier_ranges",
    "hs_tier_prices",
)
_PRICED_BY = ("quantity", "price", "discount", "hs_discount_percentage", "amount")


def new_deal(pipelines: Pipelines, values: dict[str, str], now: str, settings: Settings) -> None:
    """Fill in pipeline, first stage, currency and what follows from the stage."""
    pipeline = values.setdefault("pipeline", "default")
    stages = pipelines.stages(pipeline) or {}
    stage_id = values.setdefault("dealstage", next(iter(stages), ""))
    values.setdefault("deal_currency_code", settings.currency)
    stage = stages.get(stage_id)
    if stage is None:
        return
    values.update(stage.derived)
    if stage.closed and settings.closedate_on_close:
        values.setdefault("closedate", now)


def changed_deal(
    pipelines: Pipelines, current: dict[str, Any], changes: dict[str, str], values: dict[str, str], now: str, settings: Settings
) -> None:
    """Let a deal follow a change of its stage. Moving into won or lost sets `closedate` unless the request did."""
    if "dealstage" not in changes and "pipeline" not in changes:
        return
    pipeline = changes.get("pipeline") or current.get("pipeline", "default")
    stages = pipelines.stages(pipeline) or {}
    if "pipeline" in changes and "dealstage" not in values:
        changes["dealstage"] = next(iter(stages), "")
    stage = stages.get(changes.get("dealstage", current.get("dealstage", "")))
    if stage is None:
        return
    changes.update({name: value for name, value in stage.derived.items() if current.get(name) != value})
    if settings.closedate_on_close and "closedate" not in values and _closes(stage, current):
        changes["closedate"] = now


def _closes(stage: Stage, current: dict[str, Any]) -> bool:
    """Into won or lost, and between the two; not from one won stage to another."""
    if not stage.closed:
        return False
    was_won = current.get("hs_is_closed_won") == "true"
    return current.get("hs_is_closed") != "true" or was_won != stage.won


def new_line_item(store: RecordStore, values: dict[str, str]) -> None:
    """Copy from the product named by `hs_product_id` what was not given, then price the line."""
    product = store.get("products", values["hs_product_id"]) if "hs_product_id" in values else None
    if product is not None and not product.archived:
        for name in COPIED:
            if product.fields.get(name):
                values.setdefault(name, product.fields[name])
    values.setdefault("quantity", "1")
    amount = _amount(values)
    if amount:
        values["amount"] = amount


def changed_line_item(current: dict[str, Any], changes: dict[str, str]) -> None:
    """Price the line anew; a written `amount` is overwritten by quantity × price."""
    if not any(name in changes for name in _PRICED_BY):
        return
    amount = _amount({**current, **changes})
    changes.pop("amount", None)
    if amount != current.get("amount", ""):
        changes["amount"] = amount


def _amount(values: dict[str, Any]) -> str:
    """Quantity × (price − discount), less the discount percentage; empty without a price."""
    price = decimal_of(values.get("price"))
    if price is None:
        return ""
    quantity = decimal_of(values.get("quantity"))
    discount = decimal_of(values.get("discount")) or Decimal(0)
    share = decimal_of(values.get("hs_discount_percentage")) or Decimal(0)
    amount = (price - discount) * (quantity if quantity is not None else Decimal(1)) * (1 - share / 100)
    return decimal_text(amount) if abs(amount.adjusted()) < 30 else ""
