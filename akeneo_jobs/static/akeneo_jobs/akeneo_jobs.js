/* Live refresh, and filters that apply at once. Every page works without it.

   An element with an id and data-akj-live takes over what the server shows under the same id.
   data-akj-refresh="seconds" asks for it again and again, until the answer has it no more;
   data-akj-url names another page than the current one; data-akj-live="content" asks the
   server for the content of the page without its layout. */
"use strict";

(() => {
  const LONGEST_WAIT = 60; // seconds, after many failures
  const PATIENCE = 15; // seconds that an answer may take
  const TYPING = 350; // milliseconds without a key before the search is sent

  const staleText = document.currentScript.dataset.akjStale;
  const askedAt = new Map(); // when each source was asked last
  let timer = null;
  let isAsking = false;
  let failures = 0;
  let newestQuery = 0;

  // Finding the live elements

  const liveElements = () => [...document.querySelectorAll("[data-akj-live][id]")];
  const refreshed = () => liveElements().filter((element) => element.dataset.akjRefresh);
  const address = (element) => new URL(element.dataset.akjUrl || location.href, location.href).href;
  const source = (element) => `${element.dataset.akjLive} ${address(element)}`;

  function dueAt(element) {
    const seconds = parseFloat(element.dataset.akjRefresh);
    const wait = Math.min(seconds * 2 ** failures, Math.max(seconds, LONGEST_WAIT));
    return (askedAt.get(source(element)) ?? performance.now()) + wait * 1000;
  }

  // Asking

  class Gone extends Error {} // Another page answers: logged out, deleted, forbidden.

  async function ask(url, part) {
    const headers = { "X-Requested-With": "XMLHttpRequest" };
    if (part) headers["X-Akeneo-Jobs-Part"] = part;
    const response = await fetch(url, {
      headers,
      cache: "no-store",
      credentials: "same-origin",
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE * 1000),
    });
    if (response.type === "opaqueredirect" || [401, 403, 404, 410].includes(response.status)) throw new Gone();
    if (!response.ok) throw new Error(String(response.status));
    return new DOMParser().parseFromString(await response.text(), "text/html");
  }

  function show(answer, elements) {
    for (const element of elements) {
      const fresh = answer.getElementById(element.id);
      if (fresh && fresh.hasAttribute("data-akj-live")) morph(element, fresh);
      else element.removeAttribute("data-akj-refresh");
    }
  }

  async function refresh() {
    const due = refreshed().filter((element) => dueAt(element) <= performance.now());
    for (const name of new Set(due.map(source))) {
      const group = liveElements().filter((element) => source(element) === name);
      if (!group.length) continue;
      askedAt.set(name, performance.now());
      const query = newestQuery;
      const answer = await ask(address(group[0]), group[0].dataset.akjLive);
      failures = 0;
      sayStale(false);
      if (query === newestQuery) show(answer, group);
    }
  }

  async function tick() {
    timer = null;
    isAsking = true;
    try {
      await refresh();
    } catch (error) {
      failures += 1;
      if (error instanceof Gone) refreshed().forEach((element) => element.removeAttribute("data-akj-refresh"));
      if (error instanceof Gone || failures > 1) sayStale(true);
    } finally {
      isAsking = false;
      schedule();
    }
  }

  function schedule() {
    clearTimeout(timer);
    if (isAsking || document.hidden) return;
    const elements = refreshed();
    elements.forEach((element) => askedAt.has(source(element)) || askedAt.set(source(element), performance.now()));
    if (!elements.length) return;
    const wait = Math.min(...elements.map(dueAt)) - performance.now();
    timer = setTimeout(tick, Math.max(wait, 0));
  }

  function sayStale(isStale) {
    let note = document.getElementById("akj-stale");
    if (!note && isStale) {
      note = document.createElement("p");
      note.id = note.className = "akj-stale";
      note.setAttribute("role", "status");
      document.body.append(note);
    }
    if (note) note.textContent = isStale ? staleText : "";
  }

  // Taking over what is new, and leaving alone what is not: focus, selection, scroll and open
  // details stay, because the elements stay.

  function morph(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) {
      old.replaceWith(document.importNode(fresh, true));
    } else if (old.nodeType === Node.ELEMENT_NODE) {
      morphAttributes(old, fresh);
      morphChildren(old, fresh);
    } else {
      old.nodeValue = fresh.nodeValue;
    }
  }

  function morphAttributes(old, fresh) {
    const isKept = (name) => name === "open" && old.nodeName === "DETAILS";
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && !isKept(name)) old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value && !isKept(name)) old.setAttribute(name, value);
    }
  }

  function morphChildren(old, fresh) {
    const named = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
    const staying = new Set([...fresh.children].map((child) => child.id).filter((id) => named.has(id)));
    let here = old.firstChild;
    for (const child of [...fresh.childNodes]) {
      while (here && here.id && !staying.has(here.id)) here = removed(here);
      const same = child.id ? named.get(child.id) : null;
      if (same) {
        if (same === here) here = here.nextSibling;
        else old.insertBefore(same, here);
        morph(same, child);
      } else if (here && !here.id && !child.id && here.nodeName === child.nodeName) {
        const next = here.nextSibling;
        morph(here, child);
        here = next;
      } else {
        old.insertBefore(document.importNode(child, true), here);
      }
    }
    while (here) here = removed(here);
  }

  function removed(node) {
    const next = node.nextSibling;
    node.remove();
    return next;
  }

  // Filters

  async function applyFilters(form) {
    const values = [...new FormData(form)].filter(([, value]) => value !== "");
    const url = new URL(form.action, location.href);
    url.search = new URLSearchParams(values).toString();
    const query = ++newestQuery;
    try {
      const answer = await ask(url.href, "content");
      if (query !== newestQuery) return;
      sayStale(false);
      history.replaceState(history.state, "", url.href);
      show(answer, liveElements().filter((element) => element.dataset.akjLive === "content"));
      schedule();
    } catch {
      if (query === newestQuery) form.submit();
    }
  }

  function listenToFilters(form) {
    let typing = null;
    const later = (wait) => {
      clearTimeout(typing);
      typing = setTimeout(() => applyFilters(form), wait);
    };
    form.addEventListener("input", (event) => later(event.target.type === "search" ? TYPING : 0));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      later(0);
    });
  }

  // Menus close on Escape and on a click beside them

  const openMenus = () => document.querySelectorAll('.akj details[name="akj-menu"][open]');

  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  document.addEventListener("visibilitychange", schedule);
  document.querySelectorAll("form[data-akj-filter]").forEach(listenToFilters);
  schedule();
})();
