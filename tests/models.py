"""Toy models: what a bulk upsert must treat apart."""

import uuid

from django.db import models
from django.db.models import Q


class Maker(models.Model):
    name = models.CharField(max_length=20)

    def __str__(self):
        return self.name


class Gadget(models.Model):
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=20)
    stock = models.IntegerField()
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    enabled = models.BooleanField(default=True)
    values = models.JSONField(default=dict, null=True)
    maker = models.ForeignKey(Maker, models.CASCADE, null=True)
    token = models.UUIDField(default=uuid.uuid4, unique=True)
    grade = models.CharField(max_length=20, db_default="plain")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    sold_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(stock__gte=0), name="stock_is_real")]

    def __str__(self):
        return self.code


class SealField(models.CharField):
    """Is filled in by the model at each save."""

    def pre_save(self, instance, add):
        return instance.seal_for(add)


class Letter(models.Model):
    number = models.IntegerField(primary_key=True)
    text = models.TextField(default="empty")
    seal = SealField(max_length=20)

    def __str__(self):
        return str(self.number)

    def seal_for(self, add):
        return f"{'new' if add else 'old'} {self.text}"[:20]


class Postcard(Letter):
    """Lies in two tables."""


class PlainLetter(Letter):
    class Meta:
        proxy = True


class Label(models.Model):
    """Is unique by two fields, one of them a relation."""

    gadget = models.ForeignKey(Gadget, models.CASCADE)
    locale = models.CharField(max_length=5)
    text = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gadget", "locale"], name="one_per_locale")]

    def __str__(self):
        return self.text


class Ticket(models.Model):
    weight = models.DecimalField(max_digits=8, decimal_places=2, unique=True)

    def __str__(self):
        return str(self.weight)


class Parcel(models.Model):
    """Has the kinds of columns that the others lack."""

    code = models.SlugField(unique=True)
    weight = models.FloatField(null=True)
    way = models.DurationField(null=True)
    sender = models.GenericIPAddressField(null=True)
    sent_on = models.DateField(null=True)
    sent_at = models.TimeField(null=True)

    def __str__(self):
        return self.code


class Photo(models.Model):
    """Its data need a placeholder of their own."""

    code = models.SlugField(unique=True)
    data = models.BinaryField(default=b"")
    size = models.IntegerField(db_default=7)

    def __str__(self):
        return self.code
