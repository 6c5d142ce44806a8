"""What a section of the diagnostic shows: its questions, their answers, what folds and what must stay open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from mobilite.diagnostic import Diagnostic, OrigineReponse
from mobilite.personnes import Personne
from mobilite.question import NE_SAIT_PAS, PREFERE_NE_PAS_REPONDRE, GenreQuestion, Item
from mobilite.questionnaire import Dimension, Questionnaire
from mobilite.texte_sensible import reperer
from web.exercices import Suggestion

_SAISIES = (GenreQuestion.NOMBRE, GenreQuestion.TEXTE, GenreQuestion.DATE)


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to tick. ``seule`` cannot go with another; ``a_part`` stands apart from the answers."""

    valeur: str
    libelle: str
    seule: bool = False
    a_part: bool = False


@dataclass(frozen=True, slots=True)
class AutreReponse:
    """An answer given elsewhere: what it says, when, and by whom (a role, never a name)."""

    libelle: str
    le: datetime | None = None
    par: str = ""
    moment: str = ""


@dataclass(frozen=True, slots=True)
class Saisie:
    """What was just sent for a question and could not be kept: shown again as it was typed."""

    valeurs: tuple[str, ...]
    erreur: str = ""
    conflit: AutreReponse | None = None


@dataclass(frozen=True)
class QuestionAffichee:
    """One question on the page. ``debloque`` counts the offers that wait for it.

    ``dite`` says how the kept answer came in when it was not said together; ``suggestion`` is what an
    exercise showed; ``source`` where the kept answer was said first (« dit dans … »).
    """

    item: Item
    valeurs: tuple[str, ...]
    marque: str
    repondue: bool
    ouverte: bool
    debloque: int = 0
    saisie: Saisie | None = None
    avant: AutreReponse | None = None
    dite: str = ""
    dite_le: datetime | None = None
    suggestion: Suggestion | None = None
    source: str = ""

    @property
    def code(self) -> str:
        """Its code, which is also its anchor and the name of its field."""
        return self.item.code

    @property
    def montree(self) -> bool:
        """Whether it stands on the page: its branch is open, or an offer waits for it."""
        return self.ouverte or self.debloque > 0 or self.saisie is not None

    @property
    def depliee(self) -> bool:
        """Whether it shows without being asked for: what is delicate waits until it is useful."""
        return not self.item.replie or self.debloque > 0 or self.saisie is not None

    @property
    def type_champ(self) -> str:
        """The control: radio, checkbox, or what is typed (« nombre », « texte », « date »)."""
        if self.item.genre in _SAISIES:
            return self.item.genre.value
        return "checkbox" if self.item.genre is GenreQuestion.PLUSIEURS else "radio"

    @cached_property
    def options(self) -> tuple[Option, ...]:
        """Everything that can be ticked, « préfère ne pas répondre » last."""
        choix = [Option(c.valeur, c.libelle, c.exclusif) for c in self.item.choix]
        if self.item.ne_sait_pas and self.item.genre is not GenreQuestion.TEXTE:
            choix.append(Option(NE_SAIT_PAS, "ne sait pas", seule=True, a_part=True))
        choix.append(Option(PREFERE_NE_PAS_REPONDRE, "préfère ne pas répondre", seule=True, a_part=True))
        return tuple(choix)

    @property
    def choisies(self) -> tuple[str, ...]:
        """What is ticked or typed: what was just sent, else the kept answer."""
        return self.saisie.valeurs if self.saisie else self.valeurs

    @property
    def texte_saisi(self) -> str:
        """What stands in the typed field."""
        a_part = {option.valeur for option in self.options if option.a_part}
        return next((valeur for valeur in self.choisies if valeur not in a_part), "")

    @property
    def erreur(self) -> str:
        """Why what was sent could not be kept."""
        return self.saisie.erreur if self.saisie else ""

    @property
    def alertes(self) -> tuple[str, ...]:
        """What a typed text should not hold."""
        return alertes(self.item, self.choisies)


def alertes(item: Item, valeurs: Sequence[str]) -> tuple[str, ...]:
    """The sentences to show beside a text that seems to hold what has no place in it."""
    if item.genre is not GenreQuestion.TEXTE:
        return ()
    return tuple(signalement.phrase for texte in valeurs for signalement in reperer(texte))


@dataclass(frozen=True, slots=True)
class Avancement:
    """How far a section is: ``repondues`` of the ``posees`` questions whose branch is open."""

    dimension: Dimension
    posees: int
    repondues: int
    repliees: int
    utiles: int

    @property
    def finie(self) -> bool:
        """Whether nothing is left to ask."""
        return self.posees > 0 and self.repondues >= self.posees


@dataclass(frozen=True)
class Entretien:
    """One diagnostic seen through the questionnaire; ``diagnostic`` is ``None`` until it starts.

    ``utiles`` gives, by code, how many offers wait for an answer. ``saisies`` is what was just sent
    and refused. ``suggestions`` is what exercises showed, by code; ``sources`` where answers were said
    first. Nothing here reads or writes the database.
    """

    questionnaire: Questionnaire
    personne: Personne
    diagnostic: Diagnostic | None
    utiles: Mapping[str, int] = field(default_factory=dict)
    saisies: Mapping[str, Saisie] = field(default_factory=dict)
    suggestions: Mapping[str, Suggestion] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def gardees(self) -> Mapping[str, Any]:
        """The recorded answers of this diagnostic, as JSON."""
        return {code: r.valeur for code, r in self.diagnostic.reponses.items()} if self.diagnostic else {}

    @cached_property
    def ouvertes(self) -> frozenset[str]:
        """The codes of the questions whose branch is open."""
        lues = self.questionnaire.relire(self.gardees)
        return frozenset(item.code for item in self.questionnaire.posees(lues))

    def question(self, item: Item) -> QuestionAffichee:
        """One question as the page shows it."""
        lues = self.questionnaire.relire({c: v for c, v in self.gardees.items() if c == item.code})
        repondue = item.code in lues
        gardee = self.diagnostic.reponses[item.code] if self.diagnostic and repondue else None
        return QuestionAffichee(
            item=item,
            valeurs=item.en_formulaire(lues[item.code]) if repondue else (),
            marque=self.diagnostic.marque(item.code) if self.diagnostic else "",
            repondue=repondue,
            ouverte=item.code in self.ouvertes,
            debloque=self.utiles.get(item.code, 0),
            saisie=self.saisies.get(item.code),
            avant=None if repondue else self._avant(item),
            dite=gardee.origine.libelle if gardee else "",
            dite_le=gardee.repondu_le if gardee else None,
            suggestion=self.suggestions.get(item.code),
            source=self.sources.get(item.code, ""),
        )

    def questions(self, section: str) -> list[QuestionAffichee]:
        """The questions of a section, in order, closed branches included."""
        return [self.question(item) for item in self.questionnaire.de_la_dimension(section)]

    def _avant(self, item: Item) -> AutreReponse | None:
        """What an earlier diagnostic says, shown as a reminder: the engine still counts on it."""
        for diagnostic in reversed(self.personne.diagnostics):
            reponse = diagnostic.reponses.get(item.code)
            if diagnostic is not self.diagnostic and reponse is not None:
                lues = self.questionnaire.relire({item.code: reponse.valeur})
                if item.code in lues:
                    libelle = item.libelle(lues[item.code])
                    return AutreReponse(libelle, reponse.repondu_le, moment=diagnostic.type.libelle.lower())
        return None

    @cached_property
    def avancement(self) -> list[Avancement]:
        """The sections in order, each with what is answered and what is left."""
        return [self._avancer(dimension) for dimension in self.questionnaire.dimensions]

    def _avancer(self, dimension: Dimension) -> Avancement:
        items = self.questionnaire.de_la_dimension(dimension.code)
        posees = [item for item in items if item.code in self.ouvertes]
        restantes = [item for item in posees if item.code not in self.gardees]
        return Avancement(
            dimension=dimension,
            posees=len(posees),
            repondues=len(posees) - len(restantes),
            repliees=sum(item.replie for item in restantes),
            utiles=sum(item.code in self.utiles for item in items),
        )

    @cached_property
    def dites_seule(self) -> tuple[int, datetime | None]:
        """How many answers she gave alone, and when the latest: what the interview starts from."""
        siennes = [
            reponse.repondu_le
            for reponse in (self.diagnostic.reponses.values() if self.diagnostic else ())
            if reponse.origine is OrigineReponse.SEULE
        ]
        return len(siennes), max(siennes, default=None)

    def reprise(self) -> Item | None:
        """The next question to ask: after the latest answer, skipping what stays folded until useful."""
        codes = [item.code for item in self.questionnaire.items]
        reponses = self.diagnostic.reponses.values() if self.diagnostic else ()
        derniere = max(reponses, key=lambda r: (r.repondu_le, r.id or 0), default=None)
        rang = codes.index(derniere.code) + 1 if derniere and derniere.code in codes else 0
        for code in codes[rang:] + codes[:rang]:
            item = self.questionnaire.par_code[code]
            if (
                code in self.ouvertes
                and code not in self.gardees
                and (not item.replie or code in self.utiles)
            ):
                return item
        return None
