"""The days a vehicle was hers, and what changed between its departure and its return, in the same words for both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mobilite.base import jour_local
from mobilite.etat_des_lieux import EtatDesLieux
from mobilite.flotte import dernier_jour
from mobilite.points_de_controle import Dommage, Equipement, Proprete

_PROPRETES = (Proprete.PROPRE, Proprete.A_NETTOYER, Proprete.SALE)


@dataclass(frozen=True, slots=True)
class Garde:
    """When somebody had a vehicle, by the keys: the day a sheet is signed changes nothing.

    ``debut`` and ``fin`` (excluded) are what was booked, ``remis_le`` and ``rendu_le`` the keys. ``deja_la``:
    she had it already, from the stay before. ``suite``: the first and the last day that another stay of hers,
    which follows at once, counts itself.
    """

    debut: datetime
    fin: datetime
    remis_le: datetime
    rendu_le: datetime
    deja_la: bool = False
    suite: tuple[date, date] | None = None

    @property
    def jours(self) -> tuple[date, ...]:
        """The calendar days that count, one at least.

        From the day of the keys, but not before the first day booked: the eve is free. Until the day it came
        back: days not used are not counted, days late are. No day is counted by two stays.
        """
        premier = jour_local(self.debut if self.deja_la else max(self.debut, self.remis_le))
        dernier = max(premier, dernier_jour(self.rendu_le))
        tous = [premier + timedelta(days=rang) for rang in range((dernier - premier).days + 1)]
        du, au = self.suite or (date.max, date.max)
        return tuple(jour for jour in tous if not du <= jour <= au) or (premier,)

    @property
    def retard(self) -> timedelta:
        """How long after the end agreed on; none for whoever keeps this vehicle longer."""
        if self.suite is not None and self.suite[1] == date.max:
            return timedelta(0)
        return max(timedelta(0), self.rendu_le - self.fin)


@dataclass(frozen=True, slots=True)
class Ecarts:
    """The difference between two sheets. ``None`` where one of the two does not say.

    ``jours``: those of ``Garde``. ``jauge``: what is missing
    (positive) or more than at the departure (negative), in the unit of the gauge. ``retard``: after
    the end agreed on. ``equipement_vu``: at the return, somebody looked at all that was there at the
    departure. ``km_au_dessus``: over the kilometres a day agreed on.
    """

    jours: tuple[date, ...]
    km: int | None
    jauge: int | None
    jauge_dite: str
    nouveaux: tuple[Dommage, ...]
    disparus: tuple[Dommage, ...]
    manquants: tuple[Equipement, ...]
    equipement_vu: bool
    plus_sale: bool
    retard: timedelta
    km_max_jour: float | None

    @property
    def km_au_dessus(self) -> int | None:
        """Kilometres over what was agreed on; 0 when it holds, ``None`` when nobody can tell."""
        if self.km is None or self.km_max_jour is None:
            return None
        return max(0, self.km - round(self.km_max_jour * len(self.jours)))

    def phrases(self) -> list[str]:
        """One sentence for each thing, in the order two people look at a vehicle."""
        dites = [_compte(len(self.jours), "jour")]
        if self.km is None:
            dites.append("Kilomètres : à vérifier")
        else:
            dites.append(_compte(self.km, "kilomètre"))
        if self.km_au_dessus and self.km_max_jour is not None:
            dites.append(
                f"C'est {_compte(self.km_au_dessus, 'kilomètre')} de plus que les "
                f"{self.km_max_jour:g} par jour prévus : rien n'est facturé pour cela"
            )
        dites.append(self.jauge_dite or "Niveau : rien à comparer")
        if self.retard >= timedelta(hours=1):
            dites.append(f"Rendu {_duree(self.retard)} après l'heure prévue")
        dites += [f"Nouveau dommage : {d.phrase[:1].lower()}{d.phrase[1:]}" for d in self.nouveaux]
        dites += [f"N'y est plus : {equipement.libelle.lower()}" for equipement in self.manquants]
        if self.plus_sale:
            dites.append("Moins propre qu'au départ")
        if not (self.nouveaux or self.manquants or self.plus_sale):
            dites.append("Pas de dommage nouveau noté" + (", rien ne manque" if self.equipement_vu else ""))
        if not self.equipement_vu:
            dites.append("Équipement : pas regardé en entier")
        return [f"{dite}." for dite in dites]


def comparer(
    depart: EtatDesLieux, retour: EtatDesLieux, *, garde: Garde, km_max_jour: float | None
) -> Ecarts:
    """Compare the signed departure with the return, signed or being noted."""
    km = _difference(depart.km, retour.km)
    avant = {(d.endroit, d.mots.casefold()) for d in depart.lire_dommages()}
    apres = {(d.endroit, d.mots.casefold()) for d in retour.lire_dommages()}
    jauge, jauge_dite = _jauges(depart, retour)
    return Ecarts(
        jours=garde.jours,
        km=km if km is None or km >= 0 else None,
        jauge=jauge,
        jauge_dite=jauge_dite,
        nouveaux=tuple(d for d in retour.lire_dommages() if (d.endroit, d.mots.casefold()) not in avant),
        disparus=tuple(d for d in depart.lire_dommages() if (d.endroit, d.mots.casefold()) not in apres),
        manquants=tuple(
            Equipement(code)
            for code, la in depart.equipements.items()
            if la and retour.equipements.get(code) is False
        ),
        equipement_vu=bool(retour.equipements)
        and all(code in retour.equipements for code, la in depart.equipements.items() if la),
        plus_sale=_plus_sale(depart.proprete, retour.proprete),
        retard=garde.retard,
        km_max_jour=km_max_jour,
    )


def _difference(avant: int | None, apres: int | None) -> int | None:
    return None if avant is None or apres is None else apres - avant


def _jauges(depart: EtatDesLieux, retour: EtatDesLieux) -> tuple[int | None, str]:
    if depart.jauge is None or depart.jauge is not retour.jauge:
        return None, ""
    manque = _difference(retour.niveau, depart.niveau)
    if manque is None:
        return None, ""
    quoi = depart.jauge.libelle
    if manque == 0:
        return 0, f"{quoi} : comme au départ ({depart.niveau_dit})"
    unite = f"{abs(manque)} %" if depart.jauge.plein == 100 else f"{abs(manque)}/8"
    sens = "de moins" if manque > 0 else "de plus"
    return manque, f"{quoi} : {unite} {sens} qu'au départ ({depart.niveau_dit}, puis {retour.niveau_dit})"


def _plus_sale(avant: Proprete | None, apres: Proprete | None) -> bool:
    if avant is None or apres is None:
        return False
    return _PROPRETES.index(apres) > _PROPRETES.index(avant)


def _compte(nombre: int, quoi: str) -> str:
    return f"{nombre:,} {quoi}{'s' if nombre > 1 else ''}".replace(",", "\u202f")


def _duree(duree: timedelta) -> str:
    heures = int(duree / timedelta(hours=1))
    if heures < 48:
        return _compte(heures, "heure")
    return _compte(heures // 24, "jour")
