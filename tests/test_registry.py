import pytest

from akeneo_jobs import JobType, register, registry
from akeneo_jobs.exceptions import UnknownJobType
from akeneo_jobs.testing import registered
from tests.job_types import CountingJob


class PlainJob(JobType):
    code = "plain"
    label = "Plain"
    kind = "night_shift"

    def run(self, context):
        """Do nothing."""


def test_job_types_are_found_in_the_module_job_types_of_each_app():
    assert isinstance(registry.get("counting"), CountingJob)
    assert registry.get("csv_product_import").kind == "import"


def test_an_unknown_code_is_named():
    with pytest.raises(UnknownJobType, match="There is no operation “x”"):
        registry.get("x")


def test_registering_returns_the_class_and_does_it_once():
    with registered(PlainJob):
        assert register(PlainJob) is PlainJob
        assert registry.all_job_types().count(PlainJob) == 1


def test_only_job_types_can_be_registered():
    with pytest.raises(TypeError):
        register(object)


def test_a_kind_of_the_hosts_own_has_a_label():
    assert registry.kind_label("mass_edit") == "Mass edit"
    assert registry.kind_label("night_shift") == "Night shift"
    assert registry.kind_label("bulk_upload") == "Bulk upload"


def test_a_dropped_job_type_is_called_by_its_code():
    assert registry.label_of("dropped") == "dropped"
