"""« Et si les Maisons étaient ailleurs ? »: the coverage of today beside that of another list. Nothing is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from flask import render_template, request
from flask.typing import ResponseReturnValue

from geo.comparaison import Comparaison
from geo.couverture import Accueil
from mobilite.besoin import SEMAINE
from mobilite.erreurs import DonneeRefusee
from mobilite.maison_solidarite import MaisonSolidarite
from mobilite.maison_solidarite import maisons as toutes_les_maisons
from mobilite.territoire import MaisonAccueil
from web.catalogue import maisons_d_accueil
from web.communes import RIEN_DIT, CommuneDite, lire_commune
from web.erreurs import REFUS
from web.lecture_maisons import (
    COLONNES,
    COLONNES_FACULTATIVES,
    LigneRefusee,
    ListeRefusee,
    lire_maisons,
    maisons_a_l_essai,
)
from web.pilotage.carte import vue
from web.pilotage.couverture import (
    DEMONSTRATION,
    MODES,
    ORDRE,
    SOURCE_CONTOURS,
    SOURCE_POPULATION,
    Question,
    aujourd_hui,
    couverture,
    jour_demande,
    mode_demande,
    nom_court,
    seuil,
)
from web.pilotage.espace import pilotage
from web.referentiel import referentiel
from web.tableur import repondre_csv, texte_csv
from web.transaction import lecture

_ENTETE = (*COLONNES, *COLONNES_FACULTATIVES, "demonstration")
_A_L_ESSAI = "à l'essai"


@dataclass(slots=True)
class Saisie:
    """What the form holds: which Maisons stay, which one moves and where, where one is added."""

    gardees: set[str]
    deplacee: str = ""
    vers: CommuneDite = RIEN_DIT
    ajoutee: CommuneDite = RIEN_DIT
    erreurs: dict[str, str] = field(default_factory=dict)


class _Refusee(Exception):
    """The list asked for cannot be made; the form says why."""

    def __init__(self, saisie: Saisie, refusees: tuple[LigneRefusee, ...] = ()) -> None:
        super().__init__()
        self.saisie = saisie
        self.refusees = refusees


@pilotage.get("/comparer")
def comparer() -> str:
    """The form: another list as a file, or the list of today with one Maison less, moved or more."""
    return _formulaire(Saisie({str(m.uuid) for m in _actuelles()}))


@pilotage.post("/comparer")
def comparer_resultat() -> ResponseReturnValue:
    """The two maps and what changes. There is nothing to come back to: no redirect."""
    try:
        liste = _liste()
    except _Refusee as refus:
        return _formulaire(refus.saisie, refus.refusees), REFUS
    avant, apres = _questions(liste)
    comparaison = Comparaison(couverture(avant), couverture(apres))
    population = [(v, comparaison.avant.population()[v], comparaison.apres.population()[v]) for v in ORDRE]
    partent, arrivent = _ecarts(avant.maisons, apres.maisons)
    return render_template(
        "pilotage/comparaison.html",
        comparaison=comparaison,
        changements=comparaison.changements(),
        vues=[vue(avant, "Aujourd’hui", "-avant"), vue(apres, "Avec cette liste", "-apres")],
        population=population,
        liste=liste,
        partent=partent,
        arrivent=arrivent,
        modes=MODES,
        jour=avant.jour,
        jours=[(j.value, j.libelle) for j in SEMAINE],
        le=avant.le,
        seuil=seuil(avant.le),
        nom_court=nom_court,
        source_population=SOURCE_POPULATION,
        source_contours=SOURCE_CONTOURS,
    )


@pilotage.post("/comparer.csv")
def comparer_csv() -> ResponseReturnValue:
    """Every commune, before and after."""
    try:
        avant, apres = _questions(_liste())
    except _Refusee as refus:
        return _formulaire(refus.saisie, refus.refusees), REFUS
    de, a = couverture(avant), couverture(apres)
    entete = (
        "insee", "commune", "habitants", "canton", "epci",
        *(f"{nom}_{quand}" for quand in ("avant", "apres") for nom in ("verdict", "minutes_min", "minutes_max", "maison")),
        "change", "mode", "jour", "seuil_min", "methode", "calcule_le", "source_population",
    )  # fmt: skip
    lignes = [
        (
            x.commune.insee,
            x.commune.nom,
            x.commune.population,
            x.commune.canton_nom,
            x.commune.epci_nom,
            *_reponse(x),
            *_reponse(y),
            "oui" if x.verdict is not y.verdict else "non",
            de.mode.libelle,
            de.jour.libelle if de.jour else "tous",
            de.seuil_min,
            de.methode,
            avant.le.isoformat(),
            SOURCE_POPULATION,
        )
        for x, y in zip(de.communes, a.communes, strict=True)
    ]
    return repondre_csv(f"comparaison-{de.mode.value}-{avant.le:%Y-%m-%d}.csv", entete, lignes)


def _reponse(accueil: Accueil) -> tuple[str, float | None, float | None, str | None]:
    duree = accueil.duree
    return (
        accueil.verdict.value,
        duree.min if duree else None,
        duree.max if duree else None,
        accueil.maison.nom if accueil.maison else None,
    )


def _questions(liste: str) -> tuple[Question, Question]:
    """The question about the Maisons of today and the same about another list."""
    with lecture() as session:
        maisons = maisons_d_accueil(session)
    avant = Question(maisons, mode_demande(MODES, "mode"), aujourd_hui(), jour_demande())
    lues = lire_maisons(liste.encode(), referentiel().territoire, demonstration=None)
    return avant, replace(avant, maisons=maisons_a_l_essai(lues))


def _liste() -> str:
    """The other list as a CSV text that reads well, whichever way it was asked for. Raises ``_Refusee``."""
    actuelles = _actuelles()
    saisie = Saisie({str(m.uuid) for m in actuelles})
    liste = request.form.get("liste", "")
    if not liste and request.form.get("depuis") == "maisons":
        liste = _modifier(actuelles, _lire_saisie(actuelles))
    octets = liste.encode()
    if not liste:
        fichier = request.files.get("fichier")
        octets = fichier.read() if fichier and fichier.filename else b""
    if not octets:
        saisie.erreurs["fichier"] = "Choisissez un fichier CSV qui contient au moins une Maison."
        raise _Refusee(saisie)
    try:
        lues = lire_maisons(octets, referentiel().territoire, demonstration=None)
    except ListeRefusee as refus:
        raise _Refusee(saisie, refus.lignes) from None
    except DonneeRefusee as refus:
        saisie.erreurs["fichier"] = refus.phrase
        raise _Refusee(saisie) from None
    return _en_texte(lues)


def _lire_saisie(actuelles: Sequence[MaisonSolidarite]) -> Saisie:
    connues = {str(m.uuid) for m in actuelles}
    saisie = Saisie(
        set(request.form.getlist("garder")) & connues,
        request.form.get("deplacer", ""),
        lire_commune(request.form, "vers"),
        lire_commune(request.form, "ajouter"),
    )
    if saisie.deplacee not in connues:
        saisie.deplacee = ""
    for nom, dite in (("vers", saisie.vers), ("ajouter", saisie.ajoutee)):
        if dite.erreur:
            saisie.erreurs[nom] = dite.erreur
        elif dite.insee and not dite.insee.startswith(referentiel().territoire.departement):
            saisie.erreurs[nom] = "Choisissez une commune du département."
    if saisie.deplacee and not saisie.vers.texte:
        saisie.erreurs["vers"] = "Dites dans quelle commune elle irait."
    if saisie.vers.texte and not saisie.deplacee:
        saisie.erreurs["deplacer"] = "Dites quelle Maison changerait de commune."
    if not saisie.gardees and not saisie.deplacee and not saisie.ajoutee.texte:
        saisie.erreurs["garder"] = "Gardez au moins une Maison, ou ajoutez-en une."
    if saisie.erreurs:
        raise _Refusee(saisie)
    return saisie


def _modifier(actuelles: Sequence[MaisonSolidarite], saisie: Saisie) -> str:
    """The list of today with what the form changes; a Maison on trial stands at the town hall."""
    liste = [
        _a_l_essai(str(saisie.vers.insee), m) if str(m.uuid) == saisie.deplacee else m
        for m in actuelles
        if str(m.uuid) in saisie.gardees | {saisie.deplacee}
    ]
    if saisie.ajoutee.insee:
        liste.append(_a_l_essai(saisie.ajoutee.insee, None))
    return _en_texte(liste)


def _a_l_essai(insee: str, deplacee: MaisonSolidarite | None) -> MaisonSolidarite:
    commune = referentiel().territoire.communes[insee]
    return MaisonSolidarite(
        nom=f"Maison de la Solidarité de {commune.nom} ({_A_L_ESSAI})",
        adresse=f"Mairie de {commune.nom}, {_A_L_ESSAI}",
        insee=insee,
        lon=commune.position.lon,
        lat=commune.position.lat,
        source="Comparaison",
        date_source=aujourd_hui(),
        demonstration=deplacee.demonstration if deplacee else False,
        horaires=deplacee.horaires if deplacee else None,
    )


def _en_texte(maisons: Sequence[MaisonSolidarite]) -> str:
    return texte_csv(
        _ENTETE,
        [
            (
                m.nom,
                m.adresse,
                m.insee,
                m.lon,
                m.lat,
                m.source,
                m.date_source.isoformat(),
                m.horaires,
                "oui" if m.demonstration else "non",
            )
            for m in maisons
        ],
    )


def _ecarts(avant: Sequence[MaisonAccueil], apres: Sequence[MaisonAccueil]) -> tuple[list[str], list[str]]:
    """The names that leave and those that come, as they are said under a heading."""
    a, b = ({(m.nom, m.lieu): nom_court(m) for m in liste} for liste in (avant, apres))
    return [nom for cle, nom in a.items() if cle not in b], [nom for cle, nom in b.items() if cle not in a]


def _actuelles() -> list[MaisonSolidarite]:
    with lecture() as session:
        return list(session.scalars(toutes_les_maisons()))


def _formulaire(saisie: Saisie, refusees: tuple[LigneRefusee, ...] = ()) -> str:
    actuelles = _actuelles()
    return render_template(
        "pilotage/comparer.html",
        saisie=saisie,
        erreurs=saisie.erreurs,
        refusees=refusees,
        choix_maisons=[(str(m.uuid), m.nom.removesuffix(DEMONSTRATION)) for m in actuelles],
        modes=MODES,
        mode=mode_demande(MODES, "mode"),
        jour=jour_demande(),
        jours=[(j.value, j.libelle) for j in SEMAINE],
        colonnes=COLONNES,
        facultatives=COLONNES_FACULTATIVES,
    )
