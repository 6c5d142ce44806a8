"""The commune somebody types: proposals while typing (JSON), and the one a form meant."""

from __future__ import annotations

from flask import Response, jsonify, request

from geo.adresses import Proposition
from mobilite.erreurs import DonneeRefusee
from mobilite.personnes import normaliser_nom
from mobilite.territoire import Commune
from web.referentiel import referentiel

PROPOSEES = 8


def proposer_des_communes() -> Response:
    """The view behind every field where a commune is typed: ``?q=`` gives ``[{insee, nom, libelle}]``.

    Each audience routes it under its own address, so that each keeps its own access rule.
    """
    trouvees = referentiel().recherche.chercher(request.args.get("q", ""), PROPOSEES)
    return jsonify([{"insee": p.insee, "nom": p.nom, "libelle": p.libelle} for p in trouvees])


def commune_dite(texte: str, champ: str = "commune") -> Commune:
    """The commune behind what was typed: an INSEE code, a label of the list, or a name said whole.

    Raises ``DonneeRefusee`` naming ``champ``, with the closest communes, rather than guess.
    """
    connu = referentiel()
    dit = texte.strip().partition(" (ancienne")[0]
    if not dit:
        raise DonneeRefusee(champ, "Écrivez le nom d'une commune.")
    trouvees = connu.recherche.chercher(dit, PROPOSEES)
    if voulue := _sans_doute(dit, trouvees):
        return connu.territoire.communes[voulue.insee]
    if len(trouvees) == 1:
        raise DonneeRefusee(champ, f"Vouliez-vous dire « {trouvees[0].libelle} » ? Écrivez-le ainsi.")
    if trouvees:
        noms = ", ".join(f"« {p.libelle} »" for p in trouvees[:3])
        raise DonneeRefusee(champ, f"Plusieurs communes sont possibles : {noms}. Écrivez la bonne.")
    raise DonneeRefusee(champ, f"La commune « {dit[:60]} » n'est pas connue ici. Essayez son code postal.")


def _sans_doute(dit: str, trouvees: list[Proposition]) -> Proposition | None:
    """The only proposal whose label, whole name or code was typed; in the département first."""
    nom = normaliser_nom(dit)
    exactes = [p for p in trouvees if nom in (normaliser_nom(p.libelle), normaliser_nom(p.ancienne or p.nom))]
    # People know postal codes: 55100 is Verdun before it is the INSEE code of another commune.
    exactes = exactes or [p for p in trouvees if dit in p.codes_postaux]
    exactes = exactes or [p for p in trouvees if dit == p.insee]
    ici = [p for p in exactes if p.departement == referentiel().territoire.departement] or exactes
    return ici[0] if len({p.insee for p in ici}) == 1 else None
