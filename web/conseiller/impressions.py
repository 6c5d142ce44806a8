"""What the adviser prints: the person's page, her own copy, and the card that opens « Mes déplacements »."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.base import jour_local, maintenant
from mobilite.besoin import Besoin, LieuLibre, Situation
from mobilite.erreurs import DonneeRefusee, RegleMetier
from mobilite.journal import Evenement, consigner
from mobilite.personnes import BesoinExprime, Personne
from mobilite.verdict import Verdict
from web.acces import acteur_courant
from web.accueil import accueil_de
from web.catalogue import maisons_d_accueil
from web.comptes import Compte, creer_compte, donner_carte, empreinte_carte, en_groupes, lire_code_carte
from web.conseiller.bureau import conseiller, consulter, ouvrir_dossier
from web.conseiller.libelles import dire_age, dire_avec, dire_motif, dire_moyen, dire_permis
from web.conseiller.plan_autour import suggestions_pour
from web.conseiller.propositions import lire_plan
from web.conseiller.resultats import constats_de, resultats_de
from web.formats import jour, jour_annee, majuscule, telephone
from web.horaires import dire_passages
from web.impressions import composer, contenu_carte, contenu_copie, contenu_fiche, contenu_synthese
from web.impressions.copie import BesoinDit, Dossier
from web.impressions.synthese import Conclusions
from web.parcours import suivi_du_dossier
from web.propositions import proposer_pour, situation_de
from web.referentiel import referentiel
from web.transaction import bd, lecture, transaction


class CompteFerme(RegleMetier):
    """A card would open nothing: somebody closed the account of this person."""

    code = "compte_ferme"

    def __init__(self) -> None:
        super().__init__("Son compte a été fermé : aucune carte ne peut l'ouvrir.")


class CartePerimee(RegleMetier):
    """The code to print is not the one of her card any more."""

    code = "carte_perimee"

    def __init__(self) -> None:
        super().__init__("Cette carte a déjà été remplacée. Donnez-en une autre.")


@conseiller.get("/dossiers/<uuid:uuid>/fiche.pdf")
def fiche_pdf(uuid: UUID) -> Response:
    """The person's page, to print and give."""
    personne = consulter(uuid)
    contenu = contenu_fiche(personne, lire_plan(bd.session, personne))
    return _pdf("fiche", contenu, "mes-prochaines-etapes.pdf")


@conseiller.get("/dossiers/<uuid:uuid>/synthese.pdf")
def synthese_pdf(uuid: UUID) -> Response:
    """The professional synthesis: two pages at most."""
    personne = consulter(uuid)
    session, instant = bd.session, maintenant()
    dossier = _lire_dossier(session, personne, jour_local(instant))
    contenu = contenu_synthese(
        dossier,
        _conclusions(session, personne, dossier, jour_local(instant)),
        conseiller=libelle_du_compte(session),
        etablie_le=instant,
    )
    # Names stay out of file names: they end up in folders and mailboxes that others see.
    return _pdf("synthese", contenu, f"synthese-{str(uuid)[:8]}.pdf")


@conseiller.get("/dossiers/<uuid:uuid>/copie.pdf")
def copie_pdf(uuid: UUID) -> Response:
    """The adviser's whole copy: every offer looked at, every answer."""
    personne = consulter(uuid)
    instant = maintenant()
    contenu = contenu_copie(
        _lire_dossier(bd.session, personne, jour_local(instant)),
        conseiller=libelle_du_compte(bd.session),
        etablie_le=instant,
    )
    return _pdf("copie", contenu, f"copie-{str(uuid)[:8]}.pdf")


def _conclusions(session: Session, personne: Personne, dossier: Dossier, le: date) -> Conclusions:
    """What the rules and the adviser conclude, and the dates to come."""
    suivi = suivi_du_dossier(session, personne, le)
    ouvert = suivi.ouvert
    dates = [(point.genre.libelle, point.avant) for point in suivi.points]
    if (
        ouvert is not None
        and ouvert.prochaine_revue
        and not any(q.startswith("Faire le point") for q, _ in dates)
    ):
        dates.append(("Prochain point", ouvert.prochaine_revue))
    commun: dict[str, Any] = {
        "referent": ", ".join(t for t in (ouvert.referent.nom, ouvert.referent.structure) if t)
        if ouvert is not None and ouvert.referent
        else personne.referent
        if personne.coordonnees_visibles_par(acteur_courant())
        else "",
        "intensite": ouvert.intensite.libelle if ouvert is not None and ouvert.intensite else "",
        "dates": dates,
        "preconisations": [
            (s.intitule, " ".join(s.parce_que))
            for s in suggestions_pour(session, personne, dossier.plan, dossier.reponse, le)
        ],
    }
    resultats = resultats_de(personne, le)
    constats = constats_de(session, personne, le, resultats, reponse=dossier.reponse, plan=dossier.plan)
    if resultats is None or constats is None:
        return Conclusions(**commun)
    dite = resultats.diagnostic.issue_retenue
    issue = dite.issue if dite else constats.issue.issue
    return Conclusions(
        alertes=[a.alerte.regle.phrase for a in constats.alertes if a.verdict is Verdict.OUI],
        alertes_a_verifier=sum(a.verdict is Verdict.A_VERIFIER for a in constats.alertes),
        issue=issue.libelle if issue else "",
        issue_raison=dite.raison if dite else "",
        **commun,
    )


@conseiller.get("/dossiers/<uuid:uuid>/carte")
def carte(uuid: UUID) -> str:
    """Whether she has a card, and what giving one does."""
    personne = consulter(uuid)
    compte = _compte(bd.session, personne)
    return _page_carte(personne, a_une_carte=compte is not None and compte.code_carte is not None)


@conseiller.post("/dossiers/<uuid:uuid>/carte")
def donner_une_carte(uuid: UUID) -> str:
    """Give a new card. The code is in this answer and nowhere else: no redirect, no address holds it."""
    acteur = acteur_courant()
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        compte = _compte(session, personne) or creer_compte(
            session,
            identifiant=f"carte-{personne.uuid}",
            libelle=personne.prenom,
            role=RoleActeur.PERSONNE,
            personne_id=personne.id,
            demonstration=personne.demonstration,
        )
        if not compte.actif:
            raise CompteFerme
        code = donner_carte(compte)
        session.add(consigner(acteur, Evenement.CARTE_DONNEE, personne))
    return _page_carte(personne, a_une_carte=True, code=code)


@conseiller.post("/dossiers/<uuid:uuid>/carte.pdf")
def carte_pdf(uuid: UUID) -> Response:
    """The card just given, to print. The code comes in the form, and must be the one in force."""
    with lecture() as session:
        compte = _compte(session, ouvrir_dossier(session, uuid))
        en_vigueur = compte.code_carte if compte is not None and compte.actif else None
    try:
        code = lire_code_carte(request.form.get("code", ""))
    except DonneeRefusee:
        abort(400)
    # The hash is slow on purpose: no transaction stays open meanwhile.
    if en_vigueur != empreinte_carte(code):
        raise CartePerimee
    adresse = url_for("portail.ma_carte", _external=True)
    return _pdf("carte", contenu_carte(code, adresse), "carte.pdf")


@conseiller.get("/dossiers/<uuid:uuid>/carte.pdf")
def carte_sans_code(uuid: UUID) -> ResponseReturnValue:
    """A card is printed when it is given: whoever comes back later is led to giving one."""
    return redirect(url_for("conseiller.carte", uuid=uuid), 303)


def _pdf(modele: str, contenu: Mapping[str, Any], fichier: str) -> Response:
    # Everything has been read: nothing is held while the sheet is drawn.
    bd.session.rollback()
    reponse = make_response(composer(modele, contenu))
    reponse.mimetype = "application/pdf"
    reponse.headers["Content-Disposition"] = f'inline; filename="{fichier}"'
    return reponse


def _page_carte(personne: Personne, *, a_une_carte: bool, code: str = "") -> str:
    return render_template(
        "conseiller/carte.html",
        personne=personne,
        a_une_carte=a_une_carte,
        code=code,
        code_lu=en_groupes(code) if code else "",
        adresse=url_for("portail.ma_carte", _external=True),
    )


def _compte(session: Session, personne: Personne) -> Compte | None:
    """Her account, if she has one: the oldest."""
    return session.scalars(
        select(Compte)
        .where(Compte.personne_id == personne.id, Compte.role == RoleActeur.PERSONNE)
        .order_by(Compte.id)
        .limit(1)
    ).first()


def libelle_du_compte(session: Session) -> str:
    """The name this account is known by."""
    return session.scalar(select(Compte.libelle).where(Compte.id == acteur_courant().id)) or ""


def _lire_dossier(session: Session, personne: Personne, le: date) -> Dossier:
    """Everything the copy says, without what this adviser may not see."""
    visible = personne.coordonnees_visibles_par(acteur_courant())
    situation = situation_de(personne)
    resultats = resultats_de(personne, le)
    return Dossier(
        nom=personne.nom_complet,
        demonstration=personne.demonstration,
        identite=_identite(personne, situation, le, visible=visible),
        objectif=personne.objectif,
        besoins={besoin.id: _besoin(besoin, personne) for besoin in situation.besoins},
        axes=[(affiche.constat, affiche.correction) for affiche in resultats.axes] if resultats else [],
        atouts=[atout.phrase for atout in resultats.atouts] if resultats else [],
        questionnaire=resultats.diagnostic.questionnaire if resultats else "",
        plan=lire_plan(session, personne),
        reponse=proposer_pour(session, personne, le),
        accueil=accueil_de(situation, referentiel(), maisons_d_accueil(session), le) if visible else None,
    )


def _identite(personne: Personne, situation: Situation, le: date, *, visible: bool) -> list[tuple[str, str]]:
    """What is known, label by label; what nobody asked is said to be unknown."""
    lignes = [
        ("Personne", personne.nom_complet),
        ("Âge", dire_age(personne.annee_naissance, le) or "pas encore demandé"),
        ("Permis", dire_permis(situation.permis) or "pas encore demandé"),
        ("Moyens", _moyens(situation)),
        ("Joindre", personne.joindre.libelle),
    ]
    if not visible:
        return [*lignes, ("Contact discret", "son téléphone et ses lieux ne sont pas montrés ici")]
    if personne.telephone:
        lignes.append(("Téléphone", telephone(personne.telephone)))
    if personne.referent:
        lignes.append(("Référent", personne.referent))
    if personne.contact_discret:
        lignes.append(("Contact discret", "ne donnez ni ses lieux ni son téléphone"))
    departs = [
        " ".join(
            morceau
            for morceau in (
                referentiel().nom(depart.insee),
                f"({depart.chez})" if depart.chez else "",
                f"jusqu'au {jour(depart.jusqu_au)}" if depart.jusqu_au else "",
            )
            if morceau
        )
        for depart in personne.departs
        if depart.jusqu_au is None or depart.jusqu_au >= le
    ]
    lignes.append(("Départ", " ; ".join(departs) or "pas encore demandé"))
    if personne.rattachement:
        lignes.append(("Droits rattachés à", referentiel().nom(personne.rattachement)))
    return lignes


def _moyens(situation: Situation) -> str:
    if situation.moyens is None:
        return "pas encore demandé"
    return " ; ".join(dire_moyen(moyen) for moyen in situation.moyens) or "aucun moyen à elle"


def _besoin(besoin: Besoin, personne: Personne) -> BesoinDit:
    """« Verdun, formation », then when, with whom and how she does today, as sentences."""
    exprime = next((b for b in personne.besoins if str(b.uuid) == besoin.id), None)
    ou = (
        besoin.destination.nom
        if isinstance(besoin.destination, LieuLibre)
        else referentiel().nom(besoin.destination.insee)
    )
    phrases = [f"{majuscule(dire_passages(besoin.passages))}."]
    if besoin.premier_jour is not None:
        phrases.append(f"À partir du {jour_annee(besoin.premier_jour)}.")
    if besoin.avec:
        phrases.append(f"Avec : {dire_avec(besoin.avec)}.")
    aujourdhui = _aujourdhui(exprime, personne)
    if aujourdhui:
        phrases.append(f"Aujourd'hui : {aujourdhui.rstrip('.')}.")
    return BesoinDit(", ".join(t for t in (ou, dire_motif(besoin.motif)) if t), tuple(phrases))


def _aujourdhui(exprime: BesoinExprime | None, personne: Personne) -> str:
    return (exprime.aujourdhui if exprime else "") or personne.aujourdhui
