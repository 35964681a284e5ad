/* What the desk's pages do in a browser beyond HTML: clocks that tick, forms that go once, bars with a width, stories
   that are played.
   No words stand here: every word comes from a data attribute that the page has translated. */
"use strict";

(() => {
  const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

  /* The server's clock decides, not this computer's: the page says what time it is there, and from then on only the
     time passed is counted, by a clock that nobody can set. */
  const root = document.documentElement;
  const atServer = Date.parse(root.dataset.now || "") || Date.now();
  const atLoad = performance.now();
  const now = () => atServer + (performance.now() - atLoad);

  /* 76 minutes are 1 h 16 min, never "1 h": a limit is not rounded away. What is left is cut and what is over is rounded
     up, so that a page never promises more than there is; seconds are shown in the last hour, when they matter. */
  function duration(milliseconds) {
    const words = document.body.dataset;
    const days = Math.floor(milliseconds / DAY), hours = Math.floor((milliseconds % DAY) / HOUR);
    const minutes = Math.floor((milliseconds % HOUR) / MINUTE), seconds = Math.floor((milliseconds % MINUTE) / SECOND);
    const parts = [];
    if (days) parts.push(`${days} ${words.wordDays}`);
    if (days || hours) parts.push(`${hours} ${words.wordHours}`);
    parts.push(`${minutes} ${words.wordMinutes}`);
    if (!days && !hours) parts.push(`${seconds} ${words.wordSeconds}`);
    return parts.join(" ");
  }

  /* <span class="countdown" data-due="2026-03-02T09:00:00Z" data-amber-seconds="1800"
           data-words-left="%(time)s left" data-words-late="late by %(time)s">
     Exactly at the due instant is still in time. A chip without data-due stands still. */
  function tick() {
    for (const chip of document.querySelectorAll(".countdown[data-due]")) {
      const left = Date.parse(chip.dataset.due) - now();
      if (Number.isNaN(left)) continue;
      const late = left < 0;
      const amber = Number(chip.dataset.amberSeconds || 1800) * SECOND;
      chip.classList.toggle("countdown-late", late);
      chip.classList.toggle("countdown-amber", !late && left <= amber);
      chip.classList.toggle("countdown-green", !late && left > amber);
      const words = late ? chip.dataset.wordsLate : chip.dataset.wordsLeft;
      const says = (words || "%(time)s").replace("%(time)s", duration(Math.abs(Math.floor(left / SECOND) * SECOND)));
      if (chip.textContent !== says) chip.textContent = says;
    }
  }

  /* A second click while the first is on its way is swallowed. The button goes dead only after the form was read,
     else its own name and value would not be sent; the idempotency key is what holds, this only spares a round trip. */
  function sendOnce(event) {
    const form = event.target;
    if (form.dataset.sent !== undefined) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    if (form.dataset.again !== undefined) return;
    form.dataset.sent = "";
    setTimeout(() => {
      for (const button of form.querySelectorAll("button:not([type=button]):not(:disabled)")) {
        button.disabled = true;
        button.dataset.resting = "";
      }
    }, 0);
  }

  function release(scope) {
    for (const form of scope.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
    for (const button of scope.querySelectorAll("button[data-resting]")) {
      button.disabled = false;
      delete button.dataset.resting;
    }
  }

  /* The content security policy refuses style attributes; a width set from script is allowed. */
  function widen(scope) {
    for (const bar of scope.querySelectorAll("[data-width]")) {
      bar.style.width = `${Math.min(100, Math.max(0, Number(bar.dataset.width)))}%`;
    }
  }

  function submitOnChange(event) {
    if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  }

  /* A story, step by step: <section data-story> holds the controls, the list of [data-beat] and the picture. Without this
     script each step is a page of its own, and the controls are links to them. */
  function play(story) {
    const beats = [...story.querySelectorAll("[data-beat]")], wrap = story.querySelector(".diagram-wrap");
    const control = (name) => story.querySelector(`[data-control=${name}]`);
    const player = control("play"), told = story.querySelector("[data-told]");
    const calm = matchMedia("(prefers-reduced-motion: reduce)");
    let here = beats.findIndex((beat) => beat.hasAttribute("aria-current")), playing = 0;

    function show(place, first = false) {
      here = Math.max(0, Math.min(beats.length - 1, place));
      const beat = beats[here], { before, after } = beat.dataset, beyond = "beyond" in beat.dataset;
      beats.forEach((one, at) => {
        one.classList.toggle("ahead", at > here);
        if (at === here) one.setAttribute("aria-current", "step"); else one.removeAttribute("aria-current");
      });
      for (const state of story.querySelectorAll("[data-state]")) {
        const reached = state.dataset.state === after;
        state.classList.toggle("state-here", reached);
        state.classList.toggle("state-beyond", reached && beyond);
        if (reached) state.setAttribute("aria-current", "step"); else state.removeAttribute("aria-current");
      }
      for (const way of story.querySelectorAll("[data-from]")) {
        const taken = way.dataset.from === before && way.dataset.to === after;
        for (const path of way.querySelectorAll("path")) path.classList.toggle("edge-taken", taken);
      }
      point(control("back"), here - 1);
      point(control("on"), here + 1);
      follow(after);
      if (first) return;
      beat.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
      told.textContent = `${beat.dataset.beat} ${beat.querySelector(".what").textContent}`;
      history.replaceState(null, "", beat.querySelector("a").href);
    }

    function point(link, place) {
      const beat = beats[place];
      link.classList.toggle("disabled", !beat);
      if (beat) link.removeAttribute("aria-disabled"); else link.setAttribute("aria-disabled", "true");
      link.href = (beat || beats[here]).querySelector("a").href;
    }

    /* The token glides to a corner of the state's box, clear of its name, and the picture is moved so that both are seen. */
    function follow(state) {
      const token = story.querySelector(".token"), box = story.querySelector(`svg [data-state="${state}"] rect`);
      token.classList.toggle("gone", !box);
      if (!box) return;
      const { x, y, width, height } = box.getBBox();
      token.style.transform = `translate(${x}px, ${y}px)`;
      wrap.scrollTo({ left: x + width / 2 - wrap.clientWidth / 2, top: y + height / 2 - wrap.clientHeight / 2,
        behavior: calm.matches ? "auto" : "smooth" });
    }

    function rest() {
      clearInterval(playing);
      playing = 0;
      player.textContent = player.dataset.wordsPlay;
    }

    function start() {
      if (here === beats.length - 1) show(0);
      player.textContent = player.dataset.wordsPause;
      playing = setInterval(() => { show(here + 1); if (here === beats.length - 1) rest(); }, 2.2 * SECOND);
    }

    function turn(event, place) { event.preventDefault(); rest(); show(place); }

    story.addEventListener("click", (event) => {
      const plain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
      if (event.target === player) return playing ? rest() : start();
      if (!plain) return undefined;
      if (event.target === control("back")) return turn(event, here - 1);
      if (event.target === control("on")) return turn(event, here + 1);
      const link = event.target.closest("[data-beat] > a");
      return link ? turn(event, beats.indexOf(link.parentNode)) : undefined;
    });
    document.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const elsewhere = event.target.closest("input, select, textarea, .diagram-wrap");
      if (step && !elsewhere && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)) turn(event, here + step);
    });
    player.hidden = false;
    show(here, true);
    story.classList.add("playable"); // Seen only once it is in its place: it does not glide there from the corner.
  }

  document.addEventListener("submit", sendOnce, true);
  document.addEventListener("change", submitOnChange);
  window.addEventListener("pageshow", () => release(document));
  document.addEventListener("htmx:afterRequest", () => release(document));
  document.addEventListener("htmx:load", (event) => { widen(event.target.parentNode || document); tick(); });
  widen(document);
  for (const story of document.querySelectorAll("[data-story]")) play(story);
  tick();
  setInterval(tick, SECOND);
})();
