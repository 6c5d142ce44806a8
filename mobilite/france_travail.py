"""What France Travail may be told of her mobility, in their codes, and her agreement to it.

The codes are those of the référentiel that the public « carnet de bord » used: they are to be checked
again with France Travail before any real sending. What nobody said is never turned into a code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, select, text
from sqlalchemy.orm import Mapped, mapped_column

from mobilite.acteur import Acteur
from mobilite.actions_types import OBJECTIFS
from mobilite.base import Base, maintenant
from mobilite.besoin import CategoriePermis, EtatMoyen, EtatPermis, Situation, TypeMoyen
from mobilite.bilan import Niveau
from mobilite.plan import Action, StatutAction
from mobilite.prescription import FormeAccord
from mobilite.verdict import Verdict

CONTRAINTE, CONTRAINTE_LIBELLE = 23, "Développer sa mobilité"
SOURCE = "Référentiel du carnet de bord (dépôt public gip-inclusion/carnet-de-bord)"
RELEVE_LE = date(2026, 11, 22)

SANS_MOYEN, DEPEND_DES_CARS, PERMIS_NON_VALIDE, SANTE_ET_CONDUITE = 6, 7, 8, 40
SITUATIONS: Mapping[int, str] = MappingProxyType(
    {
        SANS_MOYEN: "N'a aucun moyen de transport",
        DEPEND_DES_CARS: "Dépend des transports en commun",
        PERMIS_NON_VALIDE: "Permis non valide ou suspendu",
        SANTE_ET_CONDUITE: "Santé incompatible avec la conduite",
    }
)
REGLES: Mapping[int, str] = MappingProxyType(
    {
        SANS_MOYEN: "aucun moyen à elle qui roule et qu'elle puisse conduire, et pas d'arrêt à 15 minutes à pied",
        DEPEND_DES_CARS: "aucun moyen à elle qui roule et qu'elle puisse conduire, et un arrêt à 15 minutes à pied",
        PERMIS_NON_VALIDE: "permis suspendu, annulé ou invalide, ou permis étranger dont l'échange n'est plus possible",
        SANTE_ET_CONDUITE: "conduite déconseillée par un médecin, ou vue insuffisante, dit par elle",
    }
)
"""How each situation is deduced, as the adviser reads it."""

_A_ELLE = frozenset({TypeMoyen.VELO, TypeMoyen.VAE, TypeMoyen.SCOOTER, TypeMoyen.VOITURE})
_CONDUIT_UNE_VOITURE = frozenset(
    {
        CategoriePermis.B,
        CategoriePermis.B78,
        CategoriePermis.ETRANGER_EEE,
        CategoriePermis.ETRANGER_HORS_EEE,
    }
)
_EN_VIGUEUR = "retire_le IS NULL"


class StatutObjectif(StrEnum):
    """Where an objective stands, in their words; from the least to the most advanced."""

    NON_ABORDE = "NON_ABORDE"
    EN_COURS = "EN_COURS"
    REALISE = "REALISE"

    @property
    def libelle(self) -> str:
        """As the adviser reads it."""
        return {"NON_ABORDE": "non abordé", "EN_COURS": "en cours", "REALISE": "réalisé"}[self.value]


class AccordFranceTravail(Base, kw_only=True):
    """She said yes on a day; at most one agreement is in force. Earlier ones are kept."""

    __tablename__ = "accord_france_travail"
    __table_args__ = (
        CheckConstraint("(retire_le IS NULL) = (retire_par IS NULL)", name="retire_par_quelqu_un"),
        Index(
            "uq_accord_france_travail_en_vigueur",
            "personne_id",
            unique=True,
            sqlite_where=text(_EN_VIGUEUR),
            postgresql_where=text(_EN_VIGUEUR),
        ),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    personne_id: Mapped[int] = mapped_column(ForeignKey("personne.id", ondelete="CASCADE"), index=True)
    donne_le: Mapped[date]
    comment: Mapped[FormeAccord]
    note_par: Mapped[int]
    note_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    retire_le: Mapped[datetime | None] = mapped_column(default=None)
    retire_par: Mapped[int | None] = mapped_column(default=None)

    def retirer(self, par: Acteur) -> None:
        """Take the agreement back, at once."""
        if self.retire_le is None:
            self.retire_le, self.retire_par = maintenant(), par.id


def accords_en_vigueur(*personnes: int) -> Select[AccordFranceTravail]:
    """The agreements in force of the persons named by number."""
    return (
        select(AccordFranceTravail)
        .where(AccordFranceTravail.personne_id.in_(personnes), AccordFranceTravail.retire_le.is_(None))
        .order_by(AccordFranceTravail.personne_id)
    )


def impact_de(niveaux: Iterable[Niveau]) -> Niveau | None:
    """The impact of her mobility: the strongest of the four axes; ``None`` while it could still be stronger.

    A strong brake is enough to know; « sans impact » needs all four.
    """
    connus = set(niveaux)
    if Niveau.FORT in connus:
        return Niveau.FORT
    if Niveau.A_COMPLETER in connus or not connus:
        return None
    return Niveau.MOYEN if Niveau.MOYEN in connus else Niveau.SANS_IMPACT


def statuts_des_objectifs(
    actions: Iterable[Action], genres: Mapping[str, int], point: StatutObjectif
) -> dict[int, StatutObjectif]:
    """Each objective of the constraint, from the lines of the plan; set aside or given up counts for nothing.

    Done when every line left is done; under way when one is done or begun. ``genres``: the objective an
    offer of this kind serves. ``point``: where the diagnostic stands, which is objective 4 as well.
    """
    lignes: dict[int, set[StatutAction]] = {numero: set() for numero in OBJECTIFS}
    for action in actions:
        numero = action.objectif or genres.get(str((action.instantane or {}).get("genre")))
        if numero in lignes and action.statut in (
            StatutAction.GARDEE,
            StatutAction.EN_COURS,
            StatutAction.FAITE,
        ):
            lignes[numero].add(action.statut)
    statuts = {numero: _statut(dits) for numero, dits in lignes.items()}
    statuts[4] = max(statuts[4], point, key=list(StatutObjectif).index)
    return statuts


def _statut(dits: set[StatutAction]) -> StatutObjectif:
    if dits == {StatutAction.FAITE}:
        return StatutObjectif.REALISE
    return StatutObjectif.EN_COURS if dits - {StatutAction.GARDEE} else StatutObjectif.NON_ABORDE


def situations_de(situation: Situation) -> dict[int, Verdict]:
    """For each situation of theirs: sure, surely not, or not known. ``REGLES`` says how."""
    moyen, arret = _un_moyen_a_elle(situation), situation.reponses.get("D2_arret_proche")
    sans = {Verdict.OUI: Verdict.NON, Verdict.NON: Verdict.OUI}.get(moyen, Verdict.A_VERIFIER)
    avec_arret = Verdict.A_VERIFIER
    if arret in ("oui", "horaires", "non"):
        avec_arret = Verdict.NON if arret == "non" else Verdict.OUI
    sans_arret = {Verdict.OUI: Verdict.NON, Verdict.NON: Verdict.OUI}.get(avec_arret, Verdict.A_VERIFIER)
    return {
        SANS_MOYEN: _et(sans, sans_arret),
        DEPEND_DES_CARS: _et(sans, avec_arret),
        PERMIS_NON_VALIDE: _permis_non_valide(situation),
        SANTE_ET_CONDUITE: _sante(situation),
    }


def _et(un: Verdict, autre: Verdict) -> Verdict:
    if Verdict.NON in (un, autre):
        return Verdict.NON
    return Verdict.OUI if un is autre is Verdict.OUI else Verdict.A_VERIFIER


def _un_moyen_a_elle(situation: Situation) -> Verdict:
    """Whether something of hers runs that she may drive."""
    if situation.moyens is None:
        return Verdict.OUI if situation.reponses.get("D2_conduire") == "oui" else Verdict.A_VERIFIER
    verdicts = [
        _et(_roule(moyen.etat), _conduisible(moyen.type, situation))
        for moyen in situation.moyens
        if moyen.type in _A_ELLE
    ]
    if Verdict.OUI in verdicts:
        return Verdict.OUI
    return Verdict.A_VERIFIER if Verdict.A_VERIFIER in verdicts else Verdict.NON


def _roule(etat: EtatMoyen) -> Verdict:
    return {EtatMoyen.ROULANT: Verdict.OUI, EtatMoyen.EN_PANNE: Verdict.NON}.get(etat, Verdict.A_VERIFIER)


def _conduisible(genre: TypeMoyen, situation: Situation) -> Verdict:
    """A bicycle asks for no licence; a car asks for one in force; a scooter depends on her age: not settled here."""
    if genre in (TypeMoyen.VELO, TypeMoyen.VAE):
        return Verdict.OUI
    permis = situation.permis
    if genre is TypeMoyen.SCOOTER or permis is None:
        return Verdict.A_VERIFIER
    if not permis.categories & _CONDUIT_UNE_VOITURE:
        return Verdict.NON
    if permis.etat is EtatPermis.A_VERIFIER:
        return Verdict.A_VERIFIER
    return Verdict.OUI if permis.etat is EtatPermis.VALIDE else Verdict.NON


def _permis_non_valide(situation: Situation) -> Verdict:
    """Having none is not having one that is not valid."""
    if situation.reponses.get("D11_echange_permis") == "trop_tard":
        return Verdict.OUI
    permis = situation.permis
    if permis is None or permis.etat is EtatPermis.A_VERIFIER:
        return Verdict.A_VERIFIER
    return Verdict.NON if permis.etat is EtatPermis.VALIDE else Verdict.OUI


def _sante(situation: Situation) -> Verdict:
    dit, vue = (situation.reponses.get(code) for code in ("D4_contre_indication", "D4_vue"))
    if dit == "oui" or vue == "non":
        return Verdict.OUI
    return Verdict.NON if (dit, vue) == ("non", "oui") else Verdict.A_VERIFIER
