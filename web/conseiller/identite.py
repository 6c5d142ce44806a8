"""Who she is, how to reach her, where she leaves from: read from a form, written into the dossier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mobilite.acteur import Acteur
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.journal import Evenement, consigner
from mobilite.personnes import Depart, Joindre, Personne
from web.acces import acteur_courant
from web.communes import RIEN_DIT, CommuneDite, commune_connue, lire_commune
from web.conseiller.bureau import conseiller, consulter, dire_enregistre, ouvrir_dossier
from web.erreurs import REFUS
from web.formats import majuscule
from web.formats import telephone as dire_telephone
from web.jours import lire_jour
from web.telephones import lire_telephone
from web.transaction import transaction

LIEUX_MAX = 10
MESSAGES = (("oui", "Oui"), ("non", "Non"), ("", "Pas demandé"))
_MESSAGE = {"oui": True, "non": False, "": None}


@dataclass(frozen=True, slots=True)
class LieuDit:
    """A place she leaves from, as typed."""

    commune: CommuneDite = RIEN_DIT
    chez: str = ""
    du: str = ""
    jusqu_au: str = ""

    @property
    def vide(self) -> bool:
        """Whether nothing was typed: the line is then forgotten."""
        return not (self.commune.texte or self.chez or self.du or self.jusqu_au)


@dataclass(slots=True)
class IdentiteDite:
    """The form as typed, and what is wrong in it: {field: sentence}. Nothing typed is ever lost."""

    prenom: str = ""
    nom: str = ""
    telephone: str = ""
    joindre: str = ""
    referent: str = ""
    message: str = ""
    discret: bool = False
    rattachement: CommuneDite = RIEN_DIT
    lieux: list[LieuDit] = field(default_factory=lambda: [LieuDit()])
    erreurs: dict[str, str] = field(default_factory=dict)
    telephone_lu: str | None = None
    departs: list[Depart] = field(default_factory=list)

    def ecrire(self, personne: Personne, acteur: Acteur) -> None:
        """Put what was read into the dossier; what ``acteur`` may not see stays as it was."""
        personne.prenom, personne.nom = self.prenom, self.nom
        personne.referent = self.referent
        personne.message_possible = _MESSAGE[self.message]
        if personne.coordonnees_visibles_par(acteur):
            personne.telephone = self.telephone_lu
            personne.rattachement = self.rattachement.insee
            personne.departs = self.departs
            personne.contact_discret = self.discret
            if self.discret and personne.conseiller_id is None:
                personne.conseiller_id = acteur.id
        personne.joindre = Joindre(self.joindre) if self.joindre else self._joindre_deduit(personne)

    def _joindre_deduit(self, personne: Personne) -> Joindre:
        """Nobody said how: by what there is."""
        if personne.telephone:
            return Joindre.TELEPHONE
        return Joindre.REFERENT if self.referent else Joindre.RIEN


def identite_de(personne: Personne) -> IdentiteDite:
    """The form as the dossier stands, with one empty line for another place."""
    message = {valeur: code for code, valeur in _MESSAGE.items()}[personne.message_possible]
    return IdentiteDite(
        prenom=personne.prenom,
        nom=personne.nom,
        telephone=dire_telephone(personne.telephone or ""),
        joindre=personne.joindre.value,
        referent=personne.referent,
        message=message,
        discret=personne.contact_discret,
        rattachement=commune_connue(personne.rattachement),
        lieux=[
            *(
                LieuDit(commune_connue(d.insee), d.chez, _iso(d.du), _iso(d.jusqu_au))
                for d in personne.departs
            ),
            LieuDit(),
        ],
    )


def lire_identite(formulaire: Mapping[str, str], *, avec_coordonnees: bool = True) -> IdentiteDite:
    """Read the form; look at ``erreurs`` before writing anything."""
    dite = IdentiteDite(
        prenom=formulaire.get("prenom", "").strip(),
        nom=formulaire.get("nom", "").strip(),
        telephone=formulaire.get("telephone", "").strip(),
        joindre=formulaire.get("joindre", ""),
        referent=formulaire.get("referent", "").strip(),
        message=formulaire.get("message", ""),
        discret=formulaire.get("discret") == "oui",
        rattachement=lire_commune(formulaire, "rattachement"),
        lieux=_lieux_dits(formulaire),
    )
    if not dite.prenom:
        dite.erreurs["prenom"] = "Écrivez un prénom ou un surnom : c'est tout ce qui est obligatoire."
    for nom, au_plus in (("prenom", 80), ("nom", 80), ("referent", 200)):
        verifier_texte(dite.erreurs, nom, getattr(dite, nom), au_plus)
    if dite.joindre not in ("", *Joindre):
        dite.joindre = ""
    if dite.message not in _MESSAGE:
        dite.message = ""
    if avec_coordonnees:
        _lire_coordonnees(dite)
    return dite


def _lire_coordonnees(dite: IdentiteDite) -> None:
    if dite.telephone:
        try:
            dite.telephone_lu = lire_telephone(dite.telephone)
        except DonneeRefusee as refus:
            dite.erreurs["telephone"] = refus.raison
    elif dite.joindre == Joindre.TELEPHONE:
        dite.erreurs["telephone"] = "Écrivez le numéro, ou dites une autre façon de la joindre."
    if dite.joindre == Joindre.REFERENT and not dite.referent:
        dite.erreurs["referent"] = "Écrivez qui est le référent, avec son numéro si vous l'avez."
    for rang, lieu in enumerate(dite.lieux):
        _lire_lieu(dite, rang, lieu)
    noter_la_commune(dite.erreurs, "rattachement", dite.rattachement)


def noter_la_commune(erreurs: dict[str, str], nom: str, commune: CommuneDite) -> None:
    """Report a commune that is not understood, or not certain yet."""
    if commune.erreur:
        erreurs[nom] = commune.erreur


def _lire_lieu(dite: IdentiteDite, rang: int, lieu: LieuDit) -> None:
    if lieu.vide:
        return
    avant = len(dite.erreurs)
    if not lieu.commune.texte:
        dite.erreurs[f"depart-{rang}"] = "Écrivez la commune de ce lieu, ou effacez toute la ligne."
    noter_la_commune(dite.erreurs, f"depart-{rang}", lieu.commune)
    verifier_texte(dite.erreurs, f"chez-{rang}", lieu.chez, 80)
    du = jour_dit(dite.erreurs, f"du-{rang}", lieu.du)
    jusqu_au = jour_dit(dite.erreurs, f"jusqu_au-{rang}", lieu.jusqu_au)
    if du and jusqu_au and jusqu_au < du:
        dite.erreurs[f"jusqu_au-{rang}"] = "La fin vient avant le début."
    if len(dite.erreurs) == avant and lieu.commune.insee:
        dite.departs.append(
            Depart(insee=lieu.commune.insee, chez=lieu.chez, du=du, jusqu_au=jusqu_au, rang=len(dite.departs))
        )


def _lieux_dits(formulaire: Mapping[str, str]) -> list[LieuDit]:
    rangs = [rang for rang in range(LIEUX_MAX) if f"depart-{rang}" in formulaire]
    return [
        LieuDit(
            lire_commune(formulaire, f"depart-{rang}"),
            formulaire.get(f"chez-{rang}", "").strip(),
            formulaire.get(f"du-{rang}", "").strip(),
            formulaire.get(f"jusqu_au-{rang}", "").strip(),
        )
        for rang in rangs
    ] or [LieuDit()]


def verifier_texte(erreurs: dict[str, str], nom: str, texte: str, au_plus: int) -> None:
    """Report a text that is too long or holds invisible signs; nothing typed is no error."""
    if not texte:
        return
    try:
        Champ(texte, nom).texte(au_plus)
    except DonneeRefusee as refus:
        erreurs[nom] = majuscule(refus.raison)


def jour_dit(erreurs: dict[str, str], nom: str, texte: str) -> date | None:
    """The day of one field, if any; what is no day goes to ``erreurs``."""
    if not texte:
        return None
    try:
        return lire_jour(texte, nom)
    except DonneeRefusee as refus:
        erreurs[nom] = refus.raison
        return None


def _iso(jour: date | None) -> str:
    return jour.isoformat() if jour else ""


@conseiller.route("/dossiers/<uuid:uuid>/identite", methods=["GET", "POST"])
def identite(uuid: UUID) -> ResponseReturnValue:
    """Change who she is and how to reach her."""
    if request.method == "GET":
        personne = consulter(uuid)
        return _page(personne, identite_de(personne))
    acteur = acteur_courant()
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        dite = lire_identite(request.form, avec_coordonnees=personne.coordonnees_visibles_par(acteur))
        if not dite.erreurs:
            dite.ecrire(personne, acteur)
            session.add(consigner(acteur, Evenement.DOSSIER_MODIFIE, personne, partie="identite"))
    if dite.erreurs:
        return _page(personne, dite), REFUS
    dire_enregistre()
    return redirect(url_for("conseiller.dossier", uuid=uuid), 303)


def _page(personne: Personne, dite: IdentiteDite) -> str:
    return render_template(
        "conseiller/identite.html",
        personne=personne,
        visible=personne.coordonnees_visibles_par(acteur_courant()),
        **contexte_identite(dite),
    )


def contexte_identite(dite: IdentiteDite) -> dict[str, Any]:
    """What the fields of the identity need."""
    return {
        "dite": dite,
        "erreurs": dite.erreurs,
        "joindre": [(j.value, j.libelle) for j in Joindre],
        "messages": MESSAGES,
    }
