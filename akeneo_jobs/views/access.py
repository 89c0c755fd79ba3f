"""Who gets in: a person who has logged in, or the login page."""

from django.contrib.auth.mixins import AccessMixin

from akeneo_jobs.permissions import is_person


class PersonRequiredMixin(AccessMixin):
    """Send anonymous visitors to the login page of the host."""

    def dispatch(self, request, *args, **kwargs):
        if not is_person(request.user):
            return self.handle_no_permission()
        return super().dispatch(request, *args, **kwargs)

    @property
    def layout(self):
        """Name what the page's template extends: the bare content where only that is asked for."""
        is_part = self.request.headers.get("X-Akeneo-Jobs-Part") == "content"
        return "akeneo_jobs/bare.html" if is_part else "akeneo_jobs/base.html"
