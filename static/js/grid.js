// The recording grid: every value is saved as it is entered, by keys at a desk and by thumb in the hand.
// An arrow key only ever moves: on a governed record no key that is pressed in passing may put down a mark.
import { Outbox, randomUuid, tabStore } from "./outbox.js";
import { savedState } from "./saved-state.js";
import { Sender } from "./sender.js";

function record(form) {
  const { user, assessment, attempt, url } = form.dataset;
  const rows = [...form.querySelectorAll("[data-grid-row]")];
  const header = savedState(form);
  const sender = new Sender({
    token: form.elements.csrf_token.value,
    tokenUrl: form.dataset.tokenUrl,
    userId: user,
  });
  const outbox = new Outbox({
    store: tabStore(`ijaza-marks-${user}-${assessment}-${attempt}-${location.pathname}`),
    send: (entry) => sender.send(entry.uuid, url.replace("/0/", `/${entry.trainee}/`), bodyOf(entry)),
    answered,
    changed: header.show,
  });

  function bodyOf(entry) {
    return {
      uuid: entry.uuid,
      item_id: Number(entry.item),
      value: entry.value,
      base_version: entry.base,
      number: Number(attempt),
    };
  }

  function enter(cell, value) {
    cell.dataset.state = "saving";
    cell.dataset.queued = "";
    outbox.add({
      uuid: randomUuid(),
      trainee: rowOf(cell).dataset.trainee,
      item: cell.dataset.item,
      value,
      base: Number(cell.dataset.version),
    });
    count(rowOf(cell));
  }

  function answered(entry, answer) {
    const row = rows.find((one) => one.dataset.trainee === entry.trainee);
    const cell = row && cellsOf(row).find((one) => one.dataset.item === entry.item);
    if (!cell) return;
    const waits = outbox.holds((other) => other.trainee === entry.trainee && other.item === entry.item);
    if (answer.verdict === "refused") {
      if (!waits) settle(cell, "refused");
      header.say(`${nameOf(row)}: ${answer.message}`, { tone: "bad" });
      return;
    }
    cell.dataset.version = answer.version;
    if (!waits) {
      settle(cell, answer.outcome === "conflict" ? "conflict" : "saved");
      write(cell, answer.value);
    }
    if (answer.outcome === "conflict") showConflict(cell, row, answer);
    const sheet = row.querySelector("[data-sheet-cell]");
    const badge = row.querySelector(".grid__state");
    if (sheet) sheet.innerHTML = answer.sheet;
    if (badge) badge.innerHTML = answer.state;
    count(row);
  }

  function settle(cell, state) {
    cell.dataset.state = state;
    delete cell.dataset.queued;
  }

  function showConflict(cell, row, answer) {
    const place = cell.closest("td");
    place.classList.add("grid__cell--conflict");
    if (!place.querySelector(".mark__conflict")) {
      place.append(form.querySelector("[data-conflict-link]").content.cloneNode(true));
    }
    place.querySelector(".mark__conflict").href = answer.decision_url;
    header.say(`${nameOf(row)}. ${answer.message}`, {
      url: answer.decision_url,
      word: form.dataset.wordDecide,
    });
  }

  function count(row) {
    const cells = cellsOf(row);
    const done = cells.filter(isMarked).length;
    row.querySelector("[data-row-done]").textContent = done;
    row.toggleAttribute("data-complete", done === cells.length);
    const marks = rows.reduce((sum, one) => sum + Number(one.querySelector("[data-row-done]").textContent), 0);
    form.querySelector("[data-marks-done]").textContent = marks;
    form.querySelector("[data-marks-meter]").value = marks;
  }

  // What was entered before a reload and is not yet acknowledged stands on the page again.
  for (const entry of outbox.entries) {
    const row = rows.find((one) => one.dataset.trainee === entry.trainee);
    const cell = row && cellsOf(row).find((one) => one.dataset.item === entry.item);
    if (!cell) continue;
    write(cell, entry.value);
    cell.dataset.queued = "";
    count(row);
  }
  if (outbox.entries.length) outbox.flush();

  form.addEventListener("change", (event) => {
    const cell = event.target.closest("[data-cell]");
    if (cell) enter(cell, read(cell));
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("keydown", (event) => {
    const cell = event.target.closest("[data-cell]");
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
    if (press(event, cell)) event.preventDefault();
  });
  form.addEventListener("focusin", (event) => {
    if (event.target.matches(".mark__input")) event.target.select();
  });
  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-grid-toggle]")) openCard(event.target.closest("[data-grid-row]"));
    if (event.target.closest("[data-grid-next]")) openNext(event.target.closest("[data-grid-row]"));
  });

  // Returns true when the key was meant for the grid.
  function press(event, cell) {
    const figure = isFigure(cell);
    const key = western(event.key);
    if (event.key === "ArrowUp" || event.code === "KeyK") return step(cell, -1, 0);
    if (event.key === "ArrowDown" || event.code === "KeyJ") return step(cell, 1, 0);
    if (event.key === "Enter") {
      if (figure) event.target.blur();
      return figure && cellsOf(rowOf(cell)).length === 1 ? step(cell, 1, 0) : focusOpen(cell);
    }
    if (figure) return false;
    if (event.key === "ArrowLeft") return step(cell, 0, document.dir === "rtl" ? 1 : -1);
    if (event.key === "ArrowRight") return step(cell, 0, document.dir === "rtl" ? -1 : 1);
    if (event.key === "Backspace" || event.key === "Delete") {
      if (read(cell) !== null) {
        write(cell, null);
        enter(cell, null);
      }
      return true;
    }
    if (!/^[0-9]$/.test(key)) return false;
    if (!cell.querySelector(`input[value="${key}"]`)) return true;
    if (read(cell) !== key) {
      write(cell, key);
      enter(cell, key);
    }
    advance(cell);
    return true;
  }

  function step(cell, down, across) {
    const open = rows.filter(isOpen);
    const row = open[open.indexOf(rowOf(cell)) + down];
    const next = row && cellsOf(row)[cellsOf(rowOf(cell)).indexOf(cell) + across];
    if (next) focus(next);
    return true;
  }

  function advance(cell) {
    const cells = cellsOf(rowOf(cell));
    const next = cells[cells.indexOf(cell) + 1];
    if (next) focus(next);
    else focusOpen(cell);
  }

  function focusOpen(cell) {
    const open = rows.filter(isOpen).flatMap(cellsOf);
    const after = [...open.slice(open.indexOf(cell) + 1), ...open.slice(0, open.indexOf(cell))];
    const next = after.find((one) => !isMarked(one));
    if (next) focus(next);
    return true;
  }

  function openCard(row) {
    const open = !row.hasAttribute("data-open");
    const single = "single" in form.dataset;
    for (const one of single ? [row] : rows) {
      const shown = one === row && open;
      one.toggleAttribute("data-open", shown);
      one.querySelector("[data-grid-toggle]").setAttribute("aria-expanded", String(shown));
    }
    if (open) row.scrollIntoView({ block: "start" });
  }

  function openNext(row) {
    const rest = rows.slice(rows.indexOf(row) + 1).filter(isOpen);
    const next = rest.find((one) => !one.hasAttribute("data-complete")) ?? rest[0];
    if (!next) return openCard(row);
    openCard(next);
    next.querySelector("[data-grid-toggle]").focus({ preventScroll: true });
  }
}

const rowOf = (cell) => cell.closest("[data-grid-row]");
const cellsOf = (row) => [...row.querySelectorAll("[data-cell]")];
const nameOf = (row) => row.querySelector(".grid__name").textContent.trim();
const isOpen = (row) => !cellsOf(row)[0]?.disabled && row.getClientRects().length > 0;
const isFigure = (cell) => cell.classList.contains("mark--figure");

function isMarked(cell) {
  const value = read(cell);
  return value !== null && (isFigure(cell) || value !== "0");
}

function read(cell) {
  if (isFigure(cell)) return cell.querySelector("input").value.trim() || null;
  return cell.querySelector("input:checked")?.value ?? null;
}

function write(cell, value) {
  if (isFigure(cell)) {
    cell.querySelector("input").value = value ?? "";
    return;
  }
  for (const input of cell.querySelectorAll("input")) input.checked = input.value === value;
}

function focus(cell) {
  const target = cell.querySelector("input:checked") ?? cell.querySelector("input");
  target.focus();
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
}

// Keyboards of the Arab world and of Persian type their own digits.
function western(key) {
  const code = key.length === 1 ? key.charCodeAt(0) : 0;
  if (code >= 0x660 && code <= 0x669) return String(code - 0x660);
  if (code >= 0x6f0 && code <= 0x6f9) return String(code - 0x6f0);
  return key;
}

for (const form of document.querySelectorAll("[data-recorder]")) record(form);
