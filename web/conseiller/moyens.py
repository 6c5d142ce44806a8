"""Age, licence and means: what a person already has to move with, and when it is free."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from mobilite.besoin import SEMAINE, CategoriePermis, EtatMoyen, EtatPermis, TypeMoyen
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.journal import Evenement, consigner
from mobilite.personnes import Personne
from web.acces import acteur_courant
from web.conseiller.bureau import conseiller, consulter, dire_enregistre, ouvrir_dossier
from web.conseiller.identite import jour_dit, verifier_texte
from web.conseiller.libelles import ETATS_MOYEN, ETATS_PERMIS, MOYENS, PERMIS
from web.conseiller.passages import lire_heure
from web.erreurs import REFUS
from web.formats import majuscule
from web.referentiel import referentiel
from web.transaction import transaction

MOYENS_MAX = 8
PLAGES_MAX = 8
LIBRE = (("", "Pas demandé"), ("toujours", "Toujours"), ("heures", "Certaines heures"))
_TOUJOURS = {"de": "00:00", "a": "23:59"}


@dataclass(frozen=True, slots=True)
class PlageDite:
    """Days and hours a means is free, as typed."""

    jours: tuple[str, ...] = ()
    de: str = ""
    a: str = ""

    @property
    def vide(self) -> bool:
        """Whether it says nothing: the line is then forgotten."""
        return not (self.jours or self.de or self.a)


@dataclass(frozen=True, slots=True)
class MoyenDit:
    """One means, as typed."""

    type: str = ""
    etat: str = EtatMoyen.A_VERIFIER.value
    libre: str = ""
    plages: tuple[PlageDite, ...] = (PlageDite(),)


@dataclass(slots=True)
class MoyensDits:
    """The form as typed, what is wrong in it, and the parts of the situation document it becomes."""

    annee_naissance: str = ""
    permis: list[str] = field(default_factory=list)
    etat: str = ""
    obtenu: str = ""
    aucun: bool = False
    moyens: list[MoyenDit] = field(default_factory=lambda: [MoyenDit()])
    aujourdhui: str = ""
    erreurs: dict[str, str] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)

    def ecrire(self, personne: Personne) -> None:
        """Put what was read into the dossier."""
        personne.annee_naissance = self.document.get("annee_naissance")
        personne.permis = self.document.get("permis")
        personne.moyens = self.document.get("moyens")
        personne.aujourdhui = self.aujourdhui


def moyens_de(personne: Personne) -> MoyensDits:
    """The form as the dossier stands."""
    permis: Any = personne.permis or {}
    if not isinstance(permis, dict):  # the short forms of the document: « B », [« A1 », « B »]
        permis = {"type": permis}
    types = permis.get("type", [])
    moyens = [_moyen_dit({"type": m} if isinstance(m, str) else m) for m in personne.moyens or []]
    return MoyensDits(
        annee_naissance=str(personne.annee_naissance or ""),
        permis=[types] if isinstance(types, str) else list(types),
        etat=permis.get("etat", "" if _sans_permis(types) else EtatPermis.VALIDE.value),
        obtenu=str(permis.get("obtenu_en") or permis.get("obtenu_le") or ""),
        aucun=personne.moyens == [],
        moyens=[*moyens, MoyenDit()],
        aujourdhui=personne.aujourdhui,
    )


def _sans_permis(types: str | list[str]) -> bool:
    """Whether nothing held yet can be suspended, nor valid."""
    return set([types] if isinstance(types, str) else types) <= {"aucun", "code_en_cours", "code_obtenu"}


def _moyen_dit(document: dict[str, Any]) -> MoyenDit:
    disponible = document.get("disponible")
    plages = tuple(PlageDite(_jours(p), p["de"], p["a"]) for p in disponible or ())
    toujours = len(plages) == 1 and plages[0] == PlageDite(_jours({}), **_TOUJOURS)
    return MoyenDit(
        document["type"],
        document.get("etat", EtatMoyen.A_VERIFIER.value),
        "toujours" if toujours else "" if disponible is None else "heures",
        (PlageDite(),) if toujours or not plages else plages,
    )


def _jours(plage: dict[str, Any]) -> tuple[str, ...]:
    jours = plage.get("jours", [j.value for j in SEMAINE])
    return (jours,) if isinstance(jours, str) else tuple(jours)


def lire_moyens(formulaire: MultiDict[str, str]) -> MoyensDits:
    """Read the form; look at ``erreurs`` before writing anything."""
    dits = MoyensDits(
        annee_naissance=formulaire.get("annee_naissance", "").strip(),
        permis=[c.value for c in CategoriePermis if c.value in formulaire.getlist("permis")],
        etat=formulaire.get("etat", ""),
        obtenu=formulaire.get("obtenu", "").strip(),
        aucun=formulaire.get("aucun") == "oui",
        moyens=_moyens_saisis(formulaire),
        aujourdhui=formulaire.get("aujourdhui", "").strip(),
    )
    if dits.annee_naissance:
        if dits.annee_naissance.isdecimal() and len(dits.annee_naissance) == 4:
            dits.document["annee_naissance"] = int(dits.annee_naissance)
        else:
            dits.erreurs["annee_naissance"] = "Écrivez l'année avec quatre chiffres, comme 1992."
    if dits.permis:
        dits.document["permis"] = _permis(dits)
    elif dits.obtenu:
        dits.erreurs["permis"] = "Cochez quel permis."
    tenus = [(rang, moyen) for rang, moyen in enumerate(dits.moyens) if moyen.type]
    if dits.aucun and tenus:
        dits.erreurs["aucun"] = "Décochez « aucun moyen », ou effacez les moyens notés."
    elif tenus or dits.aucun:
        dits.document["moyens"] = [_moyen(dits, rang, moyen) for rang, moyen in tenus]
    verifier_texte(dits.erreurs, "aujourdhui", dits.aujourdhui, 300)
    if not dits.erreurs:
        _relire(dits)
    return dits


def _moyens_saisis(formulaire: MultiDict[str, str]) -> list[MoyenDit]:
    return [
        MoyenDit(
            formulaire.get(f"moyen-{rang}", ""),
            formulaire.get(f"etat-{rang}", EtatMoyen.A_VERIFIER.value),
            formulaire.get(f"libre-{rang}", ""),
            tuple(
                PlageDite(
                    tuple(j.value for j in SEMAINE if j.value in formulaire.getlist(f"jours-{rang}-{p}")),
                    formulaire.get(f"de-{rang}-{p}", "").strip(),
                    formulaire.get(f"a-{rang}-{p}", "").strip(),
                )
                for p in range(PLAGES_MAX)
                if f"de-{rang}-{p}" in formulaire
            )
            or (PlageDite(),),
        )
        for rang in range(MOYENS_MAX)
        if f"moyen-{rang}" in formulaire
    ] or [MoyenDit()]


def _permis(dits: MoyensDits) -> dict[str, Any]:
    document: dict[str, Any] = {"type": dits.permis[0] if len(dits.permis) == 1 else dits.permis}
    if dits.etat in set(EtatPermis):
        document["etat"] = dits.etat
    elif not _sans_permis(dits.permis):
        # The documented default is « valide »: nobody has said so here.
        document["etat"] = EtatPermis.A_VERIFIER.value
    if dits.obtenu.isdecimal() and len(dits.obtenu) == 4:
        document["obtenu_en"] = int(dits.obtenu)
    elif dits.obtenu:
        jour = jour_dit(dits.erreurs, "obtenu", dits.obtenu)
        if jour is not None:
            document["obtenu_le"] = jour.isoformat()
        else:
            dits.erreurs["obtenu"] = "Écrivez une année, comme 2012, ou une date, comme 14/03/2012."
    return document


def _moyen(dits: MoyensDits, rang: int, moyen: MoyenDit) -> dict[str, Any]:
    document: dict[str, Any] = {"type": moyen.type, "etat": moyen.etat}
    if moyen.libre == "toujours":
        document["disponible"] = [_TOUJOURS]
    tenues = [(p, plage) for p, plage in enumerate(moyen.plages) if not plage.vide]
    if moyen.libre == "heures" or (tenues and not moyen.libre):
        if not tenues:
            dits.erreurs[f"de-{rang}-0"] = "Dites à quelles heures, ou choisissez « Pas demandé »."
        document["disponible"] = [_plage(dits, f"{rang}-{p}", plage) for p, plage in tenues]
    return document


def _plage(dits: MoyensDits, suffixe: str, plage: PlageDite) -> dict[str, Any]:
    document: dict[str, Any] = {"jours": list(plage.jours)} if plage.jours else {}
    for cle, texte in (("de", plage.de), ("a", plage.a)):
        heure = lire_heure(texte)
        if heure is None:
            dits.erreurs[f"{cle}-{suffixe}"] = "Écrivez l'heure de début et l'heure de fin, comme 4 h 15."
        else:
            document[cle] = heure
    return document


def _relire(dits: MoyensDits) -> None:
    """The reader of the documented format has the last word."""
    try:
        referentiel().lecteur_situation.lire(Champ(dits.document))
    except DonneeRefusee as refus:
        nom = refus.champ.partition(".")[0].partition("[")[0]
        if refus.champ.startswith("permis.obtenu"):
            nom = "obtenu"
        dits.erreurs[nom if nom in ("annee_naissance", "permis", "obtenu") else ""] = majuscule(refus.raison)


@conseiller.route("/dossiers/<uuid:uuid>/moyens", methods=["GET", "POST"])
def moyens(uuid: UUID) -> ResponseReturnValue:
    """Change her age, licence and means."""
    if request.method == "GET":
        personne = consulter(uuid)
        return _page(personne, moyens_de(personne))
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        dits = lire_moyens(request.form)
        visee = _geste(dits, request.form.get("geste", ""))
        if visee or dits.erreurs:
            return _page(personne, dits, visee), 200 if visee else REFUS
        dits.ecrire(personne)
        session.add(consigner(acteur_courant(), Evenement.DOSSIER_MODIFIE, personne, partie="moyens"))
    dire_enregistre()
    return redirect(url_for("conseiller.dossier", uuid=uuid), 303)


def _geste(dits: MoyensDits, geste: str) -> str:
    """« Ajouter un moyen », « Ajouter des heures »: the field to start from again, or nothing."""
    nom, _, suite = geste.partition("-")
    if nom == "ajouter_moyen" and len(dits.moyens) < MOYENS_MAX:
        dits.moyens.append(MoyenDit())
        visee = f"champ-moyen-{len(dits.moyens) - 1}"
    elif nom == "ajouter_plage" and suite.isdecimal() and int(suite) < len(dits.moyens):
        rang = int(suite)
        moyen = dits.moyens[rang]
        if len(moyen.plages) >= PLAGES_MAX:
            return ""
        dits.moyens[rang] = MoyenDit(moyen.type, moyen.etat, "heures", (*moyen.plages, PlageDite()))
        visee = f"champ-de-{rang}-{len(moyen.plages)}"
    elif nom == "reprendre":  # back from « Mettre en attente », with what was being typed
        visee = "enregistrer-moyens"
    else:
        return ""
    dits.erreurs = {}
    return visee


def _page(personne: Personne, dits: MoyensDits, visee: str = "") -> str:
    return render_template(
        "conseiller/identite_moyens.html",
        personne=personne,
        dits=dits,
        erreurs=dits.erreurs,
        visee=visee,
        categories=[(c.value, libelle) for c, libelle in PERMIS.items()],
        etats=[(e.value, libelle) for e, libelle in ETATS_PERMIS.items()],
        types=[(t.value, libelle) for t, libelle in MOYENS.items() if t in TypeMoyen],
        etats_moyen=[(e.value, libelle) for e, libelle in ETATS_MOYEN.items()],
        libre=LIBRE,
        jours=[(jour.value, jour.libelle) for jour in SEMAINE],
    )
