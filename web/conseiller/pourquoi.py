"""« Pourquoi, pourquoi pas ? » for any offer of the catalogue, those that nobody proposed included."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import render_template, request
from sqlalchemy import select

from matching.proposition import Proposition, Reponse
from mobilite.base import ce_jour
from mobilite.noms import sans_accent
from mobilite.offre import Offre
from web.conseiller.bureau import conseiller, consulter
from web.conseiller.grille import rangs
from web.conseiller.propositions import noms
from web.propositions import proposer_pour
from web.transaction import bd


@dataclass(frozen=True, slots=True)
class OffreTrouvee:
    """One offer of the catalogue, with its answer for each need."""

    code: str
    nom: str
    genre: str
    structure: str
    demonstration: bool
    reponses: list[Proposition]


@conseiller.get("/dossiers/<uuid:uuid>/pourquoi")
def chercher_pourquoi(uuid: UUID) -> str:
    """The whole catalogue, searched by words, each offer with its answer for this person."""
    personne = consulter(uuid)
    texte = request.args.get("texte", "").strip()[:80]
    reponse = proposer_pour(bd.session, personne, ce_jour(), meme_sans_besoin=True)
    trouvees = [o for o in _offres(reponse) if _repond(o, texte)]
    return render_template(
        "conseiller/pourquoi_chercher.html",
        personne=personne,
        texte=texte,
        trouvees=trouvees,
        besoins_dits={str(besoin.uuid): besoin for besoin in personne.besoins},
        noms=noms(personne),
    )


def _offres(reponse: Reponse) -> list[OffreTrouvee]:
    """Every offer once, by name, its answers in the order of the needs."""
    trouvees: dict[str, OffreTrouvee] = {}
    for examine in reponse.besoins:
        for p in examine.propositions:
            offre = p.offre
            trouvee = trouvees.setdefault(
                offre.id,
                OffreTrouvee(
                    offre.id, offre.nom, offre.genre.libelle, offre.structure, offre.demonstration, []
                ),
            )
            trouvee.reponses.append(p)
    return sorted(trouvees.values(), key=lambda o: (sans_accent(o.nom).lower(), o.code))


def _repond(offre: OffreTrouvee, texte: str) -> bool:
    """Whether every word typed is somewhere in the name, the kind or the partner."""
    dit = sans_accent(f"{offre.nom} {offre.genre} {offre.structure}").lower()
    return all(mot in dit for mot in sans_accent(texte).lower().split())


@conseiller.get("/dossiers/<uuid:uuid>/pourquoi/<code>")
def pourquoi(uuid: UUID, code: str) -> str:
    """Why, or why not: the whole reasoning for one offer of the catalogue, need by need."""
    personne = consulter(uuid)
    offre = bd.session.scalars(select(Offre).where(Offre.code == code)).one()
    reponse = proposer_pour(bd.session, personne, ce_jour(), meme_sans_besoin=True)
    propositions = [p for examine in reponse.besoins for p in examine.propositions if p.offre.id == code]
    return render_template(
        "conseiller/pourquoi.html",
        personne=personne,
        offre=offre,
        propositions=[(p, rangs(p.cases) if p.besoin.passages else []) for p in propositions],
        besoins_dits={str(besoin.uuid): besoin for besoin in personne.besoins},
        noms=noms(personne),
        le=ce_jour(),
    )
