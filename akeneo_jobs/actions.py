"""What a person does: launch, stop, pause, resume, relaunch, mark as read.

Every door calls these and decides nothing itself.
"""

from contextlib import ExitStack
from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db import router, transaction
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from akeneo_jobs import conflicts, outcomes, parameters, queue, registry, slots, wording
from akeneo_jobs.conf import conf
from akeneo_jobs.exceptions import InvalidTransition, UnknownJobType
from akeneo_jobs.files import save_content
from akeneo_jobs.models import JobExecution, JobFile
from akeneo_jobs.permissions import get_policy
from akeneo_jobs.secrecy import kept, names_for, secret_names


def launch(
    job_type, *, user=None, parameters=None, profile=None, request=None, dry_run=False, **origin
):
    """Record an operation and hand it to the workers when the transaction commits.

    `job_type` is a class or a code. `parameters` maps the names of the form's fields to plain or
    typed values, `File` objects for file fields. With `request`, its user launches and sees a
    message with a link to the report. With `dry_run`, all that it writes is rolled back.

    Returns a `JobExecution` in status "starting".
    Raises `PermissionDenied`, or `ValidationError` with a message per parameter; then nothing is
    recorded.
    """
    if user is None and request is not None:
        user = request.user
    with transaction.atomic(using=router.db_for_write(JobExecution)):
        execution = record(
            job_type,
            user=user,
            parameters=parameters,
            profile=profile,
            is_dry_run=dry_run,
            **origin,
        )
        queue.enqueue_on_commit(execution)
    if request is not None:
        _say_launched(request, execution)
    return execution


def record(job_type, *, user=None, parameters=None, profile=None, **more):
    """Do what `launch` does, short of handing the operation to the workers."""
    try:
        job_type = registry.get(job_type)
    except UnknownJobType as error:
        raise ValidationError(str(error), code="unknown_job_type") from error
    if not get_policy().can_launch(user, job_type):
        raise PermissionDenied(_("You may not launch this operation."))
    if more.get("is_dry_run") and not job_type.can_dry_run:
        message = _("This operation cannot be tried without being done.")
        raise ValidationError(message, code="no_dry_run")
    _check_rate(user)
    return _write(job_type, user, parameters or {}, profile, more)


def _check_rate(user):
    """Refuse a launch where one person launches too many within a minute."""
    if user is None or conf.LAUNCHES_PER_MINUTE is None:
        return
    since = timezone.now() - timedelta(minutes=1)
    if user.job_executions.filter(created_at__gt=since).count() >= conf.LAUNCHES_PER_MINUTE:
        message = _("You have launched many operations within a minute. Wait a little.")
        raise ValidationError(message, code="throttled")


def launch_profile(profile, *, user=None, parameters=None, request=None, dry_run=False):
    """Launch the job type of a `JobProfile` with its parameters, overridden by those given."""
    given = parameters or {}
    secrets = kept(profile.parameters, given, names_for(profile))
    return launch(
        profile.job_type,
        user=user,
        parameters={**profile.parameters, **given, **secrets},
        profile=profile,
        request=request,
        dry_run=dry_run,
    )


def mark_read(notifications):
    """Mark a queryset of notifications as read."""
    notifications.unread().update(read_at=timezone.now())


def stop(execution, user):
    """Stop an operation: at once while it waits, at its next item while it runs.

    Raises `PermissionDenied`, or `InvalidTransition` when it is too late.
    """
    _check(user, execution, execution.can_stop)
    try:
        _cancel_or_ask(execution)
    except InvalidTransition:  # It was given back to the queue in this moment, perhaps.
        _cancel_or_ask(execution)


def _cancel_or_ask(execution):
    try:
        outcomes.end(execution, "cancel")
    except InvalidTransition:
        execution.apply("request_stop")
    else:
        queue.dequeue(execution)


def pause(execution, user):
    """Let an operation end at its next item and keep its checkpoint. Raises as `stop` does."""
    _check(user, execution, execution.can_pause)
    execution.apply("request_pause")


def resume(execution, user):
    """Let a paused or failed operation continue after its last checkpoint. Raises as `stop` does.

    Steps that were completed are not run again.
    """
    _check(user, execution, execution.can_resume)
    with transaction.atomic(using=router.db_for_write(JobExecution)):
        execution.apply("resume", error_count=0, restarts=0, ended_at=None, delivered_at=None)
        queue.enqueue_on_commit(execution)


def relaunch(execution, user, request=None):
    """Launch the same with the same parameters and files; the new execution knows its parent.

    A dry run remains one. Raises as `stop` does, and as `launch` does. Returns the new
    `JobExecution`.
    """
    _check(user, execution, execution.can_relaunch)
    return _launch_again(execution, user, request, execution.is_dry_run)


def launch_for_real(execution, user, request=None):
    """Launch what was tried in a dry run. Raises and returns as `relaunch` does."""
    _check(user, execution, execution.can_launch_for_real)
    return _launch_again(execution, user, request, dry_run=False)


def repair(execution, user, file, request=None):
    """Launch a child that handles the rejected rows of an execution only, as `file` corrects them.

    `file` is a Django `File`. Raises and returns as `relaunch` does.
    """
    _check(user, execution, execution.can_repair)
    if file is None:
        raise ValidationError({"file": _("Choose the corrected file.")})
    name = execution.files.get(role=JobFile.Role.INPUT).parameter
    return launch(
        execution.job_type,
        user=user,
        parameters={**execution.parameters, name: file},
        profile=execution.profile,
        request=request,
        parent=execution,
        is_repair=True,
    )


def _launch_again(execution, user, request, dry_run):
    inputs = list(execution.files.filter(role=JobFile.Role.INPUT))
    if inputs and not get_policy().can_download(user, execution):
        raise PermissionDenied(_("You may not use the files of this operation."))
    with ExitStack() as stack:
        files = {
            row.parameter: File(stack.enter_context(row.file.open("rb")), name=row.name)
            for row in inputs
        }
        return launch(
            execution.job_type,
            user=user,
            parameters={**execution.parameters, **files},
            profile=execution.profile,
            request=request,
            parent=execution,
            is_repair=execution.is_repair,
            dry_run=dry_run,
        )


def _check(user, execution, is_possible):
    if not get_policy().can_control(user, execution):
        raise PermissionDenied(_("You may not change this operation."))
    if not is_possible:
        raise InvalidTransition(_("This is not possible any more, or not yet."))


def _write(job_type, user, values, profile, more):
    """Write the row and its input files, all or nothing."""
    plain, uploads = parameters.clean(job_type, values)
    stored = []
    database = router.db_for_write(JobExecution)
    try:
        with transaction.atomic(using=database):
            execution = JobExecution.objects.create(
                job_type=job_type.code,
                kind=job_type.kind,
                profile=profile,
                profile_label=profile.label if profile else "",
                user=user,
                parameters=plain,
                secret_parameters=secret_names(job_type),
                language=get_language() or "",
                queue=job_type.queue or conf.QUEUE,
                unique_key=slots.key_of(job_type, plain, profile),
                step_count=len(job_type.get_steps()),
                is_held=bool(set(queue.open_transactions()) - {database}),
                **more,
            )
            conflicts.settle(execution, job_type.on_conflict)
            for name, upload in uploads.items():
                stored.append(_store_input(execution, name, plain[name], upload))
    except BaseException:
        for row in stored:
            row.file.delete(save=False)
        raise
    return execution


def _store_input(execution, parameter, name, upload):
    row = JobFile(
        execution=execution,
        role=JobFile.Role.INPUT,
        parameter=parameter,
        name=name[-255:],
        size=upload.size,
    )
    save_content(row, name, upload)
    row.save(force_insert=True)
    return row


def _say_launched(request, execution):
    messages.success(
        request,
        format_html(
            '{} <a href="{}">{}</a>',
            wording.launched(execution.kind, execution.label, execution.is_dry_run),
            execution.get_absolute_url(),
            _("Follow it here."),
        ),
    )
