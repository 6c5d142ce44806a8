"""The attestation that nothing makes a trip, given to her when the engine found nothing at all."""

from __future__ import annotations

from uuid import UUID

from flask import Response, make_response

from matching.proposition import BesoinExamine, Reponse
from mobilite.base import ce_jour
from mobilite.erreurs import RegleMetier
from mobilite.journal import Evenement, consigner
from web.acces import acteur_courant
from web.conseiller.bureau import conseiller, ouvrir_dossier
from web.conseiller.impressions import libelle_du_compte
from web.conseiller.propositions import besoin_de
from web.horaires import lignes_des_passages
from web.impressions import composer, contenu_attestation
from web.plan import sans_aucune_reponse
from web.propositions import proposer_pour
from web.referentiel import referentiel
from web.transaction import transaction


class UneReponseExiste(RegleMetier):
    """Something serves this need, or might: nothing can be attested."""

    code = "une_reponse_existe"

    def __init__(self) -> None:
        super().__init__("Une solution existe ou reste à vérifier pour ce trajet : rien à attester.")


@conseiller.post("/dossiers/<uuid:uuid>/besoins/<uuid:besoin_uuid>/attestation.pdf")
def attestation(uuid: UUID, besoin_uuid: UUID) -> Response:
    """The sheet. Refused while one offer, or one of her own means, makes the trip or might."""
    acteur, le = acteur_courant(), ce_jour()
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        besoin = besoin_de(personne, str(besoin_uuid))
        examine = _sans_reponse(proposer_pour(session, personne, le), str(besoin.uuid))
        session.add(consigner(acteur, Evenement.ATTESTATION_DONNEE, personne, besoin=str(besoin.uuid)))
        contenu = contenu_attestation(
            nom=personne.nom_complet,
            ou=referentiel().nom(besoin.destination) if besoin.destination else besoin.lieu_libre or "",
            quand=lignes_des_passages(examine.besoin.passages),
            regardees=len(examine.propositions),
            le=le,
            conseiller=libelle_du_compte(session),
            demonstration=personne.demonstration,
        )
    reponse = make_response(composer("attestation", contenu))
    reponse.mimetype = "application/pdf"
    reponse.headers["Content-Disposition"] = 'inline; filename="attestation.pdf"'
    return reponse


def _sans_reponse(reponse: Reponse, besoin: str) -> BesoinExamine:
    examine = next((e for e in sans_aucune_reponse(reponse) if e.besoin.id == besoin), None)
    if examine is None:
        raise UneReponseExiste
    return examine
