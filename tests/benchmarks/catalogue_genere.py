"""Catalogues of varied offers, drawn from a seed, in the documented format (``docs/offre.md``).

Nothing here is real. The shares are a guess at what a département holds once neighbours, associations,
garages and lines are all in: three services in ten say their departures, most others their hours; two
offers in three ask for something; one in seven does not say its price. They are written below, to be
argued with. 2 000 offers hold some 970 condition trees, 440 timetables, 230 lines, 1 200 prices and 480
zones that differ: nothing is repeated to flatter a memory.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from mobilite.territoire import Territoire

JOURS = ["lun", "mar", "mer", "jeu", "ven", "sam", "dim"]
GENRES = {
    "location_voiture": 11, "location_voiturette": 5, "location_scooter": 4, "location_vae": 6, "location_velo": 4,
    "autopartage": 4, "vente": 3, "transport_solidaire": 11, "covoiturage": 14, "auto_stop": 1,
    "transport_a_la_demande": 8, "car_regulier": 5, "navette_employeur": 2, "transport_medical": 2,
    "garage_solidaire": 5, "auto_ecole_sociale": 4, "code_fle": 2, "atelier": 3, "aide_financiere": 4,
    "microcredit": 1, "accompagnement": 1,
}  # fmt: skip
"""Per cent of the catalogue."""
_CONDUITS = {
    "location_voiture": "voiture",
    "autopartage": "voiture",
    "vente": "voiture",
    "location_voiturette": "voiturette",
    "location_scooter": "scooter50",
    "location_vae": "vae",
    "location_velo": "velo",
}
_EN_LIGNE = {"car_regulier": 0.9, "covoiturage": 0.4, "navette_employeur": 0.5}
"""How many say their departures; the others say hours, or nothing."""
_SERVICES = ("transport_solidaire", "covoiturage", "transport_a_la_demande", "navette_employeur", "transport_medical",
             "auto_stop", "car_regulier")  # fmt: skip
_MOTIFS = ["emploi", "entretien", "formation", "stage", "sante", "administratif", "famille", "courses"]
_STATUTS = ["rsa", "demandeur_emploi", "salarie", "etudiant", "apprenti", "retraite", "interim", "aah", "ass"]


class Tirage:
    """Draws offers over the communes of a territory, as if on a day."""

    def __init__(self, territoire: Territoire, le: date, graine: int) -> None:
        self._hasard = random.Random(graine)
        self._le = le
        self._communes = sorted(c.insee for c in territoire.communes.values() if c.departement == "55")
        # Where people go: the biggest communes take most of the departures.
        bourgs = sorted(self._communes, key=lambda i: -territoire.communes[i].population)
        self._bourgs, self._villes = bourgs[:40], bourgs[:8]
        self._epci = sorted(
            {c.epci_siren for c in territoire.communes.values() if c.departement == "55" and c.epci_siren}
        )

    def offres(self, nombre: int) -> list[dict[str, Any]]:
        """So many offers."""
        genres = self._hasard.choices(list(GENRES), list(GENRES.values()), k=nombre)
        return [self._offre(f"o{rang:05}", genre) for rang, genre in enumerate(genres)]

    def _offre(self, identifiant: str, genre: str) -> dict[str, Any]:
        h = self._hasard
        offre: dict[str, Any] = {
            "id": identifiant,
            "nom": f"{genre.replace('_', ' ')} {identifiant}",
            "genre": genre,
            "structure": {
                "nom": f"Structure {h.randrange(300)}",
                "telephone": f"03 53 01 {h.randrange(100):02} 00",
            },
            "demonstration": True,
        }
        if h.random() < 0.45:
            offre["zone"] = self._zone()
        if genre in _SERVICES and h.random() < 0.2:
            offre["zone_arrivee"] = self._zone()
        if h.random() < (0.8 if genre == "transport_medical" else 0.06):
            offre["motifs"] = (
                ["sante"] if genre == "transport_medical" else h.sample(_MOTIFS, h.randint(3, 6))
            )
        if h.random() < 0.65:
            offre["conditions"] = self._conditions()
        if h.random() < 0.86:
            offre["prix"] = self._prix(genre)
        self._temps(offre, genre)
        self._vehicule(offre, genre)
        self._place(offre, genre)
        if h.random() < 0.5:
            offre["verifiee_le"] = (self._le - timedelta(days=h.randrange(0, 240))).isoformat()
        return offre

    def _zone(self) -> dict[str, Any]:
        """A third the département, a third around a commune, then intercommunalities and lists."""
        h = self._hasard
        forme = h.random()
        if forme < 0.35:
            return {"departement": "55"}
        if forme < 0.7:
            return {"autour": h.choice(self._bourgs), "rayon_km": h.randrange(15, 61, 5)}
        if forme < 0.85:
            return {"epci": h.sample(self._epci, h.randint(1, 4))}
        return {"communes": h.sample(self._communes, h.randint(5, 60))}

    def _conditions(self) -> dict[str, Any]:
        """One to four requirements; one tree in five holds an alternative, one in ten an exclusion."""
        h = self._hasard
        demandes = [self._exigence() for _ in range(h.choice([1, 1, 2, 2, 3, 4]))]
        if h.random() < 0.2:
            demandes.append({"un_de": [self._exigence(), self._exigence()]})
        if h.random() < 0.1:
            demandes.append(
                {"sauf": {"fait": "statuts", "parmi": ["retraite"], "phrase": "Être à la retraite."}}
            )
        return demandes[0] if len(demandes) == 1 else {"tous": demandes}

    def _exigence(self) -> dict[str, Any]:
        h = self._hasard
        montant = h.randrange(900, 2500, 50)
        return h.choice(
            [
                {"fait": "age", "au_moins": (ans := h.choice([16, 18, 18, 18, 20, 21])), "phrase": f"Avoir {ans} ans."},
                {"fait": "age", "au_plus": (ans := h.choice([26, 30, 60, 65, 75])), "phrase": f"Moins de {ans} ans."},
                {"fait": "statuts", "parmi": h.sample(_STATUTS, h.randint(2, 6)), "phrase": "Selon la situation."},
                {"fait": "ressources_mois", "au_plus": montant, "phrase": f"Moins de {montant} € par mois."},
                {"fait": "ressources_mois", "au_plus": "c2s_gratuite", "phrase": "Sous le plafond de la C2S."},
                {"fait": "permis", "parmi": h.choice([["B"], ["B", "B78"], ["AM", "B"]]), "phrase": "Avoir le permis."},
                {"fait": "prescripteur", "parmi": ["departement", "france_travail", "ccas"], "phrase": "Être orientée."},
                {"fait": "telephone", "parmi": ["smartphone"], "phrase": "Réserver par une application."},
                {"fait": "caution_possible", "au_moins": h.choice([50, 100, 200]), "phrase": "Pouvoir verser la caution."},
                {"fait": "c2s", "est": True, "phrase": "Avoir la C2S."},
                {"fait": "piece_identite", "est": True, "phrase": "Avoir une pièce d'identité."},
                {"fait": "residence", "parmi": ["55181", *h.sample(self._communes, 20)], "phrase": "Habiter le secteur."},
            ]
        )  # fmt: skip

    def _prix(self, genre: str) -> dict[str, Any]:
        h = self._hasard
        if h.random() < 0.15:
            return {"gratuit": True}
        prix: dict[str, Any] = {}
        if genre in _CONDUITS:
            prix["jour"] = h.randrange(4, 31) / 2
            if h.random() < 0.6:
                prix["semaine"] = h.randrange(10, 61)
            if h.random() < 0.6:
                prix["mois"] = h.randrange(30, 181, 5)
            prix["caution"] = h.randrange(0, 501, 50)
        elif genre in ("transport_solidaire", "covoiturage", "transport_medical", "auto_stop"):
            prix["km"] = h.randrange(8, 41) / 100
        elif genre in _SERVICES:
            prix["trajet"] = h.randrange(0, 25) / 4
            if h.random() < 0.4:
                prix["mois"] = h.randrange(15, 91)
        else:
            prix["forfait"] = h.randrange(0, 401, 10)
        if h.random() < 0.4:
            prix["adhesion"] = h.randrange(2, 31)
        return prix

    def _temps(self, offre: dict[str, Any], genre: str) -> None:
        h = self._hasard
        if genre in _SERVICES:
            if h.random() < _EN_LIGNE.get(genre, 0.0):
                offre["courses"] = self._courses(genre)
            elif h.random() < 0.1:
                offre["permanent"] = True
            elif h.random() < 0.88:
                offre["horaires"] = self._horaires()
            if h.random() < 0.6:
                offre["jours_feries"] = h.random() < 0.3
        if h.random() < 0.4:
            offre["preavis_heures"] = h.choice([2, 4, 12, 24, 24, 48, 48, 72, 96])
        if genre not in _SERVICES and h.random() < 0.3:
            offre["delai_jours"] = h.choice([1, 2, 3, 7, 10, 14, 21, 30, 60])

    def _horaires(self) -> list[dict[str, Any]]:
        """Mostly working days; quarters of an hour around 6 h 30 – 20 h; a lunch break in one of seven."""
        h = self._hasard
        forme = h.random()
        if forme < 0.4:
            jours = JOURS[:5]
        elif forme < 0.6:
            jours = JOURS[:6]
        elif forme < 0.9:
            jours = JOURS
        else:
            jours = sorted(h.sample(JOURS, h.randint(1, 4)), key=JOURS.index)
        de = 15 * round(h.triangular(16, 38, 24))
        a = 15 * round(h.triangular(66, 95, 80))
        if h.random() < 0.15:
            return [
                {"jours": jours, "de": _heure(de), "a": _heure(15 * h.randrange(46, 51))},
                {"jours": jours, "de": _heure(15 * h.randrange(53, 58)), "a": _heure(a)},
            ]
        return [{"jours": jours, "de": _heure(de), "a": _heure(a)}]

    def _courses(self, genre: str) -> list[dict[str, Any]]:
        """A line: three to six stops, two to five runs each way; a driver: one run each way."""
        h = self._hasard
        car = genre == "car_regulier"
        arrets = (
            h.sample(self._bourgs, h.randint(3, 6))
            if car
            else [h.choice(self._bourgs), h.choice(self._villes)]
        )
        if arrets[0] == arrets[-1]:
            arrets[0] = next(b for b in self._bourgs if b != arrets[-1])
        jours = h.choice([JOURS[:5], JOURS[:5], JOURS[:6], JOURS, h.sample(JOURS, 3)])
        courses = []
        for sens in (1, -1):
            for _ in range(h.randint(2, 5) if car else 1):
                depart = h.randrange(330, 560, 5) if sens == 1 else h.randrange(960, 1200, 5)
                passages = [(arret, depart + 18 * rang) for rang, arret in enumerate(arrets[::sens])]
                for rang, (de, part) in enumerate(passages):
                    for vers, arrive in passages[rang + 1 :]:
                        courses.append(
                            {
                                "jours": jours,
                                "de": de,
                                "depart": _heure(part),
                                "a": vers,
                                "arrivee": _heure(arrive),
                            }
                        )
        return courses

    def _vehicule(self, offre: dict[str, Any], genre: str) -> None:
        h = self._hasard
        if genre in _CONDUITS and h.random() < 0.8:
            offre["vehicule"] = {"categorie": _CONDUITS[genre]}
            if _CONDUITS[genre] == "voiture":
                offre["vehicule"] |= {
                    "boite": h.choice(["manuelle", "automatique"]),
                    "places": h.choice([2, 4, 5, 7]),
                }
        elif genre in _SERVICES and h.random() < 0.7:
            offre["places"] = h.choice([1, 2, 3, 3, 4, 7, 8])
        if h.random() < 0.3:
            offre["fauteuil"] = h.random() < 0.4
        if h.random() < 0.2:
            offre["km_max_jour"] = h.randrange(50, 301, 10)
        if genre in _SERVICES and h.random() < 0.3:
            offre["km_max_trajet"] = h.randrange(20, 121, 5)
        if genre in _CONDUITS and h.random() < 0.5:
            offre["duree_max_jours"] = h.choice([7, 15, 30, 30, 60, 90, 180])

    def _place(self, offre: dict[str, Any], genre: str) -> None:
        """A live calendar for one rental in five; else a name and a day, often old, often nobody."""
        h = self._hasard
        if genre in _CONDUITS and h.random() < 0.2:
            du = [self._le + timedelta(days=h.randrange(-10, 40)) for _ in range(h.randrange(0, 7))]
            occupations = [
                {"du": j.isoformat(), "au": (j + timedelta(days=h.randrange(1, 20))).isoformat()} for j in du
            ]
            offre["calendrier"] = {"vehicules": h.randint(1, 6), "occupations": occupations}
        elif h.random() < 0.6:
            jour = self._le - timedelta(days=h.randrange(0, 14))
            offre["confirmation"] = {"par": f"Personne {h.randrange(90)}", "le": jour.isoformat()}


def _heure(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def une_situation() -> dict[str, Any]:
    """Somebody of Étain, five needs, each every day of the week both ways, no two days quite alike."""
    return {
        "annee_naissance": 1992,
        "depart": [{"insee": "55181"}],
        "permis": {"type": "B", "obtenu_le": "2015-05-01"},
        "moyens": [{"type": "velo", "etat": "roulant"}],
        "reponses": {
            "D0_statuts": ["rsa", "demandeur_emploi"],
            "D3_c2s": True,
            "D6_velo": "oui",
            "D8_telephone": "smartphone",
        },
        "besoins": [
            _besoin("usine", "55545", "emploi", 5 * 60, 13 * 60),
            _besoin("bureau", "55545", "formation", 8 * 60, 16 * 60 + 30),
            _besoin("hopital", "55029", "sante", 14 * 60, 16 * 60),
            _besoin("famille", "55122", "famille", 10 * 60, 19 * 60),
            _besoin("soir", "55502", "stage", 13 * 60, 20 * 60 + 45),
        ],
    }


def _besoin(identifiant: str, destination: str, motif: str, arrivee: int, retour: int) -> dict[str, Any]:
    cycle = [
        {"jours": [jour], "arrivee": _heure(arrivee + 5 * rang), "retour": _heure(retour + 5 * rang)}
        for rang, jour in enumerate(JOURS)
    ]
    return {"id": identifiant, "destination": destination, "motif": motif, "cycle": cycle}
