"""Keep the outcome an adviser retains for a diagnostic, beside the computed one"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Both outcomes and the reason; earlier ones are kept."""
    op.create_table(
        "issue_retenue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("diagnostic_id", sa.Integer(), nullable=False),
        sa.Column(
            "issue",
            sa.Enum(
                "freins_prealables",
                "accompagnement_renforce",
                "apprentissage",
                "depannage_materiel",
                "conseil_rapide",
                name="issue",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("issue_calculee", sa.String(), nullable=False),
        sa.Column("raison", sa.String(), nullable=False),
        sa.Column("par", sa.Integer(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("raison <> ''", name=op.f("ck_issue_retenue_raison")),
        sa.ForeignKeyConstraint(
            ["diagnostic_id"],
            ["diagnostic.id"],
            name=op.f("fk_issue_retenue_diagnostic_id_diagnostic"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue_retenue")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_issue_retenue_diagnostic_id"), "issue_retenue", ["diagnostic_id"])


def downgrade() -> None:
    """Forget the outcomes that were retained."""
    op.drop_index(op.f("ix_issue_retenue_diagnostic_id"), table_name="issue_retenue")
    op.drop_table("issue_retenue")
