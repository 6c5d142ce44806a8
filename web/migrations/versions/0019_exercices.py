"""Keep what the exercises showed and what she said alone"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What exists was said together; nobody has tried an exercise yet."""
    with op.batch_alter_table("reponse", recreate="never") as table:
        table.add_column(sa.Column("origine", sa.String(40), server_default="entretien", nullable=False))
    op.create_table(
        "exercice_fait",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("diagnostic_id", sa.Integer(), nullable=False),
        sa.Column(
            "exercice",
            sa.Enum(
                "horaire",
                "carte",
                "depart",
                name="exercice",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "resultat",
            sa.Enum(
                "reussi",
                "avec_aide",
                "pas_encore",
                "passe",
                name="resultatexercice",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("seule", sa.Boolean(), nullable=False),
        sa.Column("cle", sa.String(), nullable=False),
        sa.Column("par", sa.Integer(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["diagnostic_id"],
            ["diagnostic.id"],
            name=op.f("fk_exercice_fait_diagnostic_id_diagnostic"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exercice_fait")),
        sa.UniqueConstraint("diagnostic_id", "cle", name=op.f("uq_exercice_fait_diagnostic_id_cle")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Forget how answers came in and what the exercises showed."""
    op.drop_table("exercice_fait")
    with op.batch_alter_table("reponse", recreate="never") as table:
        table.drop_column("origine")
