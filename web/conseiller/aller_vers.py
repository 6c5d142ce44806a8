"""« Aller vers »: who does not answer any more, the round of a Maison to print, what each visit gave."""

from __future__ import annotations

from uuid import UUID

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from mobilite.acteur import Acteur
from mobilite.base import ce_jour
from mobilite.carnet import Contact, GenreContact, noter_contact
from mobilite.journal import Evenement, consigner
from mobilite.parametres import parametres
from web.acces import acteur_courant
from web.aller_vers import ResultatVisite, a_visiter, tournee
from web.catalogue import maisons_d_accueil
from web.cle import nouvelle_cle
from web.conseiller.bureau import conseiller, dire_enregistre, ouvrir_dossier
from web.transaction import consultation, lecture, reessayer, transaction


@conseiller.get("/aller-vers")
def aller_vers() -> str:
    """The list, by Maison; with one chosen, its round in order. What is shown is noted as read."""
    acteur, le, choisie = acteur_courant(), ce_jour(), request.args.get("maison", "")
    p = parametres(le)
    with lecture() as session:
        maisons = maisons_d_accueil(session)
        personnes = a_visiter(session, acteur, maisons, le)
        maison = next((m for m in maisons if m.id == choisie), None)
        de_la_maison = [q for q in personnes if maison is None or q.maison in (maison, None)]
        page = render_template(
            "conseiller/aller_vers.html",
            personnes=de_la_maison,
            tournee=tournee(maison, de_la_maison, le) if maison else None,
            maisons=[(m.id, m.nom) for m in maisons],
            choisie=choisie if maison else "",
            resultats=[(r.value, r.libelle) for r in ResultatVisite],
            sans_reponse=int(p["aller_vers.sans_reponse"]),
            manques=int(p["aller_vers.rendez_vous_manques"]),
            cle=nouvelle_cle(),
        )
    with consultation() as session:
        session.add_all(
            consigner(acteur, Evenement.DOSSIER_CONSULTE, q.personne) for q in de_la_maison if maison
        )
    return page


@conseiller.post("/aller-vers/<uuid:uuid>/visite")
def noter_la_visite(uuid: UUID) -> ResponseReturnValue:
    """What the visit gave; she leaves the list until something else happens."""
    try:
        resultat = ResultatVisite(request.form.get("resultat", ""))
    except ValueError:
        abort(400)
    nom = _noter(uuid, resultat, acteur_courant(), request.form.get("cle", "")[:40])
    dire_enregistre(f"{nom} : {resultat.libelle[:1].lower()}{resultat.libelle[1:]}.")
    return redirect(url_for("conseiller.aller_vers", maison=request.form.get("maison") or None), 303)


@reessayer
def _noter(uuid: UUID, resultat: ResultatVisite, par: Acteur, cle: str) -> str:
    le = ce_jour()
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        ecrite = select(Contact.id).where(Contact.personne_id == personne.id, Contact.cle == cle)
        if cle and session.scalars(ecrite).first() is not None:
            return personne.nom_complet
        session.add(
            noter_contact(
                personne,
                GenreContact.VISITE,
                le,
                par,
                aujourdhui=le,
                joint=resultat in (ResultatVisite.VUE, ResultatVisite.NE_VEUT_PAS),
                phrase=resultat.libelle,
                cle=cle or None,
            )
        )
        session.add(consigner(par, Evenement.VISITE_NOTEE, personne, resultat=resultat.value))
        return personne.nom_complet
