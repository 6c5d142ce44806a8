"""Several versions of the questionnaire living together, and what became of each question.

Each version stands whole in its own folder; ``courante.toml`` names the one that is asked today. A
version that follows another says in ``correspondances.toml`` what was reworded, split and removed:
an old diagnostic keeps its own words, and its answers still serve.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mobilite.besoin import Valeur
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.question import NE_SAIT_PAS, Item
from mobilite.questionnaire import ENTETE, Questionnaire, lire_questionnaire
from mobilite.toml import FichierRefuse, TableToml, lire_toml

COURANTE = "courante.toml"
CORRESPONDANCES = "correspondances.toml"


class Lien(StrEnum):
    """What became of a question from one version to the next."""

    REFORMULEE = "reformulee"
    SCINDEE = "scindee"
    RETIREE = "retiree"

    @property
    def libelle(self) -> str:
        """The word shown beside the question."""
        return {"reformulee": "reformulée", "scindee": "séparée en deux", "retiree": "retirée"}[self.value]


@dataclass(frozen=True, slots=True)
class Correspondance:
    """What became of question ``code``: the codes that carry it now (none when removed), and why.

    ``valeurs`` says, for a split question, what each old answer says to the new ones; what is not
    there says nothing to them.
    """

    code: str
    lien: Lien
    vers: tuple[str, ...]
    raison: str
    valeurs: Mapping[str, Mapping[str, Valeur]] = field(default_factory=lambda: MappingProxyType({}))

    def traduire(self, item: Item, valeur: Valeur) -> dict[str, Valeur]:
        """The answers of the new version that an old answer gives; ``item`` is the old question."""
        if self.lien is Lien.REFORMULEE or valeur is None or valeur == NE_SAIT_PAS:
            # Whoever would not or could not answer the whole is not asked each half again.
            return dict.fromkeys(self.vers, valeur)
        choix = item.choix_de(valeur)
        return dict(self.valeurs.get(choix.valeur, {})) if choix else {}


@dataclass(frozen=True)
class Passage:
    """One step from a version to the next."""

    de: str
    vers: str
    correspondances: tuple[Correspondance, ...]

    @cached_property
    def par_code(self) -> Mapping[str, Correspondance]:
        """By old code."""
        return MappingProxyType({c.code: c for c in self.correspondances})


@dataclass(frozen=True)
class Questionnaires:
    """Every version, oldest first, the one that is asked today, and the steps between them."""

    versions: tuple[Questionnaire, ...]
    courante: Questionnaire
    passages: tuple[Passage, ...]

    def de(self, version: str) -> Questionnaire:
        """The questionnaire of a version; today's when that version is no longer known."""
        return next((q for q in self.versions if q.version == version), self.courante)

    def passages_entre(self, de: str, vers: str) -> tuple[Passage, ...]:
        """The steps that lead from a version to a later one, in order; none when there is no way."""
        rangs = {q.version: rang for rang, q in enumerate(self.versions)}
        if de not in rangs or vers not in rangs:
            return ()
        return self.passages[rangs[de] : rangs[vers]]

    def traduire(
        self, reponses: Mapping[str, Valeur], *, de: str, vers: str | None = None
    ) -> dict[str, Valeur]:
        """Answers read in version ``de`` as they are said in a later one (today's unless told)."""
        traduites = dict(reponses)
        for passage in self.passages_entre(de, vers or self.courante.version):
            ancien = self.de(passage.de)
            for correspondance in passage.correspondances:
                if correspondance.code in traduites:
                    valeur = traduites.pop(correspondance.code)
                    traduites |= correspondance.traduire(ancien.par_code[correspondance.code], valeur)
        return traduites

    def relire(self, version: str, gardees: Mapping[str, Any]) -> dict[str, Valeur]:
        """Stored answers read with the questions they answered, said with today's."""
        return self.traduire(self.de(version).relire(gardees), de=version)

    def lire_reponses(self, champ: Champ) -> Mapping[str, Valeur]:
        """Validate an object of answers; the code of an older version still says what it said.

        Raises ``DonneeRefusee`` naming the first code or value that does not fit.
        """
        if not isinstance(champ.valeur, dict):
            return self.courante.lire_reponses(champ)
        anciennes: dict[str, Valeur] = {}
        for questionnaire in self.versions:
            seules = {
                code: valeur
                for code, valeur in champ.valeur.items()
                if code not in self.courante.par_code and code in questionnaire.par_code
            }
            lues = questionnaire.lire_reponses(Champ(seules, champ.chemin, champ.ignores))
            anciennes |= self.traduire(lues, de=questionnaire.version)
        d_aujourdhui = {
            code: valeur
            for code, valeur in champ.valeur.items()
            if not any(code in q.par_code for q in self.versions) or code in self.courante.par_code
        }
        lues = self.courante.lire_reponses(Champ(d_aujourdhui, champ.chemin, champ.ignores))
        return MappingProxyType(anciennes | dict(lues))

    def dites(self, diagnostics: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Valeur]:
        """Everything said so far, in today's words: (version, stored answers), the latest speaks."""
        return {
            code: valeur
            for version, gardees in diagnostics
            for code, valeur in self.relire(version, gardees).items()
        }


def lire_questionnaires(dossier: Path) -> Questionnaires:
    """Read every version of a folder. Raises ``FichierRefuse`` at the first thing that does not fit."""
    table = TableToml(lire_toml(dossier / COURANTE), COURANTE)
    nommee = table.texte("version")
    table.finir()
    lues = {d.name: lire_questionnaire(d) for d in sorted(dossier.iterdir()) if (d / ENTETE).is_file()}
    for nom, questionnaire in lues.items():
        if questionnaire.version != nom:
            raise FichierRefuse(
                f"{nom}/{ENTETE}", "", "version", f"« {nom} », le nom du dossier, est attendu."
            )
    if nommee not in lues:
        raise FichierRefuse(COURANTE, "", "version", f"aucun dossier ne s'appelle « {nommee} ».")
    passages = {p.vers: p for p in _lire_passages(dossier, lues)}
    versions = [next(iter(lues))]
    while suivante := next((p.vers for p in passages.values() if p.de == versions[-1]), None):
        versions.append(suivante)
    if len(versions) != len(lues):
        seule = next(nom for nom in lues if nom not in versions)
        raise FichierRefuse(
            f"{seule}/{CORRESPONDANCES}",
            "",
            "depuis",
            "cette version n'en suit aucune autre, ou pas en ordre.",
        )
    return Questionnaires(
        versions=tuple(lues[nom] for nom in versions),
        courante=lues[nommee],
        passages=tuple(passages[nom] for nom in versions[1:]),
    )


def _lire_passages(dossier: Path, lues: Mapping[str, Questionnaire]) -> Iterator[Passage]:
    for nom in lues:
        chemin = dossier / nom / CORRESPONDANCES
        if not chemin.is_file():
            continue
        table = TableToml(lire_toml(chemin), f"{nom}/{CORRESPONDANCES}")
        depuis = table.texte("depuis")
        if depuis not in lues or depuis == nom:
            table.refuser("depuis", f"aucune autre version ne s'appelle « {depuis} ».")
        yield _lire_passage(table, lues[depuis], lues[nom])


def _lire_passage(table: TableToml, ancien: Questionnaire, nouveau: Questionnaire) -> Passage:
    lecteurs = {"reformulees": _lire_reformulee, "scindees": _lire_scindee, "retirees": _lire_retiree}
    lues: dict[str, Correspondance] = {}
    for champ, lire in lecteurs.items():
        for sous in table.tables(champ, par_code=True) if table.present(champ) else []:
            code = sous.texte("code")
            if code not in ancien.par_code:
                sous.refuser("code", f"la version {ancien.version} n'a pas cette question.")
            if code in lues:
                sous.refuser("code", "cette question est déjà écrite.")
            lues[code] = lire(sous, ancien.par_code[code], ancien, nouveau)
            sous.finir()
    table.finir()
    for item in ancien.items:
        if item.code not in lues:
            _verifier_inchangee(table.fichier, item, nouveau.par_code.get(item.code))
    return Passage(ancien.version, nouveau.version, tuple(lues.values()))


def _lire_reformulee(
    table: TableToml, item: Item, ancien: Questionnaire, nouveau: Questionnaire
) -> Correspondance:
    par = table.texte("par", item.code)
    suivant = nouveau.par_code.get(par)
    if suivant is None:
        table.refuser("par" if par != item.code else "code", f"la version {nouveau.version} n'a pas {par}.")
    if par != item.code and par in ancien.par_code:
        table.refuser("par", f"{par} est déjà une autre question : un code ne se réemploie pas.")
    if _memes_mots(item, suivant) and par == item.code:
        table.refuser("code", "ses mots n'ont pas changé.")
    if champ := _autre_reponse(item, suivant):
        table.refuser("code", f"« {champ} » a changé : c'est une autre question, à scinder ou à retirer.")
    return Correspondance(item.code, Lien.REFORMULEE, (par,), table.texte("raison"))


def _lire_scindee(
    table: TableToml, item: Item, ancien: Questionnaire, nouveau: Questionnaire
) -> Correspondance:
    en = table.prendre("en")
    if not isinstance(en, list) or len(set(map(str, en))) < 2:
        table.refuser("en", "au moins deux codes sont attendus.")
    for code in en:
        if code not in nouveau.par_code or code in ancien.par_code:
            table.refuser(
                "en", f"« {code} » n'est pas une question nouvelle de la version {nouveau.version}."
            )
    if item.code in nouveau.par_code:
        table.refuser("code", f"la version {nouveau.version} pose encore cette question.")
    valeurs: dict[str, Mapping[str, Valeur]] = {}
    dites = table.prendre("valeurs") if table.present("valeurs") else {}
    if not isinstance(dites, dict):
        table.refuser("valeurs", "une table { ancienne réponse = { code = réponse } } est attendue.")
    for valeur, suites in dites.items():
        if valeur not in {choix.valeur for choix in item.choix} or not isinstance(suites, dict):
            table.refuser(f"valeurs.{valeur}", f"ce n'est pas une réponse de {item.code}.")
        valeurs[valeur] = {c: _lire_suite(table, valeur, c, v, en, nouveau) for c, v in suites.items()}
    return Correspondance(item.code, Lien.SCINDEE, tuple(en), table.texte("raison"), valeurs)


def _lire_suite(
    table: TableToml, valeur: str, code: str, suite: Any, en: list[str], nouveau: Questionnaire
) -> Valeur:
    champ = f"valeurs.{valeur}.{code}"
    if code not in en:
        table.refuser(champ, f"choisir parmi {', '.join(en)}.")
    try:
        return nouveau.par_code[code].lire(Champ(suite, champ))
    except DonneeRefusee as refus:
        table.refuser(champ, refus.raison)


def _lire_retiree(
    table: TableToml, item: Item, ancien: Questionnaire, nouveau: Questionnaire
) -> Correspondance:
    if item.code in nouveau.par_code:
        table.refuser("code", f"la version {nouveau.version} pose encore cette question.")
    return Correspondance(item.code, Lien.RETIREE, (), table.texte("raison"))


def _verifier_inchangee(fichier: str, item: Item, suivant: Item | None) -> None:
    """What nobody declared must have stayed: a silent change would compare what cannot be compared."""
    if suivant is None:
        raise FichierRefuse(
            fichier, item.code, "code", "cette question a disparu sans que l'on dise pourquoi."
        )
    champ = _autre_reponse(item, suivant) or ("" if _memes_mots(item, suivant) else "texte")
    if champ:
        raise FichierRefuse(fichier, item.code, champ, "a changé sans être déclaré ici.")


def _memes_mots(item: Item, suivant: Item) -> bool:
    return (item.texte, item.simple) == (suivant.texte, suivant.simple)


def _autre_reponse(item: Item, suivant: Item) -> str:
    """The field that makes an old answer unreadable in the new question, if any."""
    if item.genre is not suivant.genre:
        return "genre"
    return "choix" if {c.valeur for c in item.choix} - {c.valeur for c in suivant.choix} else ""
