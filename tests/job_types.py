"""Toy jobs: the vocabulary of the tests."""

import time

from django import forms
from django.contrib.auth.models import Group
from django.db import transaction

from akeneo_jobs import ItemRefused, ItemStep, JobFailed, JobType, Kind, Step, register


class CountForm(forms.Form):
    count = forms.IntegerField(initial=3, min_value=0)
    password = forms.CharField(required=False, widget=forms.PasswordInput)


@register
class CountingJob(JobType):
    """Counts to a number."""

    code = "counting"
    label = "Counting job"
    kind = Kind.EXPORT
    parameters_form = CountForm

    def run(self, context):
        for _number in context.track(range(context.parameters["count"])):
            context.count("read")


@register
class WarningJob(JobType):
    code = "warning"
    label = "Warning job"
    kind = Kind.IMPORT
    parameters_form = CountForm

    def run(self, context):
        for number in context.track(range(context.parameters["count"])):
            context.warn(f"{number} is odd", item={"number": number}, field="number", code="odd")


@register
class FailingJob(JobType):
    code = "failing"
    label = "Failing job"
    kind = Kind.RULE

    def run(self, context):
        raise JobFailed("The file of the supplier is missing.")


@register
class BrokenJob(JobType):
    code = "broken"
    label = "Broken job"
    kind = Kind.PROJECT

    def run(self, context):
        context.count("read", 7)
        raise ZeroDivisionError("division of a secret by zero")


@register
class EndlessJob(JobType):
    """Runs until somebody stops it."""

    code = "endless"
    label = "Endless job"
    kind = Kind.MASS_EDIT

    def run(self, context):
        for _number in context.track(iter(int, 1)):
            time.sleep(0.01)


class Extract(Step):
    name = "extract"

    def run(self, context):
        context.count("read", 2)


class Load(ItemStep):
    name = "load"
    chunk_size = 2

    def read(self, context):
        return [1, 2, 3, 4, 5]

    def process(self, item, context):
        if item == 4:
            context.warn("four is refused", item={"number": item})
            return None
        return item * 10

    def write(self, items, context):
        context.count("written", len(items))
        context.log.info("wrote %s", items)


@register
class TwoStepJob(JobType):
    code = "two_steps"
    label = "Two steps"
    kind = "night_shift"
    kind_label = "Night shift"
    steps = [Extract, Load]


class UploadForm(forms.Form):
    file = forms.FileField()
    mode = forms.ChoiceField(choices=[("fast", "Fast"), ("slow", "Slow")], initial="fast")


@register
class CopyingJob(JobType):
    """Copies its input to its output."""

    code = "copying"
    label = "Copying job"
    kind = Kind.EXPORT
    parameters_form = UploadForm

    def run(self, context):
        with context.open_input("file") as source, context.open_output("copy.txt") as copy:
            copy.write(source.read())


@register
class RestrictedJob(CountingJob):
    code = "restricted"
    label = "Restricted job"
    permission = "auth.add_user"


@register
class HiddenJob(CountingJob):
    """Launched by code only."""

    code = "hidden"
    label = "Hidden job"
    is_visible = False


class SecondsForm(forms.Form):
    seconds = forms.IntegerField()


@register
class AtomicJob(JobType):
    """Holds one transaction over all its work."""

    code = "atomic"
    label = "Atomic job"
    kind = Kind.MASS_EDIT
    parameters_form = SecondsForm

    def run(self, context):
        with transaction.atomic():
            Group.objects.create(name="held")
            for _number in context.track(range(context.parameters["seconds"] * 100)):
                time.sleep(0.01)


class WriteGroups(ItemStep):
    """Writes a group per number; 3 of 10 chunks' items are warnings."""

    name = "write"
    chunk_size = 20

    def read(self, context):
        return range(context.parameters["count"])

    def process(self, number, context):
        time.sleep(context.parameters["pause"])
        if number % 10 == 9:
            context.warn(f"{number} ends in nine", item={"number": number})
            return None
        return Group(name=f"{context.execution.uuid}-{number}")

    def write(self, groups, context):
        Group.objects.bulk_create(groups)
        context.count("created", len(groups))


class WritingForm(forms.Form):
    count = forms.IntegerField(initial=400)
    pause = forms.FloatField(initial=0.005)


@register
class RestartableJob(JobType):
    code = "restartable"
    label = "Restartable job"
    kind = Kind.IMPORT
    parameters_form = WritingForm
    steps = [WriteGroups]
    is_restartable = True


@register
class BlockingJob(JobType):
    """Does not come to its next item for a long time."""

    code = "blocking"
    label = "Blocking job"
    kind = Kind.EXPORT

    def run(self, context):
        for _number in context.track(range(2)):
            time.sleep(600)


@register
class LimitedJob(EndlessJob):
    code = "limited"
    label = "Limited job"
    timeout = 2


@register
class SoleJob(EndlessJob):
    """One at a time."""

    code = "sole"
    label = "Sole job"
    max_running = 1


class MarkNumbers(ItemStep):
    """Writes a group and a line per number, in parts of which each has a range."""

    name = "mark"
    label = "Mark"
    chunk_size = 5

    def split(self, context):
        size = context.parameters["size"]
        starts = range(0, context.parameters["count"], size)
        return [[start, min(start + size, context.parameters["count"])] for start in starts]

    def read(self, context):
        return range(*context.slice)

    def process(self, number, context):
        time.sleep(context.parameters["pause"])
        if number % 10 == 9:
            raise ItemRefused(f"{number} ends in nine")
        return Group(name=f"{context.execution.uuid}-{number}")

    def write(self, groups, context):
        Group.objects.bulk_create(groups)
        context.count("created", len(groups))


class ListNumbers(MarkNumbers):
    """Lists its numbers in a file."""

    name = "list"
    label = "List"

    def run(self, context):
        with context.open_output("numbers.txt") as file:
            self.file = file
            super().run(context)

    def write(self, groups, context):
        self.file.write("".join(f"{group.name.rsplit('-', 1)[1]}\n" for group in groups))
        context.log.info("part %s wrote %s", context.part, len(groups))


class PartsForm(WritingForm):
    count = forms.IntegerField(initial=40)
    size = forms.IntegerField(initial=10)
    pause = forms.FloatField(initial=0)


@register
class PartedJob(JobType):
    code = "parted"
    label = "Parted job"
    kind = Kind.IMPORT
    parameters_form = PartsForm
    steps = [MarkNumbers, ListNumbers]
    is_restartable = True


class TriedStep(ItemStep):
    name = "try"
    chunk_size = 3

    def read(self, context):
        return ["a", "b", "a", "!", "c"]

    def process(self, name, context):
        if name == "!":
            raise ItemRefused("It is a mark.", field="name", code="mark")
        return name

    def write(self, names, context):
        for name in names:
            group, is_created = Group.objects.get_or_create(name=name)
            outcome = "created" if is_created else "unchanged"
            context.count(outcome)
            context.preview(outcome, name, {"name": (None if is_created else name, name)})


class TriedAgainStep(Step):
    name = "again"

    def run(self, context):
        context.count("found", Group.objects.filter(name__in="abc").count())


@register
class TriedJob(JobType):
    """Can be tried before it is done."""

    code = "tried"
    label = "Tried job"
    kind = Kind.IMPORT
    steps = [TriedStep, TriedAgainStep]
    can_dry_run = True
