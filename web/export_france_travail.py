"""What leaves for France Travail: one document a person who agreed, in their codes, as JSON or CSV.

Nothing of a rendez-vous, a booking or an absence is read here. Who did not agree is counted, never named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from mobilite.base import jour_local
from mobilite.bilan import AXES_MEUSE, Niveau, faire_le_bilan
from mobilite.diagnostic import Diagnostic
from mobilite.france_travail import (
    CONTRAINTE,
    CONTRAINTE_LIBELLE,
    RELEVE_LE,
    SITUATIONS,
    SOURCE,
    StatutObjectif,
    accords_en_vigueur,
    impact_de,
    situations_de,
    statuts_des_objectifs,
)
from mobilite.parametres import parametres
from mobilite.personnes import Personne
from mobilite.plan import Action, PlanActions
from mobilite.question import Axe
from mobilite.verdict import Verdict
from web.plan import donnees_du_plan
from web.prise_de_notes import dernier, questionnaire_de
from web.propositions import situation_de
from web.tableur import Cellule

SCHEMA = "mobilite-solidaire/france-travail/1"


@dataclass(frozen=True, slots=True)
class FicheFranceTravail:
    """What is told of one person. ``impact`` and each situation are ``None`` or absent while unknown."""

    dossier: str
    prenom: str
    nom: str
    diagnostic_du: date | None
    impact: Niveau | None
    objectifs: dict[int, StatutObjectif]
    situations: dict[int, Verdict]

    @property
    def non_renseigne(self) -> list[str]:
        """What nobody said yet."""
        inconnues = [
            f"situation {numero}" for numero, v in self.situations.items() if v is Verdict.A_VERIFIER
        ]
        return (["impact"] if self.impact is None else []) + inconnues

    def en_document(self) -> dict[str, Any]:
        """JSON-able values."""
        libelles = donnees_du_plan().referentiel.objectifs
        return {
            "dossier": self.dossier,
            "prenom": self.prenom,
            "nom": self.nom,
            "diagnostic_du": self.diagnostic_du.isoformat() if self.diagnostic_du else None,
            "contrainte": {
                "code": CONTRAINTE,
                "libelle": CONTRAINTE_LIBELLE,
                "impact": self.impact.value if self.impact else None,
            },
            "objectifs": [
                {"code": numero, "libelle": libelles[numero], "statut": statut.value}
                for numero, statut in self.objectifs.items()
            ],
            "situations": [
                {"code": numero, "libelle": SITUATIONS[numero]}
                for numero, verdict in self.situations.items()
                if verdict is Verdict.OUI
            ],
            "non_renseigne": self.non_renseigne,
        }

    def en_ligne(self) -> list[Cellule]:
        """The same as a row under ``entete``."""
        return [
            self.dossier,
            self.prenom,
            self.nom,
            self.diagnostic_du.isoformat() if self.diagnostic_du else None,
            CONTRAINTE,
            self.impact.value if self.impact else None,
            *(statut.value for statut in self.objectifs.values()),
            *("oui" if verdict is Verdict.OUI else None for verdict in self.situations.values()),
            ", ".join(self.non_renseigne),
        ]


def entete(fiches: Sequence[FicheFranceTravail]) -> list[str]:
    """The heads of the table, the same whatever the people."""
    objectifs = fiches[0].objectifs if fiches else donnees_du_plan().referentiel.objectifs
    return [
        *("dossier", "prenom", "nom", "diagnostic_du", "contrainte", "impact"),
        *(f"objectif_{numero}" for numero in objectifs),
        *(f"situation_{numero}" for numero in SITUATIONS),
        "non_renseigne",
    ]


def document(fiches: Sequence[FicheFranceTravail], le: date, sans_accord: int = 0) -> dict[str, Any]:
    """The whole export, with its schema and where its codes come from."""
    return {
        "schema": SCHEMA,
        "source": {"libelle": SOURCE, "releve_le": RELEVE_LE.isoformat(), "statut": "a_verifier"},
        "etabli_le": le.isoformat(),
        "personnes": [fiche.en_document() for fiche in fiches],
        "sans_accord": sans_accord,
    }


def portefeuille(session: Session, conseiller_id: int) -> list[Personne]:
    """The people an adviser follows, in the order of their names."""
    return list(
        session.scalars(
            select(Personne)
            .where(Personne.conseiller_id == conseiller_id)
            .order_by(Personne.cle_nom, Personne.id)
        )
    )


def fiches_de(session: Session, personnes: Iterable[Personne], le: date) -> list[FicheFranceTravail]:
    """One fiche for each of these people who agreed; the others are nowhere in it."""
    numeros = [personne.id for personne in personnes]
    accordes = [accord.personne_id for accord in session.scalars(accords_en_vigueur(*numeros))]
    lus = select(Personne).where(Personne.id.in_(accordes)).options(selectinload(Personne.diagnostics))
    plans = select(PlanActions).where(PlanActions.personne_id.in_(accordes))
    actions = {plan.personne_id: plan.actions for plan in session.scalars(plans)}
    return [
        _fiche(personne, actions.get(personne.id, []), le)
        for personne in session.scalars(lus.order_by(Personne.cle_nom, Personne.id))
    ]


def _fiche(personne: Personne, actions: Sequence[Action], le: date) -> FicheFranceTravail:
    diagnostic = dernier(personne)
    niveaux = _niveaux(diagnostic, le) if diagnostic else {}
    genres = donnees_du_plan().referentiel.genres
    return FicheFranceTravail(
        str(personne.uuid),
        personne.prenom,
        personne.nom,
        jour_local(diagnostic.commence_le) if diagnostic else None,
        impact_de(niveaux.values()),
        statuts_des_objectifs(actions, genres, _point(diagnostic, niveaux.values())),
        situations_de(situation_de(personne, anonyme=True)),
    )


def _point(diagnostic: Diagnostic | None, niveaux: Iterable[Niveau]) -> StatutObjectif:
    """A diagnostic that has begun is under way; it is done once its four axes are known."""
    if diagnostic is None or not diagnostic.reponses:
        return StatutObjectif.NON_ABORDE
    return StatutObjectif.EN_COURS if Niveau.A_COMPLETER in set(niveaux) else StatutObjectif.REALISE


def _niveaux(diagnostic: Diagnostic, le: date) -> dict[Axe, Niveau]:
    """The level of each of the four axes: the adviser's word, else what the answers make."""
    questionnaire = questionnaire_de(diagnostic)
    bilan = faire_le_bilan(questionnaire, questionnaire.relire(diagnostic.gardees()), parametres(le))
    calcules = {Axe(constat.nom): constat.niveau or Niveau.A_COMPLETER for constat in bilan.axes}
    return {
        axe: correction.niveau if (correction := diagnostic.correction(axe)) else calcules[axe]
        for axe in AXES_MEUSE
    }
