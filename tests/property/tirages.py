"""Any offer and any situation of the documented formats, small enough to be read when a law breaks."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.unit.essai import besoin, situation
from tests.unit.lecture import BAR_LE_DUC, ETAIN, VERDUN

REPONSES = {
    "D0_statuts": st.sampled_from([["rsa"], ["salarie"], ["demandeur_emploi", "rsa"], ["retraite"]]),
    "D3_c2s": st.booleans(),
    "D3_ressources": st.sampled_from(["600_900", "1200_1500"]),
    "D4_marche_15_min": st.booleans(),
    "D4_fauteuil": st.booleans(),
    "D4_contre_indication": st.sampled_from(["oui", "non"]),
    "D6_velo": st.sampled_from(["oui", "non"]),
    "D1_nuit_hiver": st.booleans(),
    "D8_telephone": st.sampled_from(["aucun", "appels_sms", "smartphone"]),
}
CONDITIONS = st.recursive(
    st.one_of(
        st.builds(lambda n: {"fait": "age", "au_moins": n}, st.integers(14, 70)),
        st.builds(lambda n: {"fait": "age", "au_plus": n}, st.integers(14, 70)),
        st.sampled_from(
            [
                {"fait": "statuts", "parmi": ["rsa"]},
                {"fait": "c2s", "est": True},
                {"fait": "marche_15_min", "est": True},
                {"fait": "telephone", "parmi": ["smartphone"]},
                {"fait": "permis", "parmi": ["B"]},
                {"fait": "motif", "parmi": ["emploi", "sante"]},
                {"fait": "ressources_mois", "au_plus": "c2s_gratuite"},
            ]
        ),
    ),
    lambda sous: st.one_of(
        st.lists(sous, max_size=3).map(lambda c: {"tous": c}),
        st.lists(sous, min_size=1, max_size=3).map(lambda c: {"un_de": c}),
        sous.map(lambda c: {"sauf": c}),
    ),
    max_leaves=6,
)
_GENRES = st.sampled_from(
    ["location_voiture", "location_velo", "location_vae", "location_voiturette", "location_scooter", "autopartage",
     "covoiturage", "transport_solidaire", "transport_a_la_demande", "car_regulier", "auto_stop",
     "aide_financiere", "auto_ecole_sociale"]
)  # fmt: skip
_JOURS = st.lists(st.sampled_from(["lun", "mar", "ven", "dim"]), min_size=1, max_size=3, unique=True)
_PLAGES = st.lists(
    st.builds(
        lambda jours, de, a: {"jours": jours, "de": de, "a": a},
        _JOURS,
        st.sampled_from(["05:00", "07:00", "07:45", "12:00", "22:00"]),
        st.sampled_from(["06:00", "09:00", "16:40", "17:00", "23:59"]),
    ),
    max_size=2,
)
_COMMUNES = st.sampled_from([ETAIN, VERDUN, BAR_LE_DUC])
_COURSES = st.lists(
    st.builds(
        lambda jours, de, depart, a, arrivee: {
            "jours": jours, "de": de, "depart": depart, "a": a, "arrivee": arrivee
        },
        _JOURS,
        _COMMUNES,
        st.sampled_from(["04:20", "07:10", "16:45", "19:00"]),
        _COMMUNES,
        st.sampled_from(["04:50", "07:45", "17:20", "19:30"]),
    ).filter(lambda c: c["de"] != c["a"]),
    min_size=1,
    max_size=4,
)  # fmt: skip
_ZONES = st.sampled_from([{"communes": [ETAIN]}, {"communes": [BAR_LE_DUC]}, {"communes": [ETAIN, VERDUN]}])
_PRIX = st.sampled_from(
    [
        {"gratuit": True},
        {"jour": 4, "caution": 50},
        {"jour": 4, "mois": 60, "adhesion": 3},
        {"km": 0.3},
        {"km": 0.1, "trajet": 2},
        {"semaine": 12},
        {"forfait": 80},
    ]
)
_DATES = st.sampled_from(["2026-03-10", "2026-03-16", "2026-03-20", "2026-04-06", "2026-05-01"])
CHAMPS: dict[str, st.SearchStrategy[Any]] = {
    "conditions": CONDITIONS,
    "horaires": _PLAGES,
    "permanent": st.booleans(),
    "courses": _COURSES,
    "zone": _ZONES,
    "zone_arrivee": _ZONES,
    "motifs": st.sampled_from([["emploi"], ["sante", "courses"]]),
    "confirmation": st.builds(lambda le: {"par": "M. Petit", "le": le}, st.sampled_from(["2026-02-01", "2026-03-10"])),
    "calendrier": st.builds(
        lambda n, jours: {"vehicules": n, "occupations": [{"du": j, "au": "2026-05-01"} for j in jours]},
        st.integers(0, 2),
        st.lists(_DATES, max_size=2),
    ),
    "preavis_heures": st.sampled_from([24, 72, 130]),
    "delai_jours": st.sampled_from([1, 10]),
    "duree_max_jours": st.sampled_from([3, 30]),
    "km_max_jour": st.sampled_from([30, 36, 50]),
    "km_max_trajet": st.sampled_from([10, 18, 25]),
    "jours_feries": st.booleans(),
    "places": st.sampled_from([0, 1, 2, 4]),
    "fauteuil": st.booleans(),
    "prix": _PRIX,
    "vehicule": st.sampled_from(
        [
            {"categorie": "voiture", "boite": "manuelle", "places": 5},
            {"categorie": "voiture", "boite": "automatique"},
            {"categorie": "voiture", "places": 2, "fauteuil": True},
            {"categorie": "scooter125"},
            {"categorie": "vae"},
        ]
    ),
    "verifiee_le": st.sampled_from(["2025-01-01", "2026-03-01"]),
    "structure": st.sampled_from(["Les Roues", "Le Garage"]),
}  # fmt: skip
"""Each field of an offer that a rule may read, and values that change answers."""


@st.composite
def offres(draw: st.DrawFn, identifiant: str = "o", au_plus: int = 6) -> dict[str, Any]:
    """An offer that says some of its fields."""
    dits = draw(st.sets(st.sampled_from(sorted(CHAMPS)), max_size=au_plus))
    fiche: dict[str, Any] = {"id": identifiant, "nom": "Offre", "genre": draw(_GENRES)}
    return fiche | {champ: draw(CHAMPS[champ]) for champ in sorted(dits)}


@st.composite
def familles(draw: st.DrawFn, champ: str) -> list[dict[str, Any]]:
    """One offer that says little else, told with several values of one field, or without it."""
    fiche = draw(offres("f", au_plus=2))
    sans = {cle: valeur for cle, valeur in fiche.items() if cle != champ}
    dites = draw(st.lists(CHAMPS[champ], min_size=2, max_size=4))
    return [sans | {"id": "sans"}, *(sans | {"id": f"f{rang}", champ: v} for rang, v in enumerate(dites))]


@st.composite
def catalogues(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A few offers, each told again with one field otherwise: what a rule forgets to read shows."""
    fiches: list[dict[str, Any]] = []
    for rang in range(draw(st.integers(1, 3))):
        fiche = draw(offres(f"o{rang}"))
        fiches.append(fiche)
        champ = draw(st.sampled_from(sorted(CHAMPS)))
        copies = draw(st.lists(CHAMPS[champ], max_size=3))
        fiches += [fiche | {"id": f"o{rang}-{copie}", champ: valeur} for copie, valeur in enumerate(copies)]
        if draw(st.booleans()):
            fiches.append(fiche | {"id": f"o{rang}-genre", "genre": draw(_GENRES)})
    return fiches


@st.composite
def situations(draw: st.DrawFn, au_plus: int = 1) -> dict[str, Any]:
    """Somebody of whom some things are known, with one need or more."""
    reponses = {c: draw(s) for c, s in REPONSES.items() if draw(st.booleans())}
    personne = situation(reponses=reponses, rattachement=draw(st.sampled_from([ETAIN, BAR_LE_DUC])))
    for champ in ("annee_naissance", "permis", "moyens", "depart", "rattachement"):
        if draw(st.integers(0, 3)) == 0:
            del personne[champ]
    if "permis" in personne:
        etat = draw(st.sampled_from(["valide", "suspendu", "a_verifier"]))
        personne["permis"] = {"type": draw(st.sampled_from(["B", "aucun", "B78", "AM"])), "etat": etat}
    if "depart" in personne and draw(st.booleans()):
        demenage = draw(st.sampled_from(["2026-03-18", "2026-04-15"]))
        personne["depart"] = [
            {"insee": ETAIN, "au": demenage},
            {"insee": draw(st.sampled_from([BAR_LE_DUC, VERDUN])), "du": demenage},
        ]
    personne["besoins"] = [draw(besoins(f"b{rang}")) for rang in range(draw(st.integers(1, au_plus)))]
    return personne


@st.composite
def besoins(draw: st.DrawFn, identifiant: str) -> dict[str, Any]:
    """A need on some days, on dates, or whose days nobody said."""
    dit = besoin(
        id=identifiant,
        avec=draw(st.sampled_from([[], [], ["enfant"], ["fauteuil"]])),
        motif=draw(st.sampled_from(["emploi", "sante", "courses", None])),
        destination=draw(st.sampled_from([VERDUN, BAR_LE_DUC])),
    )
    heures: dict[str, Any] = {
        "arrivee": draw(st.sampled_from(["05:00", "08:00", "22:00", None])),
        "retour": draw(st.sampled_from(["16:30", "05:00", None])),
    }
    forme = draw(st.sampled_from(["cycle", "cycle", "dates", "rien", "libre"]))
    if forme == "dates":
        jours = draw(st.lists(_DATES, min_size=1, max_size=3, unique=True))
        dit = {k: v for k, v in dit.items() if k != "cycle"} | {
            "dates": [{"date": j} | heures for j in jours]
        }
    elif forme == "rien":
        del dit["cycle"]
    else:
        jours = draw(st.lists(st.sampled_from(["lun", "mar", "sam"]), min_size=1, max_size=3, unique=True))
        dit["cycle"] = [{"jours": jours, **heures}]
    if forme == "libre":
        dit |= {
            "destination": None,
            "lieu_libre": {"nom": "Luxembourg", "minutes": draw(st.sampled_from([None, 65]))},
        }
    if draw(st.booleans()):
        dit["premier_jour"] = draw(_DATES)
    if draw(st.booleans()):
        dit["connu_le"] = draw(_DATES)
    return dit
