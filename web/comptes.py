"""Accounts: who may sign in, with what secret, in which role. The domain never sees this table."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from threading import BoundedSemaphore
from types import MappingProxyType

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret_raw
from sqlalchemy import LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mobilite.acteur import Acteur, RoleActeur
from mobilite.base import Base, Identifie
from mobilite.erreurs import DonneeRefusee
from mobilite.prescription import GenrePrescripteur

ALPHABET_CARTE = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""What a card may carry: no 0, 1, I, L, O, U, which people read one for the other. 30 signs, 39 bits for 8."""

LONGUEUR_CARTE = 8
LONGUEUR_MOT_DE_PASSE = 15
"""Length instead of composition rules (OWASP ASVS 5.0 6.2.5; CNIL 2022-100 asks 50 bits when throttled)."""

_hacheur = PasswordHasher()
_SEL_CARTE = b"mobilite-solidaire.carte.1"
_ensemble = BoundedSemaphore(2)
"""At most two hashes at once: each takes 64 MiB and a whole core."""


@cache
def _leurre() -> str:
    """What is checked when no account matches, so that a wrong name takes as long as a wrong password."""
    return _hacheur.hash(secrets.token_urlsafe(16))


class Compte(Identifie, Base):
    """One person or organisation that may sign in, in exactly one role.

    Staff and partners have an ``identifiant`` (their e-mail) and a password; a personne accompagnée
    has a paper card. ``prescrit_comme``: the code of a ``GenrePrescripteur`` for a partner who sends people. ``jeton_session`` is what the session cookie names: renew it and every open
    session of this account ends. ``demonstration`` accounts stop production from starting.
    """

    __tablename__ = "compte"

    identifiant: Mapped[str] = mapped_column(String(254), unique=True)
    libelle: Mapped[str] = mapped_column(String(120))
    role: Mapped[RoleActeur]
    mot_de_passe: Mapped[str | None] = mapped_column(String(200), default=None)
    code_carte: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True, default=None)
    structure_id: Mapped[int | None] = mapped_column(default=None)
    personne_id: Mapped[int | None] = mapped_column(default=None, index=True)
    prescrit_comme: Mapped[str | None] = mapped_column(String(40), default=None)
    actif: Mapped[bool] = mapped_column(default=True)
    demonstration: Mapped[bool] = mapped_column(default=False)
    jeton_session: Mapped[str] = mapped_column(
        String(43), unique=True, default_factory=lambda: secrets.token_urlsafe(32)
    )

    def acteur(self) -> Acteur:
        """What the domain may know of this account."""
        return Acteur(
            id=self.id,
            role=self.role,
            structure_id=self.structure_id,
            personne_id=self.personne_id,
            prescripteur=self.prescrit_comme is not None,
        )

    def fermer_les_sessions(self) -> None:
        """End every open session of this account, on every machine, at its next request."""
        self.jeton_session = secrets.token_urlsafe(32)


def hacher_mot_de_passe(mot_de_passe: str) -> str:
    """Hash with argon2id. Raises ``DonneeRefusee`` when shorter than ``LONGUEUR_MOT_DE_PASSE``."""
    if not LONGUEUR_MOT_DE_PASSE <= len(mot_de_passe) <= 200:
        raise DonneeRefusee(
            "mot de passe", f"{LONGUEUR_MOT_DE_PASSE} caractères au moins. Une phrase se retient bien."
        )
    with _ensemble:
        return _hacheur.hash(mot_de_passe)


def mot_de_passe_juste(mot_de_passe: str, hache: str | None) -> bool:
    """Compare, in the same time whether or not there is anything to compare with."""
    with _ensemble:
        try:
            _hacheur.verify(hache or _leurre(), mot_de_passe)
        except (VerificationError, InvalidHashError):
            return False
    return hache is not None


def lire_code_carte(saisi: str) -> str:
    """The code as printed, from what was typed: spaces, hyphens and lower case are forgiven.

    Raises ``DonneeRefusee``.
    """
    code = re.sub(r"[\s\-–.]", "", saisi[:60]).upper()
    if len(code) != LONGUEUR_CARTE:
        raise DonneeRefusee("code", f"Le code a {LONGUEUR_CARTE} signes. Regardez votre carte.")
    inconnus = [signe for signe in code if signe not in ALPHABET_CARTE]
    if inconnus:
        raise DonneeRefusee(
            "code", f"Le signe « {inconnus[0]} » n'est sur aucune carte. Regardez votre carte."
        )
    return code


def empreinte_carte(code: str) -> bytes:
    """The 32 bytes under which a card is stored and found.

    The card is the only thing typed, so the same code must always give the same bytes: argon2id
    with a fixed salt. Slow on purpose; it depends on no server key, so that renewing one does not
    void the paper in people's pockets.
    """
    with _ensemble:
        return hash_secret_raw(
            code.encode(),
            _SEL_CARTE,
            time_cost=3,
            memory_cost=65536,
            parallelism=1,
            hash_len=32,
            type=Type.ID,
        )


def en_groupes(code: str) -> str:
    """« K7PW 3XFD »: how a code is printed and read aloud."""
    return f"{code[:4]} {code[4:]}"


def donner_carte(compte: Compte, code: str | None = None) -> str:
    """Give an account a new card, which ends the former one. Returns the code: shown once, never stored."""
    code = code or "".join(secrets.choice(ALPHABET_CARTE) for _ in range(LONGUEUR_CARTE))
    compte.code_carte = empreinte_carte(lire_code_carte(code))
    compte.fermer_les_sessions()
    return code


def creer_compte(
    session: Session,
    *,
    identifiant: str,
    libelle: str,
    role: RoleActeur,
    mot_de_passe: str | None = None,
    structure_id: int | None = None,
    personne_id: int | None = None,
    prescrit_comme: GenrePrescripteur | None = None,
    demonstration: bool = False,
) -> Compte:
    """Add an account to the session. Raises ``DonneeRefusee`` when it cannot stand.

    A partner needs its ``structure_id``, a personne her ``personne_id``; nobody else has them.
    """
    if role is RoleActeur.SYSTEME:
        raise DonneeRefusee("role", "la plateforme n'ouvre pas de session.")
    if (role is RoleActeur.PARTENAIRE) != (structure_id is not None):
        raise DonneeRefusee("structure", "un compte partenaire, et lui seul, porte une structure.")
    if (role is RoleActeur.PERSONNE) != (personne_id is not None):
        raise DonneeRefusee("personne", "un compte de personne accompagnée, et lui seul, porte une personne.")
    if prescrit_comme is not None and role is not RoleActeur.PARTENAIRE:
        raise DonneeRefusee("prescripteur", "seul un compte partenaire oriente des personnes.")
    identifiant = normaliser_identifiant(identifiant)
    if not identifiant:
        raise DonneeRefusee("identifiant", "il manque.")
    if session.scalar(select(Compte.id).where(Compte.identifiant == identifiant)) is not None:
        raise DonneeRefusee("identifiant", "un compte porte déjà cet identifiant.")
    compte = Compte(
        identifiant=identifiant,
        libelle=libelle,
        role=role,
        mot_de_passe=None if mot_de_passe is None else hacher_mot_de_passe(mot_de_passe),
        structure_id=structure_id,
        personne_id=personne_id,
        prescrit_comme=prescrit_comme.value if prescrit_comme else None,
        demonstration=demonstration,
    )
    session.add(compte)
    session.flush()
    return compte


def normaliser_identifiant(saisi: str) -> str:
    """The form under which an ``identifiant`` is stored and looked up."""
    return saisi.strip().casefold()[:254]


@dataclass(frozen=True, slots=True)
class CompteDemonstration:
    """An account of the demonstration. ``secret`` is a password, or the code of a card. All invented."""

    identifiant: str
    libelle: str
    invitation: str
    role: RoleActeur
    secret: str
    prescrit_comme: GenrePrescripteur | None = None


COMPTES_DEMONSTRATION: Mapping[str, CompteDemonstration] = MappingProxyType(
    {
        compte.identifiant: compte
        for compte in (
            CompteDemonstration(
                "claire@demonstration.invalid",
                "Claire (démonstration)",
                "Entrer comme conseillère (Claire)",
                RoleActeur.CONSEILLER,
                "claire-conseille-en-meuse",
            ),
            CompteDemonstration(
                "personne@demonstration.invalid",
                "Nadia (démonstration)",
                "Entrer comme personne accompagnée (Nadia)",
                RoleActeur.PERSONNE,
                "NADA2345",
            ),
            CompteDemonstration(
                "partenaire@demonstration.invalid",
                "Les Roues du Verdunois (démonstration)",
                "Entrer comme partenaire (Les Roues du Verdunois)",
                RoleActeur.PARTENAIRE,
                "les-roues-pretent-leurs-cles",
            ),
            CompteDemonstration(
                "benevoles@demonstration.invalid",
                "Stenay Entraide Mobilité (démonstration)",
                "Entrer comme association de bénévoles (Stenay Entraide)",
                RoleActeur.PARTENAIRE,
                "stenay-conduit-ses-voisins",
            ),
            CompteDemonstration(
                "prescripteur@demonstration.invalid",
                "Awa Exemple (démonstration)",
                "Entrer comme prescriptrice (mission locale)",
                RoleActeur.PARTENAIRE,
                "la-mission-locale-oriente",
                GenrePrescripteur.MISSION_LOCALE,
            ),
            CompteDemonstration(
                "departement@demonstration.invalid",
                "Département (démonstration)",
                "Entrer comme Département",
                RoleActeur.DEPARTEMENT,
                "la-meuse-a-trente-minutes",
            ),
        )
    }
)


_BENEVOLES = "benevoles@demonstration.invalid"
_PRESCRIPTEUR = "prescripteur@demonstration.invalid"


def creer_comptes_demonstration(
    session: Session,
    *,
    personne_id: int | None = None,
    structure_id: int | None = None,
    structure_benevoles_id: int | None = None,
    structure_prescripteur_id: int | None = None,
) -> list[Compte]:
    """Create the demonstration accounts that do not exist yet; running it again changes nothing.

    An account that needs a person or a structure waits until it is given one; the association of
    volunteers, and who sends people, are of the partner's own structure unless another is named.
    """
    crees = []
    for identifiant, modele in COMPTES_DEMONSTRATION.items():
        nommees = {_BENEVOLES: structure_benevoles_id, _PRESCRIPTEUR: structure_prescripteur_id}
        sa_structure = nommees.get(identifiant) or structure_id
        attendus = {RoleActeur.PERSONNE: personne_id, RoleActeur.PARTENAIRE: sa_structure}
        if attendus.get(modele.role, 0) is None:
            continue
        if session.scalar(select(Compte.id).where(Compte.identifiant == identifiant)) is not None:
            continue
        a_une_carte = modele.role is RoleActeur.PERSONNE
        compte = creer_compte(
            session,
            identifiant=identifiant,
            libelle=modele.libelle,
            role=modele.role,
            mot_de_passe=None if a_une_carte else modele.secret,
            personne_id=personne_id if a_une_carte else None,
            structure_id=sa_structure if modele.role is RoleActeur.PARTENAIRE else None,
            prescrit_comme=modele.prescrit_comme,
            demonstration=True,
        )
        if a_une_carte:
            donner_carte(compte, modele.secret)
        crees.append(compte)
    return crees
