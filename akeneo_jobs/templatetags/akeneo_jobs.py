"""What templates load: `{% load akeneo_jobs %}`."""

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from akeneo_jobs import formatting, registry, wording
from akeneo_jobs.conf import conf
from akeneo_jobs.job_type import Kind
from akeneo_jobs.models import JobExecution, Notification
from akeneo_jobs.permissions import JobPolicy, get_policy, is_person
from akeneo_jobs.statuses import Level

register = template.Library()

DESCENDING_FIRST = {"started_at", "issue_count"}  # The first click brings what matters up.
SHOWN_FILTERS = ["search", "status", "level", "kind", "user"]
LINK_STARTS = ("/", "http://", "https://")
BELL_LIMIT = 10  # The latest ones in the bell; its page has them all.


@register.inclusion_tag("akeneo_jobs/includes/head.html")
def akeneo_jobs_head():
    """Load the stylesheet and the script."""
    return {}


@register.inclusion_tag("akeneo_jobs/includes/last_operations.html", takes_context=True)
def last_operations(context, limit=10):
    """Show the user's latest operations, as a widget of a dashboard."""
    return _latest(context, limit)


@register.inclusion_tag("akeneo_jobs/includes/process_tracker.html", takes_context=True)
def process_tracker(context, limit=10):
    """Show the user's latest operations with their progress, in any page."""
    return _latest(context, limit)


@register.inclusion_tag("akeneo_jobs/includes/notification_bell.html", takes_context=True)
def notification_bell(context):
    """Show how many notifications are unread, and the latest ones."""
    user = _person(context)
    if user is None:
        return {}
    own = Notification.objects.of(user)
    return {
        "user": user,
        "unread_count": own.unread().count(),
        "notifications": list(own.for_list()[:BELL_LIMIT]),
        "refresh_seconds": conf.REFRESH_BELL,
    }


@register.inclusion_tag("akeneo_jobs/includes/job_status.html", takes_context=True)
def job_status(context, execution):
    """Show the badge of an execution."""
    return _one(context, execution)


@register.inclusion_tag("akeneo_jobs/includes/job_progress.html", takes_context=True)
def job_progress(context, execution):
    """Show the progress bar of an execution."""
    return _one(context, execution)


@register.inclusion_tag("akeneo_jobs/includes/sort_header.html", takes_context=True)
def sort_header(context, key, label):
    """Show the header of a column that can be sorted; the link keeps the query string."""
    current = context["ordering"].replace("created_at", "started_at")
    is_down = current.startswith("-")
    is_current = current.removeprefix("-") == key
    goes_down = not is_down if is_current else key in DESCENDING_FIRST
    query = context["request"].GET.copy()
    query["ordering"] = f"-{key}" if goes_down else key
    query.pop("page", None)
    direction = ("descending" if is_down else "ascending") if is_current else ""
    return {
        "label": label,
        "url": f"?{query.urlencode()}",
        "direction": direction,
        "is_number": key.endswith("_count"),
    }


@register.inclusion_tag("akeneo_jobs/includes/pages.html", takes_context=True)
def pages(context, page):
    """Show the links to the other pages; they keep the query string."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return {"page": page, "numbers": numbers, "request": context["request"]}


@register.simple_tag(takes_context=True)
def profile_menu(context):
    """Return the entries Imports and Exports for a menu: kind, label and URL, as far as allowed."""
    user = _person(context)
    if user is None or not get_policy().can_profile(user, "view"):
        return []
    there_are = {job_type.kind for job_type in registry.all_job_types()}
    return [
        {
            "kind": kind,
            "label": wording.of_profiles(kind)["all"],
            "url": reverse("akeneo_jobs:profiles", args=[kind]),
        }
        for kind in (Kind.IMPORT, Kind.EXPORT)
        if kind in there_are
    ]


@register.simple_tag(takes_context=True)
def can_stop(context, execution):
    """Say whether the user may stop the execution, now."""
    user = context["request"].user
    return execution.can_stop and get_policy().can_control(user, execution)


@register.filter
def other_filters(filterset):
    """Return the bound fields that the filter form does not show but must not lose."""
    return [field for field in filterset.form if field.name not in SHOWN_FILTERS and field.data]


@register.filter
def is_narrowed(filterset):
    """Say whether a filter keeps something back."""
    return any(field.data for field in filterset.form if field.name != "ordering")


@register.filter
def grouped(number):
    return formatting.grouped(number)


@register.filter
def duration(seconds):
    return formatting.duration_in_words(seconds)


@register.filter
def about(seconds):
    return formatting.about_in_words(seconds)


@register.filter
def count_label(name):
    return wording.count_label(name)


@register.filter
def in_words(value):
    """Return a plain value as people read it: yes and no for what is true or false."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return value


@register.filter
def kind_label(kind):
    return registry.kind_label(kind)


@register.filter
def pairs(item):
    """Return the keys and values of a warning's item, whatever shape it has."""
    return item.items() if isinstance(item, dict) else [("", item)]


@register.filter
def of_attempt(failures, execution):
    """Return the failures that made this execution fail."""
    if execution.level != Level.ERROR:
        return []
    return [one for one in failures if one.get("attempt") in {None, execution.attempt}]


@register.filter
def of_earlier_attempts(failures, execution):
    """Return the failures after which it continued."""
    now = of_attempt(failures, execution)
    return [one for one in failures if one not in now]


@register.filter
def safe_link(url):
    """Return the URL where a click on it only opens a page, else nothing."""
    return url if str(url).lower().startswith(LINK_STARTS) else ""


def _person(context):
    """Return the user of the request, or None where nobody has logged in."""
    user = getattr(context.get("request"), "user", None)
    return user if is_person(user) else None


def _one(context, execution):
    user = _person(context)
    if user is None or not execution or not _may_view(user, execution):
        return {}
    return {
        "execution": execution,
        "refresh_seconds": conf.REFRESH_TRACKER if execution.is_active else None,
    }


def _may_view(user, execution):
    """Ask the policy; the default rules answer for most people without a query."""
    policy = type(get_policy())
    if (policy.view, policy.list) == (JobPolicy.view, JobPolicy.list) and (
        conf.REPORT_ACCESS == "link" or execution.user_id == user.pk
    ):
        return True
    return JobExecution.objects.viewable_by(user).filter(pk=execution.pk).exists()


def _latest(context, limit):
    user = _person(context)
    if user is None:
        return {}
    executions = list(JobExecution.objects.listed_for(user).for_list()[:limit])
    is_live = any(execution.is_active for execution in executions)
    return {
        "user": user,
        "executions": executions,
        "shows_users": get_policy().can_list_all(user),
        "refresh_seconds": conf.REFRESH_TRACKER if is_live else None,
    }
