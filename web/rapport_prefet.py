"""The yearly report to the préfet as the door gives it: the trips kept here, and the names of communes."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from mobilite.base import ce_jour
from mobilite.course_solidaire import courses_conduites
from mobilite.droit.rapport_prefet import Association, RapportPrefet, TrajetRealise, etablir_rapport
from mobilite.parametres import parametres
from web.communes import nom_de_commune

ENTETE = ("rubrique", "intitule", "valeur")


def trajets_tenus_ici(session: Session, structure_id: int, annee: int) -> list[TrajetRealise]:
    """The trips that the volunteers of an association drove in a year, without any name."""
    courses = session.scalars(courses_conduites(structure_id, annee))
    return [trajet for course in courses for trajet in course.trajets_realises()]


def rapport_de(trajets: Iterable[TrajetRealise], annee: int, association: Association) -> RapportPrefet:
    """The report, its communes named."""
    liste = list(trajets)
    noms = {t.depart_insee: nom_de_commune(t.depart_insee) for t in liste}
    return etablir_rapport(liste, annee, parametres(ce_jour()), association, noms)


def tableau(rapport: RapportPrefet) -> list[tuple[str, str, str]]:
    """The lines of the report, then what is missing and what breaks a rule, for a spreadsheet."""
    lignes = [(ligne.rubrique, ligne.libelle, ligne.valeur) for ligne in rapport.lignes()]
    lignes += [("À compléter", quoi, "") for quoi in rapport.a_completer]
    return lignes + [("À revoir", alerte, "") for alerte in rapport.alertes]
