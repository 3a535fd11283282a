// A signature drawn with mouse, pen or finger: strokes of points, each 0 to 1000 across and down with its time, kept in a hidden
// field as JSON and drawn as lines. The pad keeps one shape on every screen, so turning or resizing it loses nothing.
const SPAN = 1000;
const HEIGHT = 400;
const NEAREST = 4; // points nearer than this to the last one say nothing new
const MOST_STROKES = 40;
const MOST_POINTS = 1900;
const SVG = "http://www.w3.org/2000/svg";

export function signaturePads(root) {
  for (const pad of root.querySelectorAll("[data-pad]")) watch(pad);
}

function watch(pad) {
  const paper = pad.querySelector("[data-pad-paper]");
  const field = pad.querySelector("[data-pad-strokes]");
  const state = pad.querySelector("[data-pad-state]");
  const [undo, clear] = ["undo", "clear"].map((act) => pad.querySelector(`[data-pad-${act}]`));
  const ink = paper.querySelector("[data-pad-ink]");
  let strokes = read(field.value);
  let begun = performance.now() - lastMoment(strokes);
  let pen = null;

  const draw = () => {
    while (ink.childElementCount > strokes.length) ink.lastElementChild.remove();
    strokes.forEach((stroke, index) => {
      const path = ink.children[index] ?? ink.appendChild(document.createElementNS(SVG, "path"));
      path.setAttribute("d", pathOf(stroke));
    });
  };
  const say = () => {
    const word = strokes.length ? pad.dataset.wordDrawn : pad.dataset.wordEmpty;
    state.textContent = word.replace("{}", strokes.length);
    paper.setAttribute("aria-label", `${pad.dataset.wordPad} ${state.textContent}`);
    pad.toggleAttribute("data-drawn", strokes.length > 0);
    undo.disabled = clear.disabled = strokes.length === 0;
  };
  const keep = () => {
    field.value = JSON.stringify(strokes);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    draw();
    say();
  };

  const pointOf = (event) => {
    const box = paper.getBoundingClientRect();
    const across = (event.clientX - box.left) / box.width;
    const down = (event.clientY - box.top) / box.height;
    const inside = (share) => Math.round(Math.min(1, Math.max(0, share)) * SPAN);
    return [inside(across), inside(down), Math.round(performance.now() - begun)];
  };
  const add = (event) => {
    const stroke = strokes.at(-1);
    const point = pointOf(event);
    if (distance(point, stroke.at(-1)) < NEAREST) return;
    stroke.push(point);
    if (countPoints(strokes) > MOST_POINTS) strokes = strokes.map(halve);
  };

  paper.addEventListener("pointerdown", (event) => {
    if (pen !== null || event.button !== 0 || strokes.length >= MOST_STROKES) return;
    event.preventDefault();
    if (!strokes.length) begun = performance.now();
    pen = event.pointerId;
    paper.setPointerCapture(pen);
    strokes.push([pointOf(event)]);
    draw();
  });
  // A touch that draws is no gesture. Left to the browser it ends as a throw of the page, and the tap that follows a quick
  // flourish only stops the throw: the button under it is not pressed.
  paper.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  paper.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pen) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const one of events.length ? events : [event]) add(one);
    draw();
  });
  for (const end of ["pointerup", "pointercancel"]) {
    paper.addEventListener(end, (event) => {
      if (event.pointerId !== pen) return;
      pen = null;
      keep();
    });
  }
  undo.addEventListener("click", () => {
    strokes.pop();
    keep();
    if (!strokes.length) paper.focus();
  });
  clear.addEventListener("click", () => {
    strokes = [];
    keep();
    paper.focus();
  });
  draw();
  say();
}

function read(text) {
  try {
    const value = JSON.parse(text || "[]");
    const isStroke = (stroke) => Array.isArray(stroke) && stroke.length && stroke.every((point) => point.length === 3);
    return Array.isArray(value) && value.every(isStroke) ? value : [];
  } catch {
    return [];
  }
}

function lastMoment(strokes) {
  return strokes.at(-1)?.at(-1)[2] ?? 0;
}

function distance([x, y], [otherX, otherY]) {
  return Math.hypot(x - otherX, ((y - otherY) * HEIGHT) / SPAN);
}

function countPoints(strokes) {
  return strokes.reduce((sum, stroke) => sum + stroke.length, 0);
}

// Every other point of a drawing that grows too long; where a stroke begins and ends stays.
function halve(stroke) {
  return stroke.filter((_point, index) => index % 2 === 0 || index === stroke.length - 1);
}

function pathOf(stroke) {
  const places = stroke.map(([x, y]) => [x, (y * HEIGHT) / SPAN]);
  if (places.length === 1) return `M${places[0][0]} ${places[0][1]}h1`;
  let path = `M${places[0].join(" ")}`;
  for (let index = 1; index < places.length - 1; index += 1) {
    const [x, y] = places[index];
    const [nextX, nextY] = places[index + 1];
    path += `Q${x} ${y} ${(x + nextX) / 2} ${(y + nextY) / 2}`;
  }
  return `${path}L${places.at(-1).join(" ")}`;
}
