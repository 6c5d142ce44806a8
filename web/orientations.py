"""Orientations: the fiche somebody sends, the dossier it joins, the answer that goes back. One way for both sides.

Every function that writes runs inside the transaction of its caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from werkzeug.datastructures import MultiDict

from geo.couverture import CASE_MIN
from mobilite.acteur import Acteur
from mobilite.base import PARIS, ce_jour, jour_local
from mobilite.besoin import MotifDeplacement
from mobilite.journal import Evenement, consigner
from mobilite.journee_accueil import InscriptionAccueil
from mobilite.notification import GenreMessage
from mobilite.parametres import parametres
from mobilite.personnes import (
    Depart,
    Joindre,
    Personne,
    doublons_possibles,
)
from mobilite.prescription import (
    AccordNonRecueilli,
    CanalPrescription,
    FormeAccord,
    GenrePrescripteur,
    IssuePrescription,
    Prescription,
    PrescriptionClose,
    RaisonRefus,
    RefusSansAlternative,
    Reponse,
    ReponseIncomplete,
    Urgence,
    a_repondre,
    delais,
)
from mobilite.structure import Structure
from mobilite.texte_sensible import reperer
from web.communes import CommuneDite, lire_commune
from web.comptes import Compte
from web.contact import contact_de
from web.formats import majuscule
from web.formulaire import Formulaire
from web.messages import redaction
from web.messages.boite import Brouillon, ecrire
from web.parcours import ouvrir_parcours
from web.telephones import lire_telephone

NOM, PHRASE, TEXTE = 80, 200, 500
ACCORDS = (
    ("fiche", "Que cette fiche soit envoyée à la plateforme de mobilité"),
    ("rappel", "Qu’on l’appelle, ou qu’on la joigne comme écrit plus haut"),
    ("reponse", "Que la réponse revienne au professionnel qui l’oriente"),
)
"""What she can agree to; the first one is what makes a fiche."""

_MIDI = time(12)


@dataclass(slots=True)
class FicheDite:
    """A fiche as typed, and what is wrong in it. ``valeurs`` go into ``Prescription`` once nothing is."""

    formulaire: Formulaire
    commune: CommuneDite
    valeurs: dict[str, object] = field(default_factory=dict)

    @property
    def erreurs(self) -> dict[str, str]:
        """{field: sentence}"""
        return self.formulaire.erreurs


def lire_fiche(saisie: MultiDict[str, str], *, par_un_conseiller: bool, le: date) -> FicheDite:
    """Read the form. An adviser who keys a call in also says who called, how and when."""
    f = Formulaire(saisie)
    commune = lire_commune(saisie, "commune")
    if commune.erreur:
        f.erreur("commune", commune.erreur)
    dite = FicheDite(f, commune)
    brut = f.brut("telephone")
    telephone = f.lire("telephone", lambda: lire_telephone(brut)) if brut else None
    autrement = f.texte("joindre_autrement", PHRASE) or ""
    if not brut and not autrement:
        f.erreur("telephone", "Écrivez un numéro, ou dites plus bas comment la joindre.")
    accords = [code for code, _ in ACCORDS if code in f.plusieurs("accord_pour")]
    if "fiche" not in accords:
        f.erreur("accord_pour", AccordNonRecueilli().phrase)
    accord_le = f.jour("accord_le")
    if accord_le is None:
        f.erreur("accord_le", "Dites quel jour elle a donné son accord.")
    elif accord_le > le:
        f.erreur("accord_le", "Ce jour n'est pas encore passé.")
    pour_le = f.jour("pour_le")
    if pour_le is not None and pour_le < le:
        f.erreur("pour_le", "Cette date est passée.")
    dite.valeurs = {
        "prenom": f.texte("prenom", NOM, "Écrivez un prénom ou un surnom.") or "",
        "nom": f.texte("nom", NOM) or "",
        "telephone": telephone,
        "joindre_autrement": autrement,
        "insee": commune.insee,
        "motif": _choisi(f, "motif", MotifDeplacement, "Choisissez pour quoi elle veut se déplacer."),
        "urgence": f.parmi("urgence", Urgence) or Urgence.ORDINAIRE,
        "pour_le": pour_le,
        "souhait": f.texte("souhait", TEXTE, "Écrivez ce qu'elle souhaite, avec ses mots.") or "",
        "accord_pour": accords,
        "accord_comment": _choisi(f, "accord_comment", FormeAccord, "Dites comment elle a dit oui."),
        "accord_le": accord_le,
    }
    _refuser_ce_qui_est_de_trop(f, ("souhait", "joindre_autrement"))
    if par_un_conseiller:
        _lire_qui_appelle(dite, le)
    return dite


def _choisi(f: Formulaire, nom: str, choix: type, absent: str) -> object:
    lu = f.parmi(nom, choix)
    if lu is None:
        f.erreur(nom, absent)
    return lu


def _refuser_ce_qui_est_de_trop(f: Formulaire, champs: Iterable[str]) -> None:
    """Numbers that never serve are refused; words of health until somebody has read the sentence again."""
    for nom in champs:
        for signale in reperer(f.brut(nom)):
            if signale.certain or not f.coche("relu"):
                f.erreur(nom, signale.phrase)


def _lire_qui_appelle(dite: FicheDite, le: date) -> None:
    f = dite.formulaire
    brut = f.brut("prescripteur_telephone")
    recue = f.jour("recue_le") or le
    if recue > le:
        f.erreur("recue_le", "Ce jour n'est pas encore passé.")
    dite.valeurs |= {
        "prescripteur": f.texte("prescripteur", NOM, "Dites qui l'oriente : un nom, une structure.") or "",
        "prescripteur_telephone": (f.lire("prescripteur_telephone", lambda: lire_telephone(brut)) or "")
        if brut
        else "",
        "genre": f.parmi("genre", GenrePrescripteur) or GenrePrescripteur.AUTRE,
        "canal": f.parmi("canal", CanalPrescription) or CanalPrescription.TELEPHONE,
        "recue_le": recue,
    }


def envoyer(session: Session, dite: FicheDite, par: Acteur, *, cle: str, instant: datetime) -> Prescription:
    """Keep a fiche. One form sent twice is one fiche: the first is given back."""
    deja = session.scalars(
        select(Prescription).where(Prescription.envoyee_par == par.id, Prescription.cle == cle)
    ).one_or_none()
    if deja is not None:
        return deja
    valeurs = dict(dite.valeurs)
    recue = valeurs.pop("recue_le", None)
    if isinstance(recue, date) and recue != jour_local(instant):
        instant = datetime.combine(recue, _MIDI, PARIS)
    if par.prescripteur:
        compte = session.get_one(Compte, par.id)
        structure = session.get_one(Structure, par.structure_id)
        valeurs |= {
            "structure_id": par.structure_id,
            "prescripteur": compte.libelle.partition(" (")[0],
            "prescripteur_telephone": structure.telephone,
            "genre": GenrePrescripteur(compte.prescrit_comme or GenrePrescripteur.AUTRE),
        }
    relance_le, expire_le = delais(instant, parametres(jour_local(instant)))
    fiche = Prescription(
        **valeurs,  # type: ignore[arg-type]
        envoyee_par=par.id,
        envoyee_le=instant,
        cle=cle,
        relance_le=relance_le,
        expire_le=expire_le,
    )
    session.add(fiche)
    session.flush()
    session.add(
        consigner(
            par,
            Evenement.PRESCRIPTION_ENVOYEE,
            fiche,
            genre=fiche.genre.value,
            canal=fiche.canal.value,
            motif=fiche.motif.value,
        )
    )
    return fiche


def prescriptions_a_repondre(session: Session, le: date, *, au_plus: int = 200) -> list[Prescription]:
    """What waits for an answer: the expired and the late ones first, then by haste, then the oldest."""
    ouvertes = session.scalars(a_repondre().options(selectinload(Prescription.structure)).limit(au_plus))
    return sorted(ouvertes, key=lambda p: (p.relance_le > le, p.urgence.rang, p.relance_le, p.id))


def dossiers_proches(session: Session, fiche: Prescription, par: Acteur) -> Sequence[Personne]:
    """The dossiers that may be hers already."""
    return session.scalars(doublons_possibles(par, fiche.prenom, fiche.nom, fiche.telephone)).all()


def rattacher(
    session: Session, fiche: Prescription, par: Acteur, instant: datetime, personne: Personne | None
) -> Personne:
    """Join the fiche to a dossier, or open one with what it says. Joined already, it stays where it is."""
    if fiche.personne is not None:
        return fiche.personne
    if not fiche.ouverte:
        raise PrescriptionClose
    if personne is None:
        personne = _nouveau_dossier(fiche, par)
        session.add(personne)
        session.flush()
        session.add(consigner(par, Evenement.DOSSIER_OUVERT, personne))
    fiche.personne_id, fiche.personne = personne.id, personne
    suivi = ouvrir_parcours(session, personne, jour_local(instant))
    if suivi.oriente_le is None:
        suivi.oriente_le, suivi.oriente_par = jour_local(fiche.envoyee_le), fiche.de_qui[:NOM]
        suivi.ouvert_le = min(suivi.ouvert_le, suivi.oriente_le)
        session.add(consigner(par, Evenement.ORIENTATION_NOTEE, suivi))
    session.add(consigner(par, Evenement.PRESCRIPTION_RATTACHEE, fiche, personne=personne.id))
    session.flush()
    return personne


def _nouveau_dossier(fiche: Prescription, par: Acteur) -> Personne:
    return Personne(
        prenom=fiche.prenom,
        nom=fiche.nom,
        telephone=fiche.telephone,
        joindre=Joindre.TELEPHONE if fiche.telephone else Joindre.REFERENT,
        referent="" if fiche.telephone else f"{fiche.joindre_autrement} ({fiche.de_qui})"[:PHRASE],
        objectif=fiche.souhait,
        conseiller_id=par.id,
        demonstration=fiche.demonstration,
        departs=[Depart(insee=fiche.insee)] if fiche.insee else [],
    )


def lire_reponse(f: Formulaire, le: date) -> Reponse | None:
    """The answer as typed; ``None`` when a field does not fit."""
    issue = f.parmi("issue", IssuePrescription)
    jour, brute = f.jour("rendez_vous_le"), f.brut("rendez_vous_heure")
    instant: datetime | None = None
    if issue is None:
        f.erreur("issue", "Choisissez la réponse.")
    if issue is IssuePrescription.ACCEPTEE:
        instant = _instant(f, jour, brute, le)
    _refuser_ce_qui_est_de_trop(f, ("texte", "alternatives"))
    reponse = Reponse(
        issue=issue or IssuePrescription.CONSEIL,
        texte=_paragraphe(f, "texte"),
        raison=f.parmi("raison", RaisonRefus) if issue is IssuePrescription.REFUSEE else None,
        alternatives=_paragraphe(f, "alternatives") if issue is IssuePrescription.REFUSEE else "",
        rendez_vous=instant,
        rendez_vous_lieu=(f.texte("rendez_vous_lieu", NOM) or "") if instant else "",
        rendez_vous_avec=(f.texte("rendez_vous_avec", NOM) or "") if instant else "",
        retour=f.coche("retour"),
    )
    if f.erreurs:
        return None
    try:
        reponse.verifier()
    except RefusSansAlternative as refus:
        f.erreur("alternatives" if reponse.raison else "raison", refus.phrase)
        return None
    except ReponseIncomplete as refus:
        f.erreur("texte", refus.phrase)
        return None
    return reponse


def _instant(f: Formulaire, jour: date | None, brute: str, le: date) -> datetime | None:
    if jour is None:
        f.erreur("rendez_vous_le", "Donnez le jour du premier rendez-vous.")
    elif jour < le:
        f.erreur("rendez_vous_le", "Ce jour est passé.")
    heure = f.heure("rendez_vous_heure", "Donnez l'heure du rendez-vous.")
    return datetime.combine(jour, time.fromisoformat(heure), PARIS) if jour and heure else None


def _paragraphe(f: Formulaire, nom: str) -> str:
    lignes = [" ".join(ligne.split()) for ligne in f.brut(nom).splitlines()]
    texte = "\n".join(ligne for ligne in lignes if ligne)
    if len(texte) > TEXTE:
        f.erreur(nom, f"{TEXTE} signes au plus.")
    return texte


def repondre(session: Session, fiche: Prescription, reponse: Reponse, par: Acteur, instant: datetime) -> bool:
    """Give the answer, tell both, and put the first appointment in the parcours. ``False``: done already."""
    personne = fiche.personne
    if reponse.issue is IssuePrescription.ACCEPTEE and personne is None:
        raise ReponseIncomplete("Rattachez d'abord la fiche à un dossier, ou ouvrez-en un.")
    if not fiche.repondre(reponse, par, instant):
        return False
    if personne is not None and reponse.rendez_vous is not None:
        suivi = ouvrir_parcours(session, personne, jour_local(instant))
        if suivi.premier_rendez_vous is None:
            suivi.premier_rendez_vous = jour_local(reponse.rendez_vous)
        dire_le_rendez_vous(
            session,
            fiche,
            personne,
            reponse.rendez_vous,
            reponse.rendez_vous_lieu,
            reponse.rendez_vous_avec,
            instant,
        )
    if fiche.structure is not None:
        titre, texte = redaction.orientation_repondue(jour_local(fiche.envoyee_le))
        brouillon = Brouillon(
            GenreMessage.ORIENTATION_REPONDUE,
            f"orientation:{fiche.id}:repondue",
            fiche,
            texte,
            titre,
            structure=fiche.structure,
        )
        ecrire(session, brouillon, instant)
    session.add(
        consigner(par, Evenement.PRESCRIPTION_REPONDUE, fiche, issue=reponse.issue.value, retour=fiche.retour)
    )
    return True


def dire_le_rendez_vous(
    session: Session,
    objet: Prescription | InscriptionAccueil,
    personne: Personne,
    quand: datetime,
    lieu: str,
    avec: str,
    instant: datetime,
) -> None:
    """Tell her, by her way, when and where she is expected."""
    telephone = contact_de(session, personne).telephone
    brouillon = Brouillon(
        GenreMessage.RENDEZ_VOUS_FIXE,
        f"rendez-vous:{objet.__tablename__}:{objet.id}:{quand.isoformat()}",
        objet,
        redaction.rendez_vous_fixe(quand, lieu, avec, telephone),
        personne=personne,
        jusqu_au=quand,
    )
    ecrire(session, brouillon, instant)


@dataclass(frozen=True, slots=True)
class DelaiDeReponse:
    """How many fiches came between two days, the median days to an answer, how many had none in time.

    ``None`` under ``CASE_MIN``: so few people could be recognised.
    """

    nombre: int | None
    jours: float | None
    hors_delai: int | None


def delai_de_reponse(session: Session, du: date, au: date) -> DelaiDeReponse:
    """The delay of answers to the fiches received between two days, both included."""
    debut = datetime.combine(du, time(0), PARIS)
    recues = [
        (envoyee, repondue, relance)
        for envoyee, repondue, relance in session.execute(
            select(Prescription.envoyee_le, Prescription.repondue_le, Prescription.relance_le).where(
                Prescription.envoyee_le >= debut, Prescription.retiree_le.is_(None)
            )
        )
        if jour_local(envoyee) <= au
    ]
    if len(recues) < CASE_MIN:
        return DelaiDeReponse(None, None, None)
    ecarts = [(jour_local(fin) - jour_local(debut)).days for debut, fin, _ in recues if fin is not None]
    aujourdhui = ce_jour()
    tard = sum((jour_local(fin) if fin else aujourdhui) > relance for _, fin, relance in recues)
    return DelaiDeReponse(
        len(recues),
        median(ecarts) if len(ecarts) >= CASE_MIN else None,
        tard if tard == 0 or tard >= CASE_MIN else None,
    )


CHOIX: Mapping[str, list[tuple[str, str]]] = {
    "motifs": [(m.value, majuscule(m.libelle)) for m in MotifDeplacement],
    "urgences": [(u.value, u.libelle) for u in Urgence],
    "accords": list(ACCORDS),
    "formes": [(f.value, f.libelle) for f in FormeAccord],
    "genres": [(g.value, g.libelle) for g in GenrePrescripteur],
    "canaux": [(c.value, c.libelle) for c in CanalPrescription if c is not CanalPrescription.EN_LIGNE],
    "issues": [(i.value, i.libelle) for i in IssuePrescription],
    "raisons": [(r.value, r.libelle) for r in RaisonRefus],
}
"""The lists of the forms."""
