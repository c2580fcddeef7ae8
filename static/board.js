// The live part of a page: one poll, and countdowns that tick between its answers.
//
// htmx sends the request and morphs the answer in; this script says when, keeps rows from moving under the pointer, and
// carries the badges on from the server's clock. Every sentence comes from the page, in the reader's language.
(() => {
  const live = document.querySelector("[data-live]");
  if (!live) return;

  const words = live.dataset;
  const EVERY = Number(words.every) * 1000;
  const LONGEST = 60_000; // between two tries while the server does not answer
  const STALE = 15_000; // without a good answer, the page says so
  const SOON = 400; // after a crossing: the server has passed that instant as well
  const HOLD = 8_000; // after the last movement in the list, rows may change places again
  const units = words.wordsUnits.split("|");
  const csrf = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  const stale = document.querySelector("[data-live-stale]");
  const updated = document.querySelector("[data-live-updated]");
  const clockFace = new Intl.DateTimeFormat("en-GB", {
    timeZone: words.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  });

  let etag = "";
  let offset = 0; // server's clock minus this browser's, in milliseconds
  let failures = 0;
  let lastGood = Date.now();
  let timer = null;
  let wantsAll = false; // the next answer is to come with a body, whatever the ETag says
  let touched = 0;
  let owed = false; // an order that was held back
  const announced = new WeakMap(); // badge -> the change for which it asked for an early poll

  const serverNow = () => Date.now() + offset;

  // Words ------------------------------------------------------------------------------------------------------------

  const SIZES = [86400, 3600, 60, 1];

  // Two neighbouring units at most, seconds only under ten minutes: as the server words it.
  const span = (seconds) => {
    let rest = Math.abs(Math.trunc(seconds));
    if (rest >= 600) rest -= rest % 60;
    const first = SIZES.findIndex((size) => rest >= size || size === 1);
    const parts = [];
    for (let place = first; place < Math.min(first + 2, SIZES.length); place += 1) {
      const count = Math.floor(rest / SIZES[place]);
      rest -= count * SIZES[place];
      if (count || (place === first && SIZES[place] === 1)) parts.push(`${count}${units[place]}`);
    }
    return parts.join(" ");
  };

  const say = (element, text) => {
    if (element && element.textContent !== text) element.textContent = text;
  };

  // Ticking ----------------------------------------------------------------------------------------------------------

  const setStatus = (badge, status) => {
    badge.dataset.status = status;
    badge.classList.remove("tone-ok", "tone-warning", "tone-breached");
    badge.classList.add(`tone-${status}`);
    const drawn = document.getElementById(`icon-${status}`);
    if (drawn) badge.querySelector(".icon")?.replaceWith(drawn.content.firstElementChild.cloneNode(true));
    const bar = badge.closest(".clock")?.parentElement.querySelector(".bar");
    bar?.classList.remove("tone-ok", "tone-warning", "tone-breached");
    bar?.classList.add(`tone-${status}`);
    const row = badge.closest(".board-row");
    if (!row) return;
    const all = [...row.querySelectorAll("[data-zero]")].map((one) => one.dataset.status);
    const worst = ["breached", "warning", "ok"].find((one) => all.includes(one));
    row.classList.remove("tone-ok", "tone-warning", "tone-breached", "tone-paused");
    row.classList.add(`tone-${worst}`);
  };

  const announce = (badge, change) => {
    if (announced.get(badge) === change) return;
    announced.set(badge, change);
    wantsAll = true;
    if (!failures) schedule(SOON);
  };

  const tickBadge = (badge, now) => {
    const { zero, warning, due, changes, threshold } = badge.dataset;
    let at = now;
    if (changes && now >= Date.parse(changes)) {
      announce(badge, changes);
      // Hours end here: the clock stands still until the server says how it goes on.
      if (changes !== warning && changes !== due) at = Date.parse(changes);
    }
    if (!zero) return;
    if (due && at >= Date.parse(due)) {
      if (badge.dataset.status !== "breached") setStatus(badge, "breached");
    } else if (warning && at >= Date.parse(warning) && badge.dataset.status === "ok") {
      setStatus(badge, "warning");
    }
    const left = Math.ceil((Date.parse(zero) - at) / 1000);
    let sentence = words.wordsLeft;
    if (badge.dataset.status === "breached") sentence = left > 0 ? words.wordsBreachedLeft : words.wordsOverdue;
    say(badge.querySelector(".sla-words"), sentence.replace("{span}", span(left)));
    const used = badge.closest(".clock")?.parentElement.querySelector(".bar-used");
    const percent = String(Math.max(0, Math.min(100, Math.floor(((threshold - left) * 100) / threshold))));
    if (used && used.getAttribute("width") !== percent) used.setAttribute("width", percent);
  };

  const tick = () => {
    const now = serverNow();
    for (const badge of live.querySelectorAll("[data-zero], [data-changes]")) tickBadge(badge, now);
    for (const time of live.querySelectorAll("[data-age]")) {
      const seconds = Math.floor((now - Date.parse(time.dataset.age)) / 1000);
      if (seconds >= 0) {
        say(time, seconds < 60 ? words.wordsNow : words.wordsAgo.replace("{span}", span(seconds - (seconds % 60))));
      }
    }
    for (const time of live.querySelectorAll("[data-since]")) say(time, span((now - Date.parse(time.dataset.since)) / 1000));
    if (!document.hidden && Date.now() - lastGood > STALE) showStale(true);
    if (owed && !held()) {
      owed = false;
      wantsAll = true;
      schedule(0);
    }
  };

  const readClock = (received) => {
    const told = live.querySelector("[data-server-time]");
    if (told) offset = Date.parse(told.dataset.serverTime) - received;
  };

  // Polling ----------------------------------------------------------------------------------------------------------

  const schedule = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(poll, wait);
  };

  const poll = () => {
    if (document.hidden) return; // visibilitychange starts it again
    live.dispatchEvent(new CustomEvent("live:poll"));
  };

  const showStale = (yes) => {
    if (stale && stale.hidden === yes) stale.hidden = !yes;
    document.documentElement.classList.toggle("is-stale", yes);
    document.documentElement.classList.toggle("is-live", !yes);
  };

  const good = () => {
    failures = 0;
    lastGood = Date.now();
    showStale(false);
    say(updated, words.updated?.replace("{time}", clockFace.format(serverNow())).replace("{seconds}", words.every));
  };

  live.addEventListener("htmx:before:request", (event) => {
    const { headers } = event.detail.ctx.request;
    if (etag && !wantsAll) headers["If-None-Match"] = etag;
  });

  live.addEventListener("htmx:before:response", (event) => {
    const { ctx } = event.detail;
    const { status, headers, raw } = ctx.response;
    ctx.receivedAt = Date.now();
    if (headers.get("HX-Redirect")) return; // htmx goes there
    if (raw.redirected || status === 401) {
      // The session ended: the login page is to come as a page, never into the list.
      event.preventDefault();
      window.location.assign(raw.redirected ? raw.url : window.location.href);
    } else if (status >= 400) {
      event.preventDefault();
    } else {
      ctx.wasGood = true;
      if (status === 200) {
        wantsAll = false;
        etag = headers.get("ETag") ?? "";
      }
    }
  });

  live.addEventListener("htmx:before:swap", (event) => {
    if (!event.detail.ctx.text) return;
    for (const task of event.detail.tasks) if (held()) hold(task.fragment);
  });

  live.addEventListener("htmx:after:swap", (event) => {
    if (!event.detail.ctx.text) return;
    readClock(event.detail.ctx.receivedAt);
    tick();
  });

  live.addEventListener("htmx:finally:request", (event) => {
    if (event.detail.ctx.wasGood) good();
    else failures += 1;
    const usual = wantsAll ? SOON : EVERY; // asked for in full while an answer was on its way
    schedule(failures ? Math.min(LONGEST, EVERY * 2 ** (failures - 1)) : usual);
  });

  document.addEventListener("htmx:config:request", (event) => {
    const { request } = event.detail.ctx;
    if (request.method !== "GET") request.headers["X-CSRFToken"] = csrf;
  });

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    lastGood = Math.max(lastGood, Date.now() - STALE / 2);
    schedule(0);
  });

  // Holding rows still -----------------------------------------------------------------------------------------------

  for (const kind of ["pointermove", "pointerdown", "keydown", "focusin", "wheel"]) {
    live.addEventListener(kind, () => { touched = Date.now(); }, { passive: true });
  }

  const held = () => Date.now() - touched < HOLD || live.querySelector(".row-menu[open], .clock[open]") !== null;

  // What is no longer in the list keeps its place, empty, so that nothing moves up under the pointer.
  const ghost = (row) => {
    const left = row.cloneNode(true);
    left.removeAttribute("data-conversation");
    for (const badge of left.querySelectorAll("[data-clock]")) {
      for (const key of Object.keys(badge.dataset)) delete badge.dataset[key];
    }
    left.classList.add("row-gone");
    left.dataset.words = words.gone;
    left.inert = true;
    return left;
  };

  // Puts the rows of an answer where they stand now; new ones follow at the end. The true order comes on release.
  const hold = (fragment) => {
    const places = [...live.querySelectorAll(".group")];
    const fresh = new Map([...fragment.querySelectorAll(".board-row")].map((row) => [row.id, row]));
    if (!places.length || !fresh.size) return;
    const order = (root) => [...root.querySelectorAll(".board-row")].map((row) => row.id).join();
    const wanted = order(fragment);
    const board = fragment.querySelector(".board");
    const known = new Set();
    let last = null;
    for (const place of places) {
      let group = fragment.querySelector(`#${place.id}`);
      if (!group) {
        group = place.cloneNode(true);
        group.querySelector(".board-rows").replaceChildren();
      }
      if (last) last.after(group);
      else board.insertBefore(group, board.querySelector(".group"));
      last = group;
      known.add(group.id);
      const rows = [...place.querySelectorAll(".board-row")].map((row) => fresh.get(row.id) ?? ghost(row));
      group.querySelector(".board-rows").prepend(...rows);
    }
    for (const group of board.querySelectorAll(".group")) {
      if (known.has(group.id)) continue;
      if (group.querySelector(".board-row")) {
        last.after(group);
        last = group;
      } else {
        group.remove();
      }
    }
    if (order(fragment) !== wanted) owed = true;
  };

  // Acting in place --------------------------------------------------------------------------------------------------

  const alerts = document.getElementById("alerts");

  const complain = (html) => {
    if (html) {
      alerts.innerHTML = html;
      return;
    }
    const notice = document.createElement("div");
    notice.className = "notice notice-error";
    notice.textContent = words.failed;
    alerts.replaceChildren(notice);
  };

  document.querySelector("form[data-in-place]")?.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (!button) return;
    event.preventDefault();
    const menu = button.closest("details");
    menu.open = false;
    menu.querySelector("summary").focus();
    alerts.replaceChildren();
    try {
      const answer = await fetch(button.formAction, {
        method: "POST",
        body: new URLSearchParams(new FormData(event.target, button)),
        headers: { "HX-Request": "true", "HX-Request-Type": "partial", "X-CSRFToken": csrf, Accept: "text/html" },
      });
      const goto = answer.headers.get("HX-Redirect");
      if (goto && answer.status === 401) {
        window.location.assign(goto);
        return;
      }
      if (!answer.ok) {
        const text = answer.status < 500 ? await answer.text() : "";
        complain(/<html/i.test(text) ? "" : text);
      }
    } catch {
      complain("");
    }
    touched = 0; // what one did oneself may move at once
    wantsAll = true;
    schedule(0);
  });

  // Start ------------------------------------------------------------------------------------------------------------

  const arrival = performance.getEntriesByType("navigation")[0];
  // A page that the browser kept (back, or unchanged on reload) tells an old time: then only an answer of now will do.
  const kept = !arrival || arrival.transferSize < arrival.encodedBodySize;
  if (!kept) readClock(performance.timeOrigin + arrival.responseStart);
  tick();
  setInterval(tick, 1000);
  document.documentElement.classList.add("is-live");
  schedule(kept ? 0 : EVERY);
})();
