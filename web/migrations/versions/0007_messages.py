"""Create the outbox, the ways people refuse, and the ledger of what runs by the clock"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _canal() -> sa.Enum:
    return sa.Enum(
        "sms",
        "courriel",
        "lettre",
        "appel",
        name="canal",
        native_enum=False,
        create_constraint=True,
        length=40,
    )


def upgrade() -> None:
    """Messages with the fact they tell, refusals by way, one line a task and a slot."""
    op.create_table(
        "canal_refuse",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=True),
        sa.Column("structure_id", sa.Integer(), nullable=True),
        sa.Column("canal", _canal(), nullable=False),
        sa.Column("refuse_le", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(personne_id IS NULL) <> (structure_id IS NULL)", name=op.f("ck_canal_refuse_de_qui")
        ),
        sa.ForeignKeyConstraint(
            ["personne_id"],
            ["personne.id"],
            name=op.f("fk_canal_refuse_personne_id_personne"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_canal_refuse_structure_id_structure")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canal_refuse")),
        sa.UniqueConstraint("personne_id", "canal", name=op.f("uq_canal_refuse_personne_id_canal")),
        sa.UniqueConstraint("structure_id", "canal", name=op.f("uq_canal_refuse_structure_id_canal")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "message",
        sa.Column("genre", sa.String(), nullable=False),
        sa.Column("canal", _canal(), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=True),
        sa.Column("structure_id", sa.Integer(), nullable=True),
        sa.Column("titre", sa.String(), nullable=False),
        sa.Column("texte", sa.String(), nullable=False),
        sa.Column("cle", sa.String(), nullable=False),
        sa.Column("objet_type", sa.String(), nullable=False),
        sa.Column("objet_id", sa.Integer(), nullable=False),
        sa.Column("cree_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("a_partir_du", sa.DateTime(timezone=True), nullable=False),
        sa.Column("jusqu_au", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "etat",
            sa.Enum(
                "en_attente",
                "envoye",
                "fait",
                "retire",
                name="etatmessage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("essais", sa.Integer(), nullable=False),
        sa.Column("pris_jusqu_au", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parti_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("par", sa.Integer(), nullable=True),
        sa.Column("remarque", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(etat IN ('envoye', 'fait')) = (parti_le IS NOT NULL)", name=op.f("ck_message_parti")
        ),
        sa.CheckConstraint(
            "personne_id IS NOT NULL OR structure_id IS NOT NULL", name=op.f("ck_message_a_qui")
        ),
        sa.ForeignKeyConstraint(
            ["personne_id"],
            ["personne.id"],
            name=op.f("fk_message_personne_id_personne"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_message_structure_id_structure")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("cle", name=op.f("uq_message_cle")),
        sa.UniqueConstraint("uuid", name=op.f("uq_message_uuid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_message_etat_canal_a_partir_du"), "message", ["etat", "canal", "a_partir_du"])
    op.create_index(op.f("ix_message_objet_type_objet_id"), "message", ["objet_type", "objet_id"])
    op.create_index(op.f("ix_message_personne_id"), "message", ["personne_id"])
    op.create_index(op.f("ix_message_structure_id"), "message", ["structure_id"])
    op.create_table(
        "passage_tache",
        sa.Column("tache", sa.String(), nullable=False),
        sa.Column("prevu_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fait_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changements", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tache", "prevu_le", name=op.f("pk_passage_tache")),
    )


def downgrade() -> None:
    """Forget the messages and what ran."""
    op.drop_table("passage_tache")
    op.drop_index(op.f("ix_message_structure_id"), table_name="message")
    op.drop_index(op.f("ix_message_personne_id"), table_name="message")
    op.drop_index(op.f("ix_message_objet_type_objet_id"), table_name="message")
    op.drop_index(op.f("ix_message_etat_canal_a_partir_du"), table_name="message")
    op.drop_table("message")
    op.drop_table("canal_refuse")
