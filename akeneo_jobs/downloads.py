"""Handing out a stored file: as a download, never shown inline."""

from django.http import FileResponse, Http404
from django.utils.translation import gettext as _


def file_response(job_file):
    """Answer with a file as a download; 404 where its storage has lost it."""
    try:
        content = job_file.file.open("rb")
    except FileNotFoundError as error:
        raise Http404(_("This file is no longer there.")) from error
    response = FileResponse(
        content,
        as_attachment=True,
        filename=job_file.name,
        content_type="application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response
