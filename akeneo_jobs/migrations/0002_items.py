import django.core.serializers.json
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("akeneo_jobs", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="RejectedRows",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_row", models.PositiveBigIntegerField()),
                ("last_row", models.PositiveBigIntegerField()),
                ("count", models.PositiveIntegerField()),
                ("data", models.BinaryField()),
            ],
            options={
                "verbose_name": "rejected rows",
                "verbose_name_plural": "rejected rows",
                "ordering": ["first_row", "pk"],
            },
        ),
        migrations.AlterModelOptions(
            name="stepexecution",
            options={
                "ordering": ["position", "part"],
                "verbose_name": "step",
                "verbose_name_plural": "steps",
            },
        ),
        migrations.RemoveConstraint(
            model_name="stepexecution",
            name="akj_step_position",
        ),
        migrations.AddField(
            model_name="jobexecution",
            name="is_dry_run",
            field=models.BooleanField(default=False, verbose_name="dry run"),
        ),
        migrations.AddField(
            model_name="jobexecution",
            name="is_repair",
            field=models.BooleanField(default=False, verbose_name="repair"),
        ),
        migrations.AddField(
            model_name="stepexecution",
            name="attempt",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="stepexecution",
            name="failure",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="stepexecution",
            name="heartbeat_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="stepexecution",
            name="part",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="stepexecution",
            name="preview",
            field=models.JSONField(
                blank=True, default=list, encoder=django.core.serializers.json.DjangoJSONEncoder
            ),
        ),
        migrations.AddField(
            model_name="stepexecution",
            name="rejects_format",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="stepexecution",
            name="slice",
            field=models.JSONField(
                blank=True, encoder=django.core.serializers.json.DjangoJSONEncoder, null=True
            ),
        ),
        migrations.AlterField(
            model_name="jobfile",
            name="role",
            field=models.CharField(
                choices=[
                    ("input", "Read file"),
                    ("output", "Generated file"),
                    ("rejects", "Invalid data"),
                    ("warnings", "All warnings"),
                    ("log", "Log"),
                    ("part", "Part"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="stepexecution",
            name="execution",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="all_steps",
                to="akeneo_jobs.jobexecution",
            ),
        ),
        migrations.AddConstraint(
            model_name="stepexecution",
            constraint=models.UniqueConstraint(
                fields=("execution", "position", "part"), name="akj_step_position"
            ),
        ),
        migrations.AddField(
            model_name="rejectedrows",
            name="step",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rejects",
                to="akeneo_jobs.stepexecution",
            ),
        ),
    ]
