// A paper form keyed in: one keystroke an answer, the field moves on by itself. Without this file, a long form.
// The sheet is sent whole; when the network is cut nothing leaves the page, and nothing is lost.
"use strict";

const feuille = document.querySelector("form[data-saisie-papier]");
if (feuille) {
  const DELAI_ENVOI_MS = 20000;
  let modifiee = false;
  let envoi = false;

  const champs = () => [...feuille.querySelectorAll("[data-frappe]")];
  const mots = () => feuille.querySelector("[data-etat]");

  function dire(genre, phrase) {
    mots().textContent = phrase;
    mots().parentElement.dataset.genre = genre;
  }

  function compter() {
    const n = champs().filter((champ) => champ.value.trim()).length;
    dire("", `${n} réponse${n > 1 ? "s" : ""} sur la page. Pas encore enregistré.`);
  }

  function aller(champ, pas) {
    const tous = champs();
    const suivant = tous[tous.indexOf(champ) + pas];
    if (suivant) {
      suivant.focus();
      suivant.select();
    } else if (pas > 0) {
      document.getElementById("fin-papier").focus();
    }
  }

  feuille.addEventListener("input", (evenement) => {
    const champ = evenement.target;
    if (!champ.dataset.frappe) return;
    modifiee = true;
    if (champ.dataset.frappe === "texte") {
      compter();
      return;
    }
    const frappe = champ.value.toLowerCase().replace(/[ ,;]/g, "");
    const inconnu = [...frappe].find((signe) => !champ.dataset.permises.includes(signe));
    if (inconnu) {
      champ.value = [...frappe].filter((signe) => champ.dataset.permises.includes(signe)).join("");
      dire("refus", `« ${inconnu} » n'est pas une touche de ${champ.name} : ${[...champ.dataset.permises].join(" ")}.`);
      return;
    }
    champ.value = frappe;
    compter();
    if (frappe && (champ.dataset.frappe === "une" || frappe === "?" || frappe === "-")) aller(champ, 1);
  });

  feuille.addEventListener("keydown", (evenement) => {
    const champ = evenement.target;
    if (!champ.dataset.frappe) return;
    const avance = evenement.key === "Enter" || evenement.key === "ArrowDown";
    const revient = evenement.key === "ArrowUp" || (evenement.key === "Backspace" && !champ.value);
    if (!avance && !revient) return;
    evenement.preventDefault();
    aller(champ, avance ? 1 : -1);
  });

  // The session ended and was opened again in another tab: the sheet needs the new form token.
  async function renouvelerJeton() {
    const reponse = await fetch(feuille.action, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await reponse.text(), "text/html");
    const nouveau = page.querySelector("form[data-saisie-papier] [name=csrf_token]");
    if (nouveau) feuille.elements.csrf_token.value = nouveau.value;
    return Boolean(nouveau);
  }

  async function envoyer(encore = true) {
    const coupure = new AbortController();
    const delai = window.setTimeout(() => coupure.abort(), DELAI_ENVOI_MS);
    try {
      const reponse = await fetch(feuille.action, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: new FormData(feuille),
        signal: coupure.signal,
      });
      if (reponse.status === 400 && encore && (await renouvelerJeton())) {
        await envoyer(false);
        return;
      }
      if (reponse.ok) {
        modifiee = false;
        window.location.assign((await reponse.json()).suite);
        return;
      }
      const page = new DOMParser().parseFromString(await reponse.text(), "text/html");
      const recue = page.querySelector("form[data-saisie-papier]");
      if (!recue) throw new Error(`${reponse.status}`);
      // What is refused comes back as it was typed, with its sentence; the rest is kept.
      feuille.replaceChildren(...recue.childNodes);
      const resume = feuille.querySelector("[data-focus]");
      if (resume) resume.focus();
    } catch {
      dire("attente", "Pas enregistré : pas de réseau, ou session finie. Gardez cette page ouverte, puis « Enregistrer la feuille » à nouveau.");
    } finally {
      window.clearTimeout(delai);
      envoi = false;
    }
  }

  feuille.addEventListener("submit", (evenement) => {
    evenement.preventDefault();
    if (envoi) return;
    envoi = true;
    dire("envoi", "Enregistrement…");
    envoyer();
  });

  window.addEventListener("beforeunload", (evenement) => {
    if (modifiee) {
      evenement.preventDefault();
      evenement.returnValue = "";
    }
  });

  const premier = champs().find((champ) => !champ.value);
  if (premier && !feuille.querySelector("[data-focus]")) premier.focus();
  feuille.dataset.pret = "oui";
}
