// The answers of a diagnostic are kept as they are given. Without this file, a button keeps the section.
// What could not be sent yet stays in this page only: this machine may be shared.
"use strict";

const formulaire = document.querySelector("form[data-enregistrement]");
if (formulaire) {
  const ATTENTE_SAISIE_MS = 800;
  const ATTENTE_MAX_S = 30;
  const DELAI_ENVOI_MS = 15000;
  const etat = document.getElementById("etat-enregistrement");
  const mots = etat.querySelector("[data-etat]");
  const reessayer = etat.querySelector("[data-reessayer]");
  const questions = new Map();
  const enAttente = new Map(); // code → values to send, in the order they were given
  const aRevoir = new Set(); // codes refused, or answered by somebody else meanwhile
  const envoyees = new Map(); // code → the last values sent, whose answer may have been lost on the way
  const minuteries = new Map();
  let envoiEnCours = null;
  let echecs = 0;
  let reprise = 0;
  let enregistreA = "";
  let part = false;

  for (const bloc of formulaire.querySelectorAll("[data-question]")) {
    questions.set(bloc.dataset.question, bloc);
  }

  const jeton = () => formulaire.elements.csrf_token;
  const champVu = (code) => formulaire.elements[`vu-${code}`];
  const champs = (code) => [...questions.get(code).querySelectorAll(`[name="${code}"]`)];
  const coche = (champ) => champ.type === "radio" || champ.type === "checkbox";
  const valeursDe = (code) =>
    champs(code)
      .filter((champ) => (coche(champ) ? champ.checked : champ.value.trim() !== ""))
      .map((champ) => champ.value);
  const memes = (a, b) => JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());
  const pluriel = (n, mot) => `${n} ${mot}${n > 1 ? "s" : ""}`;

  function dire(genre, phrase) {
    if (mots.textContent !== phrase) {
      mots.textContent = phrase;
    }
    etat.dataset.genre = genre;
    reessayer.hidden = !(genre === "attente" && echecs > 0);
  }

  function direEtat(detail = "") {
    const restent = enAttente.size;
    if (echecs > 0 && restent > 0) {
      dire("attente", `Non enregistré : ${pluriel(restent, "réponse")}. ${detail}`.trim());
    } else if (restent > 0) {
      dire("envoi", "Enregistrement…");
    } else if (aRevoir.size > 0) {
      dire("refus", `Non enregistré : ${pluriel(aRevoir.size, "réponse")} à revoir.`);
    } else if (enregistreA) {
      dire("", `Enregistré à ${enregistreA}.`);
    }
  }

  // One thing to tick alone, or something typed: never both.
  function separer(champ) {
    const bloc = champ.closest("[data-question]");
    const tous = champs(bloc.dataset.question);
    if (coche(champ)) {
      if (!champ.checked || champ.type === "radio") {
        return;
      }
      for (const autre of tous) {
        if (autre === champ) continue;
        if (!coche(autre)) autre.value = "";
        else if ("seule" in champ.dataset || "seule" in autre.dataset) autre.checked = false;
      }
    } else if (champ.value.trim() !== "") {
      for (const autre of tous) {
        if (coche(autre)) autre.checked = false;
      }
    }
  }

  function noter(code) {
    window.clearTimeout(minuteries.get(code));
    minuteries.delete(code);
    enAttente.delete(code);
    enAttente.set(code, valeursDe(code));
    aRevoir.delete(code);
    direErreur(code, "");
    cacherConflit(code);
    direEtat();
    envoyer();
  }

  function direErreur(code, phrase) {
    const bloc = questions.get(code);
    const erreur = bloc.querySelector("[data-erreur]");
    erreur.textContent = phrase;
    erreur.hidden = !phrase;
    bloc.classList.toggle("champ-erreur", Boolean(phrase));
    bloc.setAttribute("aria-describedby", `mots-${code}${phrase ? ` erreur-${code}` : ""}`);
  }

  function cacherConflit(code) {
    const bloc = questions.get(code).querySelector("[data-conflit]");
    bloc.replaceChildren();
    bloc.hidden = true;
  }

  function remettre(code, valeurs) {
    for (const champ of champs(code)) {
      if (coche(champ)) champ.checked = valeurs.includes(champ.value);
      else champ.value = valeurs.find((v) => !champs(code).some((c) => coche(c) && c.value === v)) || "";
    }
    direEffacer(code);
  }

  function direEffacer(code) {
    questions.get(code).querySelector("[data-effacer]").hidden = valeursDe(code).length === 0;
  }

  function montrerConflit(code, valeurs, reponse) {
    const bloc = questions.get(code).querySelector("[data-conflit]");
    const phrase = document.createElement("p");
    const quand = reponse.enregistree.quand ? ` (${reponse.enregistree.quand})` : "";
    phrase.textContent = `La réponse a changé entre-temps${quand}. Laquelle garder ?`;
    const choisir = (texte, suite) => {
      const bouton = document.createElement("button");
      bouton.type = "button";
      bouton.className = "bouton";
      bouton.textContent = texte;
      bouton.addEventListener("click", () => {
        champVu(code).value = reponse.vu;
        suite();
        questions.get(code).focus();
      });
      return bouton;
    };
    bloc.replaceChildren(
      phrase,
      choisir(`La mienne : « ${reponse.saisie} »`, () => {
        remettre(code, valeurs);
        noter(code);
      }),
      choisir(`L'autre : « ${reponse.enregistree.libelle} »`, () => {
        remettre(code, reponse.enregistree.valeurs);
        aRevoir.delete(code);
        cacherConflit(code);
        direEtat();
      }),
    );
    bloc.hidden = false;
    aRevoir.add(code);
  }

  function recevoir(code, valeurs, reponse) {
    champVu(code).value = reponse.vu;
    if (reponse.diagnostic) formulaire.elements.diagnostic.value = reponse.diagnostic;
    enregistreA = reponse.enregistre;
    const alertes = questions.get(code).querySelector("[data-alertes]");
    alertes.replaceChildren(
      ...reponse.alertes.map((phrase) => {
        const ligne = document.createElement("p");
        ligne.textContent = phrase;
        return ligne;
      }),
    );
    for (const [autre, bloc] of questions) {
      // What an offer waits for, or holds the focus, stays whatever its branch says.
      const reste = "toujours" in bloc.dataset || bloc.contains(document.activeElement);
      bloc.hidden = !reste && !reponse.ouvertes.includes(autre);
    }
    for (const ligne of document.querySelectorAll(".progres[data-section]")) {
      const compte = reponse.sections[ligne.dataset.section];
      if (compte) {
        ligne.querySelector("[data-repondues]").textContent = compte.repondues;
        ligne.querySelector("[data-posees]").textContent = compte.posees;
        ligne.querySelector("progress").value = compte.repondues;
        ligne.querySelector("progress").max = compte.posees || 1;
      }
    }
  }

  // The session ended and was opened again in another tab: this page needs the new form token.
  async function renouvelerJeton() {
    const reponse = await fetch(window.location.pathname, { headers: { Accept: "text/html" } });
    if (!reponse.ok || reponse.redirected) return false;
    const page = new DOMParser().parseFromString(await reponse.text(), "text/html");
    const nouveau = page.querySelector("form[data-enregistrement] [name=csrf_token]");
    if (!nouveau) return false;
    jeton().value = nouveau.value;
    return true;
  }

  async function poster(code, valeurs) {
    const coupure = new AbortController();
    const delai = window.setTimeout(() => coupure.abort(), DELAI_ENVOI_MS);
    try {
      return await fetch(formulaire.dataset.enregistrement, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          Accept: "application/json",
          "X-CSRFToken": jeton().value,
        },
        body: JSON.stringify({
          diagnostic: formulaire.elements.diagnostic.value || null,
          code,
          valeurs,
          vu: champVu(code).value || null,
        }),
        signal: coupure.signal,
      });
    } finally {
      window.clearTimeout(delai);
    }
  }

  // Sends one answer. True when it is settled, kept or refused; false when it must be tried again.
  async function envoyerUne(code, valeurs) {
    const precedentes = envoyees.get(code);
    envoyees.set(code, valeurs);
    const reponse = await poster(code, valeurs);
    const corps = await reponse.json().catch(() => ({}));
    if (reponse.ok) {
      envoyees.delete(code);
      recevoir(code, valeurs, corps);
      return true;
    }
    if (reponse.status === 409 && corps.enregistree) {
      if (precedentes && memes(precedentes, corps.enregistree.valeurs)) {
        // Ours: it had been kept, only the answer of the server was lost.
        champVu(code).value = corps.vu;
        return envoyerUne(code, valeurs);
      }
      if (memes(enAttente.get(code) || [], valeurs)) montrerConflit(code, valeurs, corps);
      return true;
    }
    if (reponse.status === 422) {
      direErreur(code, corps.phrase || "Cette réponse est à revoir.");
      aRevoir.add(code);
      return true;
    }
    if (reponse.status === 400 || reponse.status === 401 || reponse.status === 403) {
      if (await renouvelerJeton()) return false;
      throw new Error("session");
    }
    if (reponse.status === 404) {
      throw new Error("introuvable");
    }
    return false;
  }

  async function vider() {
    while (enAttente.size > 0) {
      const [code, valeurs] = enAttente.entries().next().value;
      let reglee = false;
      let cause = "";
      try {
        reglee = await envoyerUne(code, valeurs);
      } catch (erreur) {
        cause = erreur.message;
      }
      if (!reglee) {
        attendre(cause);
        return;
      }
      echecs = 0;
      // A newer answer to the same question may have been given meanwhile: it is still to send.
      if (enAttente.get(code) === valeurs) enAttente.delete(code);
      direEtat();
    }
  }

  function attendre(cause) {
    echecs += 1;
    const secondes = Math.min(2 ** (echecs - 1), ATTENTE_MAX_S);
    const raisons = {
      session: "La session est finie : reconnectez-vous dans un autre onglet, gardez celui-ci ouvert.",
      introuvable: "Ce dossier ne s'ouvre plus avec votre compte. Gardez cette page ouverte.",
    };
    direEtat(raisons[cause] || `Nouvel essai dans ${secondes} s…`);
    reprise = window.setTimeout(envoyer, secondes * 1000 * (0.8 + 0.4 * Math.random()));
  }

  function envoyer() {
    window.clearTimeout(reprise);
    if (!envoiEnCours) {
      envoiEnCours = vider().finally(() => {
        envoiEnCours = null;
      });
    }
    return envoiEnCours;
  }

  function noterCeQuiEstTape() {
    for (const code of [...minuteries.keys()]) noter(code);
  }

  formulaire.addEventListener("input", (evenement) => {
    const champ = evenement.target;
    const bloc = champ.closest("[data-question]");
    if (!bloc || !champ.name || champ.name !== bloc.dataset.question) return;
    separer(champ);
    const code = champ.name;
    direEffacer(code);
    if (coche(champ)) {
      noter(code);
      return;
    }
    window.clearTimeout(minuteries.get(code));
    minuteries.set(code, window.setTimeout(() => noter(code), ATTENTE_SAISIE_MS));
  });

  formulaire.addEventListener("change", (evenement) => {
    if (minuteries.has(evenement.target.name)) noter(evenement.target.name);
  });

  formulaire.addEventListener("submit", async (evenement) => {
    evenement.preventDefault();
    noterCeQuiEstTape();
    const bouton = evenement.submitter;
    if (bouton && bouton.name === "effacer") {
      remettre(bouton.value, []);
      noter(bouton.value);
      questions.get(bouton.value).focus();
      return;
    }
    if (bouton && bouton.name === "confirmer") {
      remettre(bouton.value, bouton.dataset.confirmer.split(" "));
      noter(bouton.value);
      bouton.closest("p").hidden = true;
      questions.get(bouton.value).focus();
      return;
    }
    await envoyer();
    if (bouton && bouton.name === "suite") {
      if (enAttente.size === 0 && aRevoir.size === 0) {
        part = true;
        window.location.assign(formulaire.dataset.suite);
      } else {
        const premiere = [...aRevoir, ...enAttente.keys()][0];
        ouvrirLesReplis(questions.get(premiere));
        questions.get(premiere).focus();
      }
    }
  });

  reessayer.addEventListener("click", () => envoyer());
  window.addEventListener("online", () => enAttente.size > 0 && envoyer());
  document.addEventListener("visibilitychange", () => document.hidden && noterCeQuiEstTape());
  window.addEventListener("beforeunload", (evenement) => {
    noterCeQuiEstTape();
    if (!part && (enAttente.size > 0 || aRevoir.size > 0)) {
      evenement.preventDefault();
      evenement.returnValue = "";
    }
  });

  // Following a link just after answering: the answer first, then the page.
  document.addEventListener("click", async (evenement) => {
    const lien = evenement.target.closest("a[href]");
    if (!lien || evenement.defaultPrevented || evenement.ctrlKey || evenement.metaKey || evenement.shiftKey) return;
    if (lien.pathname === window.location.pathname || echecs > 0) return;
    noterCeQuiEstTape();
    if (enAttente.size === 0) return;
    evenement.preventDefault();
    await envoyer();
    window.location.assign(lien.href);
  });

  // A link to one question opens what folds it.
  function ouvrirLesReplis(bloc) {
    for (let repli = bloc && bloc.closest("details"); repli; repli = repli.parentElement.closest("details")) {
      repli.open = true;
    }
  }
  function allerALaQuestion() {
    const bloc = questions.get(decodeURIComponent(window.location.hash.slice(1)));
    if (bloc) {
      bloc.hidden = false;
      bloc.dataset.toujours = "";
      ouvrirLesReplis(bloc);
      bloc.focus();
      bloc.scrollIntoView();
    }
  }
  window.addEventListener("hashchange", allerALaQuestion);

  for (const bouton of formulaire.querySelectorAll("[data-sans-script]")) bouton.hidden = true;
  // What the server showed again after a refused form is not kept either.
  for (const [code, bloc] of questions) {
    if (bloc.classList.contains("champ-erreur")) aRevoir.add(code);
  }
  allerALaQuestion();
  formulaire.dataset.pret = "oui";
}
