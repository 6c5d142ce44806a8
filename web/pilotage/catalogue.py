"""What exists around here: the open offers, to search, to read and to print."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from flask import render_template, request
from sqlalchemy.orm import Session

from geo.adresses import Proposition
from mobilite.candidate import Candidate, Genre
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.noms import sans_accent
from mobilite.offre import Offre, offres_ouvertes
from mobilite.parametres import parametres
from web.pilotage import fiche as en_francais
from web.pilotage.couverture import aujourd_hui
from web.pilotage.espace import pilotage
from web.referentiel import referentiel
from web.transaction import lecture


@dataclass(frozen=True, slots=True)
class OffrePresentee:
    """An open offer with what its sheet says; ``lue`` is ``None`` when the sheet cannot be read."""

    offre: Offre
    lue: Candidate | None
    commune: str
    fraicheur: str
    a_reverifier: bool

    @property
    def prix(self) -> str:
        """The price grid on one line."""
        return " · ".join(en_francais.prix_en_phrases(self.lue.prix)) if self.lue else ""

    def sert(self, insee: str, voisines: frozenset[str]) -> bool:
        """Whether somebody of a commune may ask for it. An unread sheet excludes nobody.

        A line that says no zone serves the communes of its stops and those next to them.
        """
        if self.lue is None:
            return True
        if self.lue.zone is not None:
            return insee in self.lue.zone
        arrets = {arret for course in self.lue.courses for arret in (course.de, course.a)}
        return not arrets or insee in arrets or bool(arrets & voisines)

    def contient(self, mots: Iterable[str]) -> bool:
        """Whether every word typed is somewhere in its name, kind, structure, place or description."""
        description = self.lue.description if self.lue else ""
        texte = sans_accent(
            f"{self.offre.nom} {self.offre.genre.libelle} {self.offre.structure.nom} {self.commune} {description}"
        )
        return all(mot in texte for mot in mots)


@pilotage.get("/catalogue")
def catalogue() -> str:
    """The open offers by kind, narrowed by kind, commune and words."""
    texte = request.args.get("texte", "")[:80].strip()
    saisie = request.args.get("commune", "")[:60].strip()
    genre = next((g for g in Genre if g.value == request.args.get("genre")), None)
    commune = referentiel().recherche.certaine(saisie) if saisie else None
    voisines = referentiel().territoire.voisines(commune.insee) if commune else frozenset()
    with lecture() as session:
        toutes = _presentees(session, aujourd_hui())
    retenues = [
        o
        for o in toutes
        if genre in (None, o.offre.genre)
        and (commune is None or o.sert(commune.insee, voisines))
        and o.contient(sans_accent(texte).split())
    ]
    groupes = [(g, [o for o in retenues if o.offre.genre is g]) for g in Genre]
    return render_template(
        "pilotage/catalogue.html",
        groupes=[(g, offres) for g, offres in groupes if offres],
        nombre=len(retenues),
        total=len(toutes),
        genres=[(g.value, g.libelle) for g in Genre if any(o.offre.genre is g for o in toutes)],
        genre=genre,
        commune=commune,
        saisie=saisie,
        autres=_autres(saisie) if saisie and commune is None else [],
        texte=texte,
        le=aujourd_hui(),
        ancienne_jours=_ancienne_jours(aujourd_hui()),
    )


@pilotage.get("/catalogue/<code>")
def offre(code: str) -> str:
    """One open offer, all that is known of it."""
    le = aujourd_hui()
    with lecture() as session:
        presentee = _presenter(session.scalars(offres_ouvertes().where(Offre.code == code)).one(), le)
    territoire = referentiel().territoire
    lue, document = presentee.lue, presentee.offre.fiche
    if lue is None:
        return render_template("pilotage/offre.html", o=presentee, lue=None)
    return render_template(
        "pilotage/offre.html",
        o=presentee,
        lue=lue,
        conditions=en_francais.conditions_en_lignes(lue.conditions),
        prix=en_francais.prix_en_phrases(lue.prix),
        horaires=en_francais.horaires_en_phrases(lue),
        courses=[en_francais.course_en_cellules(c, referentiel().nom) for c in lue.courses],
        limites=en_francais.limites_en_phrases(lue),
        vehicule=en_francais.vehicule_en_phrase(lue.vehicule),
        motifs=en_francais.motifs_en_mots(lue),
        zone=en_francais.zone_en_phrase(document.get("zone"), territoire),
        arrivee=en_francais.zone_en_phrase(document["zone_arrivee"], territoire) if lue.zone_arrivee else "",
    )


def _presentees(session: Session, le: date) -> list[OffrePresentee]:
    offres = [_presenter(o, le) for o in session.scalars(offres_ouvertes())]
    return sorted(offres, key=lambda o: (sans_accent(o.offre.nom), o.offre.code))


def _presenter(offre: Offre, le: date) -> OffrePresentee:
    connu = referentiel()
    try:
        lue = connu.lecteur_offres.lire(Champ(offre.document()))
    except DonneeRefusee:
        # One wrong sheet is shown as such; it does not close the catalogue.
        lue = None
    insee = lue.lieu.insee if lue and lue.lieu else offre.structure.commune
    verifiee = offre.verifiee_le
    ancienne = verifiee is None or le - verifiee > timedelta(days=_ancienne_jours(le))
    return OffrePresentee(
        offre,
        lue,
        connu.nom(insee) if insee else "",
        f"vérifiée le {verifiee:%d/%m/%Y}" if verifiee else "jamais vérifiée",
        ancienne,
    )


def _ancienne_jours(le: date) -> float:
    return parametres(le)["confiance.offre_ancienne_jours"]


def _autres(saisie: str) -> list[Proposition]:
    return referentiel().recherche.chercher(saisie, 5)
