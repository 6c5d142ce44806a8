"""The configuration, read once from the environment. Production is the default and refuses to run unsafely."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

LONGUEUR_CLE = 32
PLACE_DE_LA_DESTINATION = "{destination}"
"""What stands for the number or the address in the addresses messages leave by."""

_CLES_CONNUES = ("secret", "changeme", "default", "exemple", "example", "password", "development")


class Mode(StrEnum):
    """``production`` unless the demonstration is asked for."""

    PRODUCTION = "production"
    DEMONSTRATION = "demonstration"


class ConfigurationDangereuse(Exception):
    """The application refuses to start. ``problemes`` lists every unsafe key at once."""

    def __init__(self, problemes: list[str]) -> None:
        super().__init__("La plateforme refuse de démarrer :\n- " + "\n- ".join(problemes))
        self.problemes = problemes


@dataclass(frozen=True, slots=True)
class Envois:
    """By which service messages leave: addresses for apprise, empty when there is none. They hold keys."""

    sms: str = ""
    courriel: str = ""


@dataclass(frozen=True, slots=True)
class Config:
    """What the application needs to know of the machine it runs on.

    ``hotes``: host names it answers to (empty: any, demonstration only). ``proxys``: number of
    reverse proxies in front, whose ``X-Forwarded-*`` may be believed. ``cles_anterieures``: former
    secret keys, still accepted while sessions signed with them live. ``code_source``: where the code
    that runs here can be had, linked from every page (AGPL, section 13).
    """

    mode: Mode
    cle_secrete: str
    base: URL
    hotes: tuple[str, ...] = ()
    proxys: int = 0
    cles_anterieures: tuple[str, ...] = ()
    code_source: str = ""
    envois: Envois = Envois()

    @property
    def demonstration(self) -> bool:
        """Whether accounts and offers are invented and the sign-in page hands out the keys."""
        return self.mode is Mode.DEMONSTRATION


def lire_config(environnement: Mapping[str, str] | None = None, *, instance: Path | None = None) -> Config:
    """Read ``MOBILITE_MODE``, ``SECRET_KEY``, ``SECRET_KEY_FALLBACKS``, ``DATABASE_URL``,
    ``TRUSTED_HOSTS``, ``PROXY_COUNT``, ``CODE_SOURCE`` and what ``lire_envois`` reads.

    ``instance`` (default ``MOBILITE_INSTANCE`` or ``./instance``) holds the SQLite file and, in
    demonstration, the generated key. Raises ``ConfigurationDangereuse`` with every fault.
    """
    env = os.environ if environnement is None else environnement
    instance = instance or Path(env.get("MOBILITE_INSTANCE", "instance"))
    problemes: list[str] = []
    try:
        mode = Mode(env.get("MOBILITE_MODE", Mode.PRODUCTION))
    except ValueError:
        raise ConfigurationDangereuse(["MOBILITE_MODE : « production » ou « demonstration »."]) from None
    cle = env.get("SECRET_KEY", "")
    if mode is Mode.DEMONSTRATION and not cle:
        _faire_le_dossier(instance)
        cle = _cle_de_demonstration(instance / "cle_secrete")
    base = _lire_base(env.get("DATABASE_URL", ""), instance, problemes)
    proxys = _lire_entier(env.get("PROXY_COUNT", "0"), "PROXY_COUNT", problemes)
    config = Config(
        mode=mode,
        cle_secrete=cle,
        base=base,
        hotes=_liste(env.get("TRUSTED_HOSTS", "")),
        proxys=proxys,
        cles_anterieures=_liste(env.get("SECRET_KEY_FALLBACKS", "")),
        code_source=env.get("CODE_SOURCE", ""),
        envois=_lire_envois(env, problemes),
    )
    if config.code_source and not config.code_source.startswith("https://"):
        problemes.append("CODE_SOURCE : une adresse qui commence par https://.")
    if mode is Mode.PRODUCTION:
        problemes += _dangers(config, env)
    if problemes:
        raise ConfigurationDangereuse(problemes)
    _faire_le_dossier(instance)
    return config


def dossier_du_reseau(environnement: Mapping[str, str] | None = None) -> Path:
    """Where the road network stands, beside the database of this machine. Writes nothing."""
    env = os.environ if environnement is None else environnement
    return Path(env.get("MOBILITE_INSTANCE", "instance")) / "reseau"


def lire_envois(environnement: Mapping[str, str] | None = None) -> Envois:
    """Read ``MOBILITE_SMS_URL`` and ``MOBILITE_COURRIEL_URL``; a demonstration has no way out.

    Raises ``ConfigurationDangereuse``.
    """
    problemes: list[str] = []
    envois = _lire_envois(os.environ if environnement is None else environnement, problemes)
    if problemes:
        raise ConfigurationDangereuse(problemes)
    return envois


def _lire_envois(env: Mapping[str, str], problemes: list[str]) -> Envois:
    if env.get("MOBILITE_MODE") == Mode.DEMONSTRATION:
        return Envois()
    sms, courriel = env.get("MOBILITE_SMS_URL", ""), env.get("MOBILITE_COURRIEL_URL", "")
    for cle, adresse in (("MOBILITE_SMS_URL", sms), ("MOBILITE_COURRIEL_URL", courriel)):
        if adresse and ("://" not in adresse or PLACE_DE_LA_DESTINATION not in adresse):
            problemes.append(
                f"{cle} : une adresse d'apprise où « {PLACE_DE_LA_DESTINATION} » tient lieu de numéro."
            )
    return Envois(sms, courriel)


def _faire_le_dossier(instance: Path) -> None:
    """Nothing is written, not even a directory, for a configuration that is refused."""
    try:
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        raise ConfigurationDangereuse(["MOBILITE_INSTANCE : ce dossier ne peut pas être créé."]) from None


def adresse_de_la_base(environnement: Mapping[str, str] | None = None) -> URL:
    """Where the data stand, for a command that needs neither key nor hosts. Writes nothing.

    Raises ``ConfigurationDangereuse`` when ``DATABASE_URL`` cannot be read.
    """
    env = os.environ if environnement is None else environnement
    problemes: list[str] = []
    base = _lire_base(env.get("DATABASE_URL", ""), Path(env.get("MOBILITE_INSTANCE", "instance")), problemes)
    if problemes:
        raise ConfigurationDangereuse(problemes)
    return base


def _dangers(config: Config, env: Mapping[str, str]) -> list[str]:
    """Everything that must not reach production, one sentence a key."""
    dangers = [
        f"{nom} : {defaut}"
        for nom, cle in [("SECRET_KEY", config.cle_secrete)]
        + [("SECRET_KEY_FALLBACKS", cle) for cle in config.cles_anterieures]
        if (defaut := _defaut_de_cle(cle))
    ]
    if not config.hotes:
        dangers.append("TRUSTED_HOSTS : les noms sous lesquels le site répond, séparés par des virgules.")
    if "*" in config.hotes:
        dangers.append("TRUSTED_HOSTS : « * » accepterait n'importe quel nom.")
    if env.get("FLASK_DEBUG", "0") not in ("", "0", "false", "False"):
        dangers.append("FLASK_DEBUG : le mode de mise au point montre le code et les données.")
    if config.base.get_backend_name() == "sqlite" and config.base.database in (None, "", ":memory:"):
        dangers.append("DATABASE_URL : une base en mémoire oublie tout.")
    return dangers


def _defaut_de_cle(cle: str) -> str:
    if not cle:
        return "elle manque. En tirer une avec : python3 -c 'import secrets; print(secrets.token_hex(32))'"
    if len(cle.encode()) < LONGUEUR_CLE:
        return f"{LONGUEUR_CLE} octets au moins."
    if len(set(cle)) < 10 or any(mot in cle.casefold() for mot in _CLES_CONNUES):
        return "cette clé se devine. En tirer une au hasard."
    return ""


def _cle_de_demonstration(fichier: Path) -> str:
    """The key drawn at the first start, kept so that a restart does not sign everybody out."""
    try:
        descripteur = os.open(fichier, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return fichier.read_text(encoding="ascii").strip()
    with os.fdopen(descripteur, "w", encoding="ascii") as sortie:
        cle = secrets.token_hex(LONGUEUR_CLE)
        sortie.write(cle)
    return cle


def _lire_base(adresse: str, instance: Path, problemes: list[str]) -> URL:
    """The embedded SQLite file unless an address says otherwise; PostgreSQL always through psycopg 3."""
    if not adresse:
        return URL.create("sqlite", database=str((instance / "mobilite.sqlite").resolve()))
    try:
        url = make_url(adresse)
        genre = url.get_backend_name()
    except (ArgumentError, ValueError):
        problemes.append("DATABASE_URL : cette adresse ne se lit pas.")
        return URL.create("sqlite", database="illisible")
    if genre in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg")
    if genre != "sqlite":
        problemes.append("DATABASE_URL : sqlite ou postgresql.")
    return url


def _lire_entier(texte: str, cle: str, problemes: list[str]) -> int:
    if texte.isascii() and texte.isdigit() and len(texte) < 3:
        return int(texte)
    problemes.append(f"{cle} : un nombre entier de 0 à 99.")
    return 0


def _liste(texte: str) -> tuple[str, ...]:
    return tuple(morceau.strip() for morceau in texte.split(",") if morceau.strip())
