import factory
from django.contrib.auth import get_user_model
from factory.django import DjangoModelFactory

from akeneo_jobs.models import (
    JobExecution,
    JobFile,
    JobProfile,
    Notification,
    StepExecution,
    StepWarning,
)


class UserFactory(DjangoModelFactory):
    username = factory.Sequence("user{}".format)

    class Meta:
        model = get_user_model()


class JobProfileFactory(DjangoModelFactory):
    code = factory.Sequence("profile_{}".format)
    label = factory.Sequence("Profile {}".format)
    job_type = "counting"
    kind = "export"

    class Meta:
        model = JobProfile


class JobExecutionFactory(DjangoModelFactory):
    job_type = "counting"
    kind = "export"
    user = factory.SubFactory(UserFactory)

    class Meta:
        model = JobExecution


class StepExecutionFactory(DjangoModelFactory):
    execution = factory.SubFactory(JobExecutionFactory)
    position = factory.Sequence(lambda number: number + 1)
    name = "run"

    class Meta:
        model = StepExecution


class StepWarningFactory(DjangoModelFactory):
    step = factory.SubFactory(StepExecutionFactory)
    reason = "price is no number"

    class Meta:
        model = StepWarning


class JobFileFactory(DjangoModelFactory):
    execution = factory.SubFactory(JobExecutionFactory)
    role = JobFile.Role.OUTPUT
    name = "products.csv"
    file = factory.django.FileField(filename="products.csv", data=b"sku\n1\n")

    class Meta:
        model = JobFile


class NotificationFactory(DjangoModelFactory):
    execution = factory.SubFactory(JobExecutionFactory, status="completed")
    user = factory.SelfAttribute("execution.user")
    level = "success"

    class Meta:
        model = Notification
