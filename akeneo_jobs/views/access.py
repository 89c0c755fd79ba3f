"""Who gets in: a person who has logged in, or the login page."""

from django.contrib.auth.mixins import AccessMixin
from django.utils.cache import patch_vary_headers

from akeneo_jobs.permissions import is_person

PART_HEADER = "X-Akeneo-Jobs-Part"  # The script asks for a part of a page with it.


class PersonRequiredMixin(AccessMixin):
    """Send anonymous visitors to the login page of the host."""

    def dispatch(self, request, *args, **kwargs):
        if not is_person(request.user):
            return self.handle_no_permission()
        response = super().dispatch(request, *args, **kwargs)
        patch_vary_headers(response, [PART_HEADER])
        return response

    @property
    def layout(self):
        """Name what the page's template extends: the bare content where only that is asked for."""
        is_part = self.request.headers.get(PART_HEADER) == "content"
        return "akeneo_jobs/bare.html" if is_part else "akeneo_jobs/base.html"
