"""Job types with saved parameters."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akeneo_jobs import registry, secrecy


class JobProfile(models.Model):
    """A configured job type that people launch again and again."""

    code = models.CharField(
        _("code"),
        max_length=100,
        unique=True,
        validators=[
            RegexValidator(r"^[a-zA-Z0-9_]+\Z", _("Use letters, digits and underscores only."))
        ],
    )
    label = models.CharField(_("label"), max_length=255)
    job_type = models.CharField(_("job type"), max_length=100)
    kind = models.CharField(_("kind"), max_length=50, db_index=True)
    parameters = models.JSONField(
        _("parameters"), default=dict, blank=True, encoder=DjangoJSONEncoder
    )
    # Known even when the host has dropped the job type.
    secret_parameters = models.JSONField(_("secret parameters"), default=list, blank=True)
    notified_users = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("users to notify"),
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        ordering = ["label", "code"]
        verbose_name = _("job profile")
        verbose_name_plural = _("job profiles")

    def __str__(self):
        return self.label

    def get_absolute_url(self):
        return reverse("akeneo_jobs:profile", args=[self.kind, self.code])

    @property
    def shown_parameters(self):
        """The parameters with the secret ones masked."""
        return secrecy.masked(self.parameters, secrecy.names_for(self))

    @property
    def kind_label(self):
        return registry.kind_label(self.kind)

    @property
    def job_type_label(self):
        return registry.label_of(self.job_type)
