"""The commune fields of the adviser's forms."""

from __future__ import annotations

from web.communes import nom_de_commune, precision, proposer_des_communes
from web.conseiller.bureau import conseiller

conseiller.add_app_template_filter(nom_de_commune, "nom_de_commune")
conseiller.add_app_template_filter(precision, "precision_commune")
conseiller.add_url_rule("/communes", "communes", proposer_des_communes, methods=["GET"])
