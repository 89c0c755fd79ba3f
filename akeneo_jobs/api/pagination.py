"""Keyset pages: a total order on two columns, so equal values neither loop nor get lost."""

import base64
import binascii
import json

from django.core.exceptions import ValidationError as InvalidValue
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from akeneo_jobs.conf import conf

MOST = 200  # rows on a page, whatever the client asks for


class KeysetPagination(BasePagination):
    """Cursor pages over any queryset that is ordered by non-null columns, a unique one last."""

    def paginate_queryset(self, queryset, request, view=None):
        self.request = request
        self.size = self._page_size(request)
        self.order = list(queryset.query.order_by or queryset.model._meta.ordering)
        direction, position = _decode(request.query_params.get("cursor"), len(self.order))
        is_backward = direction == "previous"
        rows = self._fetch(queryset, position, is_backward)
        has_more, rows = len(rows) > self.size, rows[: self.size]
        if is_backward:
            rows.reverse()
        self.next_position = rows and (has_more or is_backward) and self._position(rows[-1])
        has_previous = has_more if is_backward else position is not None
        self.previous_position = rows and has_previous and self._position(rows[0])
        return rows

    def get_paginated_response(self, data):
        return Response(
            {
                "next": self._link("next", self.next_position),
                "previous": self._link("previous", self.previous_position),
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema):
        link = {"type": "string", "format": "uri", "nullable": True}
        properties = {"next": link, "previous": link, "results": schema}
        return {"type": "object", "required": list(properties), "properties": properties}

    def _fetch(self, queryset, position, is_backward):
        order = [_reversed(name) for name in self.order] if is_backward else self.order
        if position is not None:
            try:
                queryset = queryset.filter(_beyond(order, position))
            except (InvalidValue, ValueError, TypeError) as error:
                raise ValidationError({"cursor": [_("This cursor is invalid.")]}) from error
        return list(queryset.order_by(*order)[: self.size + 1])

    def _page_size(self, request):
        size = request.query_params.get("page_size", "")
        return min(int(size), MOST) if size.isdecimal() and int(size) else conf.PAGE_SIZE

    def _position(self, row):
        return [getattr(row, name.lstrip("-")) for name in self.order]

    def _link(self, direction, position):
        url = self.request.build_absolute_uri()
        if not position:
            return None
        # `str` keeps the microseconds of a datetime, Django's encoder does not.
        cursor = json.dumps([direction, position], default=str).encode()
        token = base64.urlsafe_b64encode(cursor).decode()
        return replace_query_param(remove_query_param(url, "cursor"), "cursor", token)


def _decode(token, length):
    if not token:
        return "next", None
    try:
        direction, position = json.loads(base64.urlsafe_b64decode(token.encode()))
        if direction not in {"next", "previous"} or len(position) != length:
            raise ValueError(direction)
    except (binascii.Error, ValueError, TypeError) as error:
        raise ValidationError({"cursor": [_("This cursor is invalid.")]}) from error
    return direction, position


def _reversed(name):
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(order, position):
    """Say in SQL: comes after this position in this order."""
    beyond, equal = Q(), Q()
    for name, value in zip(order, position, strict=True):
        column, test = (name[1:], "lt") if name.startswith("-") else (name, "gt")
        beyond |= equal & Q(**{f"{column}__{test}": value})
        equal &= Q(**{column: value})
    return beyond
