"""Totals of selling documents: amounts, taxes, document discount, rounding. Decimal from the first step to the last.

Source: facts 4.9. Modelled: per-row rates and discounts, Actual, On Net Total, On Previous Row Amount/Total, On Item Quantity,
document discount on grand or net total, rounded totals. Not modelled: taxes included in the rate (refused).
"""

from __future__ import annotations

from decimal import ROUND_HALF_DOWN, ROUND_HALF_EVEN, Decimal

from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import HUNDRED, ONE, ZERO, encode, exact, money, quantity

_NOISE = Decimal("0.000000000001")


def compute(site: Site, doc: Doc) -> None:
    """Fill every amount of `doc` from its rows' quantities and rates."""
    rate = doc["conversion_rate"] or ONE
    rows, taxes = doc["items"], doc["taxes"]
    for row in rows:
        _row_amounts(row, rate)
    _check_taxes(taxes)
    nets = [row["net_amount"] for row in rows]
    _sum_rows(doc, rows, rate)
    grand = _tax_pass(doc, rows, taxes, nets, rate, first=True)
    discount = _discount(doc, grand)
    if discount:
        nets = _distribute(doc, rows, taxes, discount, grand, rate)
        doc["net_total"] = money(sum(nets, ZERO))
        doc["base_net_total"] = based(doc["net_total"], rate)
        target = money(grand - discount) if doc.get("apply_discount_on") != "Net Total" else None
        grand = _tax_pass(doc, rows, taxes, nets, rate, first=doc.get("apply_discount_on") == "Net Total")
        grand = target if target is not None else grand
    doc["base_discount_amount"] = based(doc["discount_amount"], rate)
    _grand_totals(site, doc, grand, rate)


def based(value: Decimal, rate: Decimal) -> Decimal:
    """In company currency."""
    return value if rate == 1 else money(value * rate)


def _row_amounts(row: Doc, conversion: Decimal) -> None:
    listed, discount = row["price_list_rate"], row["discount_percentage"]
    rate = money(row["rate"])
    if listed:
        listed = money(listed)
    if discount == 100:
        rate = ZERO
    elif listed and not rate:
        rate = money(listed * (ONE - discount / HUNDRED)) if discount else listed
    if listed and rate > listed:
        row["margin_type"], row["margin_rate_or_amount"], row["discount_amount"] = "Amount", exact(rate - listed), ZERO
        row["discount_percentage"] = ZERO
    elif listed and rate < listed:
        row["discount_amount"] = exact(listed - rate)
    elif listed:
        row["discount_amount"] = ZERO
    qty = row["qty"] = quantity(row["qty"])
    factor = row["conversion_factor"] or ONE
    amount = money(rate * qty)
    row["price_list_rate"], row["rate"], row["net_rate"] = listed, rate, rate
    row["amount"], row["net_amount"], row["conversion_factor"] = amount, amount, factor
    row["stock_qty"] = qty if factor == 1 else exact(qty * factor)
    row["stock_uom_rate"] = rate if factor == 1 else money(rate / factor)
    if conversion == 1:
        row["base_price_list_rate"], row["base_rate"], row["base_net_rate"] = listed, rate, rate
        row["base_amount"], row["base_net_amount"] = amount, amount
    else:
        row["base_price_list_rate"], row["base_rate"] = money(listed * conversion), money(rate * conversion)
        row["base_net_rate"], row["base_amount"] = row["base_rate"], money(amount * conversion)
        row["base_net_amount"] = row["base_amount"]


def _sum_rows(doc: Doc, rows: list[Doc], rate: Decimal) -> None:
    total = exact(sum((row["amount"] for row in rows), ZERO))
    doc["total_qty"] = exact(sum((row["qty"] for row in rows), ZERO))
    doc["total"], doc["net_total"] = total, total
    base = total if rate == 1 else exact(sum((row["base_amount"] for row in rows), ZERO))
    doc["base_total"], doc["base_net_total"] = base, base


def _check_taxes(taxes: list[Doc]) -> None:
    for position, tax in enumerate(taxes):
        kind = tax.get("charge_type") or ""
        if kind.startswith("On Previous Row"):
            if position == 0:
                raise throw("Cannot select charge type as 'On Previous Row Amount' or 'On Previous Row Total' for first row")
            row_id = str(tax.get("row_id") or "")
            if not row_id.isdecimal() or not 1 <= int(row_id) <= position:
                raise throw(f"Please specify a valid Row ID for row {position + 1} in table Sales Taxes and Charges")
        if tax["included_in_print_rate"]:
            raise throw("Taxes included in the rate: Not supported by fake")


def _tax_pass(doc: Doc, rows: list[Doc], taxes: list[Doc], nets: list[Decimal], conversion: Decimal, *, first: bool) -> Decimal:
    """Work out each tax row once; `first` also sets `tax_amount`, which a discount on the grand total leaves. The last total."""
    running: Decimal = doc["net_total"]
    shares: list[list[Decimal]] = []
    totals = list(nets)
    per_tax_totals: list[list[Decimal]] = []
    for tax in taxes:
        parts = _item_shares(tax, rows, nets, shares, per_tax_totals)
        shares.append(parts)
        totals = [total + part for total, part in zip(totals, parts, strict=True)]
        per_tax_totals.append(totals)
        amount = tax["tax_amount"] if tax.get("charge_type") == "Actual" else money(sum(parts, ZERO))
        amount = money(amount)
        running = exact(running + amount)
        if first:
            tax["tax_amount"] = amount
        tax["tax_amount_after_discount_amount"], tax["total"] = amount, running
        tax["base_tax_amount"] = based(tax["tax_amount"], conversion)
        tax["base_tax_amount_after_discount_amount"], tax["base_total"] = based(amount, conversion), based(running, conversion)
        tax["item_wise_tax_detail"] = _detail(tax, rows, parts, conversion)
    return running


def _item_shares(
    tax: Doc, rows: list[Doc], nets: list[Decimal], shares: list[list[Decimal]], totals: list[list[Decimal]]
) -> list[Decimal]:
    """The tax of each item row, unrounded."""
    kind, rate = tax.get("charge_type"), tax["rate"]
    if kind == "On Net Total":
        return [rate * net / HUNDRED for net in nets]
    if kind == "On Item Quantity":
        return [rate * row["qty"] for row in rows]
    if kind in ("On Previous Row Amount", "On Previous Row Total"):
        source = shares if kind.endswith("Amount") else totals
        return [rate * value / HUNDRED for value in source[int(tax["row_id"]) - 1]]
    return _spread(tax["tax_amount"], nets)


def _spread(amount: Decimal, nets: list[Decimal]) -> list[Decimal]:
    """An actual amount over the rows by their share; the last takes the rest."""
    whole = sum(nets, ZERO)
    parts = [amount * net / whole if whole else ZERO for net in nets]
    if parts:
        parts[-1] = amount - sum(parts[:-1], ZERO)
    return parts


def _detail(tax: Doc, rows: list[Doc], parts: list[Decimal], conversion: Decimal) -> str:
    detail: dict[str, list[Decimal]] = {}
    for row, part in zip(rows, parts, strict=True):
        key = row.get("item_code") or row.get("item_name") or ""
        amount = part * conversion + (detail[key][1] if key in detail else ZERO)
        detail[key] = [tax["rate"], exact(amount)]
    return encode(detail).decode()


def _discount(doc: Doc, grand: Decimal) -> Decimal:
    share = doc["additional_discount_percentage"]
    base = doc["net_total"] if doc.get("apply_discount_on") == "Net Total" else grand
    if share:
        doc["discount_amount"] = money(base * share / HUNDRED)
    discount: Decimal = doc["discount_amount"]
    if discount and abs(discount) > abs(base):
        text = f"Additional Discount Amount ({discount}) cannot exceed the total before such discount ({base})"
        raise throw(text, title="Invalid Discount Amount")
    return discount


def _distribute(doc: Doc, rows: list[Doc], taxes: list[Doc], discount: Decimal, grand: Decimal, rate: Decimal) -> list[Decimal]:
    """Take the discount off the rows by net amount with a running correction; returns the new net amounts."""
    net_total = doc["net_total"]
    base = net_total
    whole = discount
    if doc.get("apply_discount_on") != "Net Total":
        actual = sum((tax["tax_amount"] for tax in taxes if tax.get("charge_type") == "Actual"), ZERO)
        taxable = grand - actual
        whole = discount * net_total / taxable if taxable else ZERO
    given, taken, nets = ZERO, ZERO, []
    for row in rows:
        given += (whole * row["net_amount"] / base if base else ZERO).quantize(_NOISE)
        off = given - taken
        net = money((row["net_amount"] - off).quantize(_NOISE, ROUND_HALF_EVEN))
        taken += row["net_amount"] - net
        row["net_amount"] = net
        row["net_rate"] = money(net / row["qty"]) if row["qty"] else ZERO
        row["base_net_amount"], row["base_net_rate"] = based(net, rate), based(row["net_rate"], rate)
        nets.append(net)
    return nets


def _grand_totals(site: Site, doc: Doc, grand: Decimal, rate: Decimal) -> None:
    taxes = exact(grand - doc["net_total"]) if doc["taxes"] or doc["discount_amount"] else ZERO
    doc["grand_total"], doc["total_taxes_and_charges"] = grand, taxes
    doc["base_grand_total"] = based(grand, rate)
    doc["base_total_taxes_and_charges"] = based(taxes, rate)
    rounded = ZERO if doc["disable_rounded_total"] else _rounded(site, doc.get("currency"), grand)
    doc["rounded_total"], doc["base_rounded_total"] = rounded, based(rounded, rate)
    adjustment = exact(rounded - grand) if rounded else ZERO
    doc["rounding_adjustment"], doc["base_rounding_adjustment"] = adjustment, based(adjustment, rate)
    words = f"{doc.get('currency')} {rounded or grand} only."
    doc["in_words"] = words
    doc["base_in_words"] = (
        words
        if rate == 1
        else f"{site.value('Company', doc.get('company'), 'default_currency')} {based(rounded or grand, rate)} only."
    )


def _rounded(site: Site, currency: str | None, grand: Decimal) -> Decimal:
    """To the smallest coin of the currency (ties down), or to whole units where the currency names none [P17]."""
    coin = site.value("Currency", currency, "smallest_currency_fraction_value")
    if not coin:
        return exact(grand.quantize(Decimal(1), ROUND_HALF_EVEN))
    if coin == Decimal("0.01"):
        return grand
    return exact((grand / coin).quantize(Decimal(1), ROUND_HALF_DOWN) * coin)
