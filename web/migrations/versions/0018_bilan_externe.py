"""Attach the bilans that others made"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """The bilans, what came of their answers, and the agreement to tell France Travail."""
    op.create_table(
        "bilan_externe",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column(
            "organisme",
            _enum("organismebilan", "france_travail", "wimoov", "mission_locale", "autre"),
            nullable=False,
        ),
        sa.Column("organisme_nom", sa.String(), nullable=False),
        sa.Column("fait_le", sa.Date(), nullable=False),
        sa.Column("remis_par", _enum("remispar", "personne", "organisme", "prescripteur"), nullable=False),
        sa.Column("vu_le", sa.Date(), nullable=True),
        sa.Column("accord_le", sa.Date(), nullable=False),
        sa.Column("accord_comment", _enum("formeaccord", "oral", "ecrit"), nullable=False),
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("niveaux", DOCUMENT, nullable=False),
        sa.Column("reponses", DOCUMENT, nullable=False),
        sa.Column("note_par", sa.Integer(), nullable=False),
        sa.Column("note_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retire_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retire_par", sa.Integer(), nullable=True),
        sa.Column("cle", sa.String(), nullable=True),
        sa.CheckConstraint(
            "organisme <> 'autre' OR organisme_nom <> ''", name=op.f("ck_bilan_externe_nomme")
        ),
        sa.CheckConstraint("vu_le >= fait_le", name=op.f("ck_bilan_externe_vu_apres")),
        sa.CheckConstraint("accord_le >= fait_le", name=op.f("ck_bilan_externe_accord_apres")),
        sa.CheckConstraint(
            "(retire_le IS NULL) = (retire_par IS NULL)", name=op.f("ck_bilan_externe_retire_par_quelqu_un")
        ),
        sa.ForeignKeyConstraint(
            ["personne_id"],
            ["personne.id"],
            name=op.f("fk_bilan_externe_personne_id_personne"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bilan_externe")),
        sa.UniqueConstraint("personne_id", "cle", name=op.f("uq_bilan_externe_personne_id_cle")),
        sa.UniqueConstraint("uuid", name=op.f("uq_bilan_externe_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_bilan_externe_personne_id"), "bilan_externe", ["personne_id"])
    op.create_table(
        "reponse_reprise",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bilan_id", sa.Integer(), nullable=False),
        sa.Column("diagnostic_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("suite", _enum("suite", "confirmee", "ecartee"), nullable=False),
        sa.Column("marque", sa.DateTime(timezone=True), nullable=True),
        sa.Column("par", sa.Integer(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(suite = 'confirmee') = (marque IS NOT NULL)",
            name=op.f("ck_reponse_reprise_confirmee_avec_sa_marque"),
        ),
        sa.ForeignKeyConstraint(
            ["bilan_id"],
            ["bilan_externe.id"],
            name=op.f("fk_reponse_reprise_bilan_id_bilan_externe"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["diagnostic_id"],
            ["diagnostic.id"],
            name=op.f("fk_reponse_reprise_diagnostic_id_diagnostic"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reponse_reprise")),
        sa.UniqueConstraint(
            "bilan_id", "diagnostic_id", "code", name=op.f("uq_reponse_reprise_bilan_id_diagnostic_id_code")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_reponse_reprise_diagnostic_id"), "reponse_reprise", ["diagnostic_id"])
    op.create_table(
        "accord_france_travail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("donne_le", sa.Date(), nullable=False),
        sa.Column("comment", _enum("formeaccord", "oral", "ecrit"), nullable=False),
        sa.Column("note_par", sa.Integer(), nullable=False),
        sa.Column("note_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retire_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retire_par", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(retire_le IS NULL) = (retire_par IS NULL)",
            name=op.f("ck_accord_france_travail_retire_par_quelqu_un"),
        ),
        sa.ForeignKeyConstraint(
            ["personne_id"],
            ["personne.id"],
            name=op.f("fk_accord_france_travail_personne_id_personne"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accord_france_travail")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_accord_france_travail_personne_id"), "accord_france_travail", ["personne_id"])
    en_vigueur = sa.text("retire_le IS NULL")
    op.create_index(
        "uq_accord_france_travail_en_vigueur",
        "accord_france_travail",
        ["personne_id"],
        unique=True,
        sqlite_where=en_vigueur,
        postgresql_where=en_vigueur,
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("accord_france_travail")
    op.drop_table("reponse_reprise")
    op.drop_table("bilan_externe")


def _enum(nom: str, *valeurs: str) -> sa.Enum:
    return sa.Enum(*valeurs, name=nom, native_enum=False, create_constraint=True, length=40)
