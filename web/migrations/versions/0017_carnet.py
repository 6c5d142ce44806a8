"""Keep what was said by telephone, letter and visit"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_LIMITEE = sa.text("statut IN ('proposee', 'demandee')")
_DEHORS = sa.text("statut = 'remise'")
_ABSENCE = sa.text("statut = 'absente' AND recontactee_le IS NULL")
_OUVERTE = sa.text("statut IN ('gardee', 'en_cours')")
_PARTIELS = (
    ("ix_reservation_limitee", "reservation", "expire_le", _LIMITEE),
    ("ix_reservation_dehors", "reservation", "fin", _DEHORS),
    ("ix_reservation_absence", "reservation", "debut", _ABSENCE),
    ("ix_action_echeance_ouverte", "action", "echeance", _OUVERTE),
    ("ix_action_le_ouverte", "action", "le", _OUVERTE),
)


def upgrade() -> None:
    """The lines written by hand, and the indexes the queue of the day reads."""
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column(
            "genre",
            sa.Enum(
                "appel",
                "visite",
                "rendez_vous",
                "accueil",
                "lettre",
                name="genrecontact",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("le", sa.Date(), nullable=False),
        sa.Column("joint", sa.Boolean(), nullable=True),
        sa.Column("phrase", sa.String(), nullable=False),
        sa.Column("note_par", sa.Integer(), nullable=False),
        sa.Column("note_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cle", sa.String(), nullable=True),
        sa.CheckConstraint("length(phrase) <= 200", name=op.f("ck_contact_phrase")),
        sa.CheckConstraint(
            "joint IS NULL OR genre IN ('appel', 'visite', 'rendez_vous')", name=op.f("ck_contact_joint")
        ),
        sa.ForeignKeyConstraint(
            ["personne_id"],
            ["personne.id"],
            name=op.f("fk_contact_personne_id_personne"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("personne_id", "cle", name=op.f("uq_contact_personne_id_cle")),
        sa.UniqueConstraint("uuid", name=op.f("uq_contact_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_contact_personne_id_le"), "contact", ["personne_id", "le"])
    for nom, table, colonne, ou in _PARTIELS:
        op.create_index(nom, table, [colonne], sqlite_where=ou, postgresql_where=ou)
    op.drop_index("ix_personne_conseiller_id", table_name="personne")
    op.create_index(
        op.f("ix_personne_conseiller_id_modifiee_le"), "personne", ["conseiller_id", "modifiee_le"]
    )


def downgrade() -> None:
    """Forget what was written by hand."""
    op.drop_index("ix_personne_conseiller_id_modifiee_le", table_name="personne")
    op.create_index("ix_personne_conseiller_id", "personne", ["conseiller_id"])
    for nom, table, _, _ in _PARTIELS:
        op.drop_index(nom, table_name=table)
    op.drop_table("contact")
