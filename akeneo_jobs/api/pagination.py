"""Keyset pages: a total order on two columns, so equal values neither loop nor get lost."""

import base64
import json

from django.core.exceptions import ValidationError as InvalidValue
from django.db import DataError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from akeneo_jobs.conf import conf

MOST = 200  # rows on a page, whatever the client asks for
LONGEST = 8000  # characters of a cursor
FARTHEST = 1_000_000_000  # rows before a page
WRONG = (InvalidValue, DataError, ValueError, TypeError, OverflowError, RecursionError)


class KeysetPagination(BasePagination):
    """Cursor pages over any queryset that is ordered by non-null columns, a unique one last.

    The cursor holds the values of these columns, so they must be public ones.
    """

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

    def _fetch(self, queryset, position, is_backward):
        order = [_reversed(name) for name in self.order] if is_backward else self.order
        queryset = queryset.order_by(*order)
        if position is None:
            return list(queryset[: self.size + 1])
        try:
            return list(queryset.filter(_beyond(order, position))[: self.size + 1])
        except WRONG as error:
            raise _invalid() from error

    def _page_size(self, request):
        size = request.query_params.get("page_size", "")[:9]
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


class OffsetPagination(KeysetPagination):
    """Cursor pages over rows that are only added at the end and have no public identifier."""

    def paginate_queryset(self, queryset, request, view=None):
        self.request = request
        self.size = self._page_size(request)
        _direction, position = _decode(request.query_params.get("cursor"), 1)
        first = 0 if position is None else position[0]
        if not isinstance(first, int) or not 0 <= first < FARTHEST:
            raise _invalid()
        rows = list(queryset[first : first + self.size + 1])
        self.next_position = [first + self.size] if len(rows) > self.size else None
        self.previous_position = [max(0, first - self.size)] if first else None
        return rows[: self.size]


def _decode(token, length):
    if not token:
        return "next", None
    try:
        direction, position = json.loads(base64.urlsafe_b64decode(token[:LONGEST].encode()))
        if direction not in {"next", "previous"} or len(position) != length:
            raise ValueError(direction)
        if not all(isinstance(value, (str, int)) and "\0" not in str(value) for value in position):
            raise ValueError(position)
    except WRONG as error:  # Base64's and JSON's errors are ValueErrors.
        raise _invalid() from error
    return direction, position


def _invalid():
    return ValidationError({"cursor": [_("This cursor is invalid.")]})


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
