"""HubSpot's official Python SDK sets an account up: schemas, association labels, pipelines, properties, owners; and is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from background_server import served

from fake_crm.hubspot import SPEC
from fake_crm.hubspot.settings import DEFAULT_TOKEN

hubspot = pytest.importorskip("hubspot", reason="needs the test extra: hubspot-api-client")
from hubspot import HubSpot  # type: ignore[import-untyped]  # noqa: E402
from hubspot.crm import objects, pipelines, properties, schemas  # type: ignore[import-untyped]  # noqa: E402
from hubspot.crm.associations.v4 import AssociationSpec  # type: ignore[import-untyped]  # noqa: E402
from hubspot.crm.associations.v4 import schema as labels  # type: ignore[import-untyped]  # noqa: E402


@pytest.fixture(scope="module")
def crm() -> Iterator[HubSpot]:
    with served(SPEC, {"index_lag_s": 0.0, "tier": "enterprise"}) as fake:
        yield HubSpot(access_token=DEFAULT_TOKEN, host=fake.base_url)


def rental(name: str) -> Any:
    serial = schemas.ObjectTypePropertyCreate(
        name="serial", label="Serial number", type="string", field_type="text", has_unique_value=True
    )
    return schemas.ObjectSchemaEgg(
        name=name,
        labels=schemas.ObjectTypeDefinitionLabels(singular="Rental", plural="Rentals"),
        primary_display_property="serial",
        required_properties=["serial"],
        searchable_properties=["serial"],
        secondary_display_properties=[],
        properties=[serial],
        associated_objects=["CONTACT"],
    )


def test_a_custom_object_from_its_schema_to_its_records_and_back(crm: HubSpot) -> None:
    api = crm.crm.schemas.core_api
    made = api.create(rental("rental"))
    assert made.fully_qualified_name == "p48211907_rental"
    assert "serial" in {each.name for each in made.properties}
    assert {(each.from_object_type_id, each.to_object_type_id) for each in made.associations} == {
        (made.object_type_id, "0-1"),
        ("0-1", made.object_type_id),
    }

    record = crm.crm.objects.basic_api.create(
        made.object_type_id, objects.SimplePublicObjectInputForCreate(properties={"serial": "A-1"}, associations=[])
    )
    read = crm.crm.objects.basic_api.get_by_id("p48211907_rental", "A-1", id_property="serial")
    assert read.id == record.id
    found = crm.crm.objects.search_api.do_search("p_rental", objects.PublicObjectSearchRequest(query="A-1"))
    assert found.total == 1

    changed = api.update(made.object_type_id, schemas.ObjectTypeDefinitionPatch(required_properties=[], description="At home"))
    assert (changed.required_properties, changed.description) == ([], "At home")
    assert made.object_type_id in {each.object_type_id for each in api.get_all().results}

    linked = api.create_association(
        made.object_type_id,
        schemas.AssociationDefinitionEgg(from_object_type_id=made.object_type_id, to_object_type_id="0-3", name="rental_for_deal"),
    )
    assert linked.name == "rental_for_deal"
    api.archive_association(made.object_type_id, linked.id)

    with pytest.raises(schemas.ApiException) as refused:
        api.archive(made.object_type_id)
    assert refused.value.status == 400
    crm.crm.objects.basic_api.archive(made.object_type_id, record.id)
    api.archive(made.object_type_id)
    api.archive(made.object_type_id, archived=True)
    assert api.create(rental("rental")).object_type_id != made.object_type_id


def test_a_schema_that_is_refused_is_the_sdks_error(crm: HubSpot) -> None:
    crm.crm.schemas.core_api.create(rental("taken"))
    with pytest.raises(schemas.ApiException) as taken:
        crm.crm.schemas.core_api.create(rental("taken"))
    assert taken.value.status == 409
    with pytest.raises(schemas.ApiException) as unknown:
        crm.crm.schemas.core_api.get_by_id("taken")
    assert (unknown.value.status, "Unable to infer object type from: taken" in unknown.value.body) == (400, True)


def test_labels_are_made_used_limited_and_removed(crm: HubSpot) -> None:
    definitions = crm.crm.associations.v4.schema.definitions_api
    body = labels.PublicAssociationDefinitionCreateRequest(name="payer", label="Pays", inverse_label="Paid by")
    forth, back = definitions.create("companies", "deals", body).results
    assert (forth.category, forth.label, back.label) == ("USER_DEFINED", "Pays", "Paid by")

    company = crm.crm.objects.basic_api.create("companies", record(name="Acme")).id
    deals = [crm.crm.objects.basic_api.create("deals", record(dealname=str(number))).id for number in range(2)]
    limits = crm.crm.associations.v4.schema.definition_configurations_api
    one = labels.PublicAssociationDefinitionConfigurationCreateRequest(
        category="USER_DEFINED", type_id=forth.type_id, max_to_object_ids=1
    )
    limits.batch_create("companies", "deals", labels.BatchInputPublicAssociationDefinitionConfigurationCreateRequest(inputs=[one]))
    assert [each.user_enforced_max_to_object_ids for each in limits.get_all().results] == [1]

    spec = [AssociationSpec(association_category="USER_DEFINED", association_type_id=forth.type_id)]
    api = crm.crm.associations.v4.basic_api
    assert api.create("companies", company, "deals", deals[0], spec).labels == ["Pays"]
    with pytest.raises(Exception, match="at most 1") as refused:
        api.create("companies", company, "deals", deals[1], spec)
    assert refused.value.status == 400  # type: ignore[attr-defined]

    definitions.update(
        "companies", "deals", labels.PublicAssociationDefinitionUpdateRequest(association_type_id=forth.type_id, label="Covers")
    )
    assert "Covers" in {each.label for each in definitions.get_all("companies", "deals").results}
    definitions.remove("companies", "deals", forth.type_id)
    left = api.get_page("companies", company, "deals").results[0].association_types
    assert forth.type_id not in {each.type_id for each in left}


def test_a_pipeline_is_created_replaced_audited_and_guarded(crm: HubSpot) -> None:
    api, stages = crm.crm.pipelines.pipelines_api, crm.crm.pipelines.pipeline_stages_api

    def stage(label: str, probability: str) -> Any:
        return pipelines.PipelineStageInput(label=label, display_order=0, metadata={"probability": probability})

    made = api.create("deals", pipelines.PipelineInput(label="Renewals", display_order=1, stages=[stage("Due", "0.4")]))
    won = stages.create("deals", made.id, stage("Renewed", "1.0"))
    assert won.metadata == {"isClosed": "true", "probability": "1.0"}
    deal = crm.crm.objects.basic_api.create("deals", record(dealname="ACME", pipeline=made.id, dealstage=won.id))

    with pytest.raises(pipelines.ApiException) as used:
        api.archive("deals", made.id, validate_references_before_delete=True)
    assert f"Stage IDs: [{won.id}] are being referenced by object IDs: [{deal.id}]" in used.value.body

    moved = stages.replace("deals", made.id, won.id, stage("Extended", "1.0"))
    assert (moved.id, moved.label) == (won.id, "Extended")
    replaced = api.replace("deals", made.id, pipelines.PipelineInput(label="Extensions", display_order=2, stages=[]))
    assert (replaced.id, replaced.stages) == (made.id, [])
    audit = crm.crm.pipelines.pipeline_audits_api.get_audit("deals", made.id).results
    assert [(each.action, each.identifier) for each in audit] == [("UPDATE", made.id), ("CREATE", made.id)]
    with pytest.raises(pipelines.ApiException) as nowhere:
        crm.crm.pipelines.pipeline_stage_audits_api.get_audit("deals", won.id)
    assert nowhere.value.status == 404, "this method of the SDK cannot name the pipeline"
    api.archive("deals", made.id)
    with pytest.raises(pipelines.exceptions.NotFoundException):
        api.get_by_id("deals", made.id)


def test_groups_and_properties_are_made_changed_and_archived(crm: HubSpot) -> None:
    groups, api = crm.crm.properties.groups_api, crm.crm.properties.core_api
    groups.create("deals", properties.PropertyGroupCreate(name="erp", label="ERP", display_order=-1))
    assert groups.update("deals", "erp", properties.PropertyGroupUpdate(label="Enterprise")).label == "Enterprise"
    body = properties.PropertyCreate(
        name="erp_status",
        label="Status",
        type="enumeration",
        field_type="select",
        group_name="erp",
        options=[properties.OptionInput(label="Open", value="open", hidden=False)],
    )
    made = api.create("deals", body)
    assert [each.value for each in made.options] == ["open"]
    with pytest.raises(properties.ApiException) as taken:
        api.create("deals", body)
    assert taken.value.status == 409
    with pytest.raises(properties.ApiException) as full:
        groups.archive("deals", "erp")
    assert full.value.status == 400
    assert api.update("deals", "erp_status", properties.PropertyUpdate(label="ERP status")).label == "ERP status"
    api.archive("deals", "erp_status")
    groups.archive("deals", "erp")
    with pytest.raises(properties.exceptions.NotFoundException):
        groups.get_by_name("deals", "erp")
    with pytest.raises(properties.exceptions.NotFoundException):
        api.get_by_name("deals", "erp_status")


def test_owners_are_listed_found_by_mail_and_by_either_id(crm: HubSpot) -> None:
    api = crm.crm.owners.owners_api
    page = api.get_page(limit=1)
    owner = page.results[0]
    assert api.get_page(limit=1, after=page.paging.next.after).results[0].id != owner.id
    assert [each.id for each in api.get_page(email=owner.email).results] == [owner.id]
    assert api.get_by_id(int(owner.id)).email == owner.email
    assert api.get_by_id(owner.user_id, id_property="userId").id == owner.id
    with pytest.raises(Exception, match="resource not found"):
        api.get_by_id(1)


def record(**values: str) -> Any:
    return objects.SimplePublicObjectInputForCreate(properties=values, associations=[])
