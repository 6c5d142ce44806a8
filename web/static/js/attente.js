// The keys of the desk, and « Mettre en attente »: back at the same scroll, with what was being typed.
"use strict";

(() => {
  const REGLAGE = "touches-inactives";
  const EN_COURS = "en-attente";

  function memoire(magasin, geste) {
    try {
      return geste(magasin);
    } catch (erreur) {
      return null; // Storage refused by the browser: the page still works.
    }
  }

  // One-key shortcuts can be switched off (WCAG 2.1.4); Alt + A always works.
  let actives = memoire(localStorage, (m) => m.getItem(REGLAGE)) !== "oui";
  const pied = document.querySelector("[data-touches]");
  if (pied) {
    pied.hidden = false;
    const reglage = pied.querySelector("[data-touches-actives]");
    reglage.checked = actives;
    reglage.addEventListener("change", () => {
      actives = reglage.checked;
      memoire(localStorage, (m) => (actives ? m.removeItem(REGLAGE) : m.setItem(REGLAGE, "oui")));
    });
  }

  const ecrit = (element) =>
    element.isContentEditable ||
    element.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=submit], [type=button])");

  document.addEventListener("keydown", (evenement) => {
    if (evenement.ctrlKey || evenement.metaKey || evenement.repeat) {
      return;
    }
    let touche = evenement.key.toLowerCase();
    if (evenement.altKey) {
      // On a Mac, Alt + A types another letter: the key itself tells.
      if (touche !== "a" && evenement.code !== "KeyA") {
        return;
      }
      touche = "a";
    } else if (!actives || ecrit(evenement.target)) {
      return;
    }
    const cible = document.querySelector(`[data-touche="${CSS.escape(touche)}"]`);
    if (!cible) {
      return;
    }
    evenement.preventDefault();
    if (cible.matches("input")) {
      cible.focus();
      cible.select();
    } else {
      cible.click();
    }
  });

  // What is typed in a form and not yet sent, kept in this tab only, until one comes back.
  const ici = window.location.pathname;
  const formulaires = [...document.querySelectorAll("form[data-brouillon]")];
  const cochable = (e) => e.type === "checkbox" || e.type === "radio";
  const champs = (formulaire) =>
    [...formulaire.elements].filter((e) => e.name && !["hidden", "submit", "button"].includes(e.type));
  const valeursDe = (formulaire) =>
    champs(formulaire).map((e) => ({ nom: e.name, valeur: e.value, tenu: cochable(e) ? e.checked : true }));

  function noter() {
    const valeurs = formulaires.map(valeursDe);
    memoire(sessionStorage, (m) =>
      m.setItem(EN_COURS, JSON.stringify({ ici, defile: window.scrollY, valeurs }))
    );
  }

  function remplir(formulaire, valeurs) {
    champs(formulaire).forEach((e, rang) => {
      if (cochable(e)) {
        e.checked = valeurs[rang].tenu;
      } else if (e.value !== valeurs[rang].valeur) {
        e.value = valeurs[rang].valeur;
        e.closest("details")?.setAttribute("open", "");
      }
    });
  }

  // Lines were added before she was put aside: the server draws the form again with them, and writes nothing.
  function redessiner(formulaire, valeurs) {
    const envoi = document.createElement("form");
    envoi.method = "post";
    envoi.action = formulaire.action;
    const tout = valeurs.filter((v) => v.tenu);
    tout.push({ nom: "csrf_token", valeur: formulaire.elements.csrf_token.value });
    tout.push({ nom: "geste", valeur: "reprendre" });
    for (const { nom, valeur } of tout) {
      const champ = document.createElement("input");
      champ.type = "hidden";
      champ.name = nom;
      champ.value = valeur;
      envoi.append(champ);
    }
    document.body.append(envoi);
    envoi.submit();
  }

  function reprendre() {
    const note = memoire(sessionStorage, (m) => JSON.parse(m.getItem(EN_COURS) || "null"));
    if (!note || note.ici !== ici) {
      return;
    }
    memoire(sessionStorage, (m) => m.removeItem(EN_COURS));
    formulaires.forEach((formulaire, rang) => {
      const valeurs = note.valeurs[rang] || [];
      const presents = champs(formulaire);
      if (presents.length === valeurs.length && presents.every((e, n) => e.name === valeurs[n].nom)) {
        remplir(formulaire, valeurs);
      } else if (valeurs.length && "redessine" in formulaire.dataset) {
        redessiner(formulaire, valeurs);
      }
    });
    window.scrollTo(0, note.defile);
  }

  for (const attente of document.querySelectorAll("form[data-attente]")) {
    attente.addEventListener("submit", noter);
  }
  // Signing out forgets it.
  for (const sortie of document.querySelectorAll('form[action$="/deconnexion"]')) {
    sortie.addEventListener("submit", () => memoire(sessionStorage, (m) => m.clear()));
  }
  reprendre();
})();
