"""Every route of the API, with what its own schema allows and what it does not: never a 500."""

import base64

import pytest
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.test import override_settings
from django.urls import include, path
from hypothesis import HealthCheck, given, settings
from rest_framework.views import APIView

from tests.factories import (
    JobExecutionFactory,
    JobProfileFactory,
    NotificationFactory,
    StepExecutionFactory,
    StepWarningFactory,
    UserFactory,
)

schemathesis = pytest.importorskip("schemathesis")
spectacular = pytest.importorskip("drf_spectacular.generators")
openapi = pytest.importorskip("drf_spectacular.openapi")

FEW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
AUTHORIZATION = "Basic " + base64.b64encode(b"fuzzer:fuzzer").decode()


def schema_view(request):
    schema = spectacular.SchemaGenerator().get_schema(request=None, public=True)
    paths = {url: item for url, item in schema["paths"].items() if url.startswith("/api/jobs/")}
    return JsonResponse({**schema, "paths": paths})


urlpatterns = [path("schema.json", schema_view), path("", include("example_project.urls"))]


@pytest.fixture
def api_schema(transactional_db, monkeypatch):
    monkeypatch.setattr(APIView, "schema", openapi.AutoSchema())
    user = UserFactory(username="fuzzer", is_superuser=True)
    user.set_password("fuzzer")
    user.save()
    step = StepExecutionFactory(execution=JobExecutionFactory(user=user, status="failed"))
    StepWarningFactory(step=step)
    NotificationFactory(user=user)
    JobProfileFactory(code="nightly")
    with override_settings(ROOT_URLCONF=__name__):
        yield schemathesis.openapi.from_wsgi("/schema.json", get_wsgi_application())


def test_no_route_ends_in_an_error_of_the_server(api_schema):
    operations = [result.ok() for result in api_schema.get_all_operations()]
    for operation in operations:
        _fuzz(operation)
    assert len(operations) > 20


def _fuzz(operation):
    @FEW
    @given(case=operation.as_strategy())
    def call(case):
        response = case.call(headers={"Authorization": AUTHORIZATION})
        assert response.status_code < 500, f"{case.method} {case.path}: {response.text}"

    call()
