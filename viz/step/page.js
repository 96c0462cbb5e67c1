"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const { steps, arrays: given } = JSON.parse($("lesson").textContent);
  const single = (x) => ({ cells: [x], columns: 1, rows: 1, width: 1, shape: "" });
  const arrays = given.map((array) => (typeof array === "object" ? array : single(array)));
  const last = steps.length - 1;
  const start = steps.findIndex((step) => step.phase === "start");
  const phases = {
    ready: "ready", forward: "forward pass", start: "backward pass",
    backward: "backward pass", summary: "summary",
  };
  const nodes = [...document.querySelectorAll("#graph .node")];
  const edges = [...document.querySelectorAll("#graph .edge")];
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let now = 0;
  let timer = 0;
  let picked = 0;
  let isFirst = true;

  // At which step a node's value and gradient become known; inputs are known from 0 on.
  const values = new Map(steps.map((step, k) => [step.value, k]));
  const gradients = new Map(steps.map((step, k) => [step.gradient, k]));

  function make(tag, name, text) {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (text !== undefined) element.textContent = text;
    return element;
  }

  // --- Numbers: the same rules as in the drawing ---

  const raised = (power) =>
    "10" + String(power).replace(/./g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]));
  const sign = (x) => (x < 0 ? "−" : "");

  /** A number of a grid, all in one format. */
  function gridText(x, array) {
    if (typeof x === "string") return x;
    if (x === 0) return "0";
    const digits = (Math.abs(x) / 10 ** (array.power || 0)).toFixed(array.decimals || 0);
    return Number(digits) === 0 ? "~0" : sign(x) + digits;
  }

  /** A number by itself, with four digits. */
  function plainText(x) {
    if (typeof x === "string") return x;
    const size = Math.abs(x);
    if (size !== 0 && (size < 1e-3 || size >= 1e6)) {
      const [mantissa, power] = size.toExponential(3).split("e");
      return `${sign(x)}${Number(mantissa)}×${raised(Number(power))}`;
    }
    return sign(x) + String(Number(size.toPrecision(4)));
  }

  const operand = (x) => (sign(x) || String(x).startsWith("−") ? `(${plainText(x)})` : plainText(x));

  // --- The equation ---

  const cellAt = (array, row, column) => {
    const columns = array.columns || 0;
    return column < columns ? array.cells[row * columns + column] : undefined;
  };

  function matrix([label, index], isResult) {
    const array = arrays[index];
    const figure = make("figure", isResult ? "result" : "");
    const caption = make("figcaption", "", `${label} `);
    caption.append(make("span", "shape", array.shape));
    if (array.power) caption.append(make("span", "factor", ` ×${raised(array.power)}`));
    const table = make("table");
    const columns = array.columns || 0;
    const rows = columns ? array.cells.length / columns : 0;
    const largest = Math.max(...array.cells.map((x) => Math.abs(x)).filter(isFinite), 0);
    for (let row = 0; row < rows; row += 1) {
      const line = table.insertRow();
      for (let column = 0; column < columns; column += 1) {
        const x = array.cells[row * columns + column];
        const cell = line.insertCell();
        cell.textContent = array.shape ? gridText(x, array) : plainText(x);
        cell.dataset.at = `${row},${column}`;
        if (x && isFinite(x)) {
          cell.className = x > 0 ? "positive" : "negative";
          cell.style.setProperty("--tint", `${(12 + (88 * Math.abs(x)) / largest).toFixed(1)}%`);
        }
      }
      if (columns < array.width) line.append(make("td", "", "…"));
    }
    if (rows < array.rows) table.insertRow().append(make("td", "", "⋮"));
    if (!rows) table.insertRow().append(make("td", "", "empty"));
    figure.append(caption, table);
    if (array.summary) figure.append(make("div", "summary", array.summary));
    return figure;
  }

  function showEquation(step) {
    const items = (step.equation || []).map((item, k) =>
      typeof item === "string" ? make("span", "", item) : matrix(item, k === step.equation.length - 1));
    $("equation").replaceChildren(...items);
    const pickable = step.result >= 0;
    $("cell").hidden = !pickable;
    if (!pickable) return;
    items[step.result].classList.add("pickable");
    items[step.result].addEventListener("click", (event) => {
      const cell = event.target.closest("td[data-at]");
      if (cell) pick(cell.dataset.at.split(",").map(Number));
    });
    const { columns, cells } = arrays[step.equation[step.result][1]];
    const largest = cells.reduce((a, x, k) => (Math.abs(x) > Math.abs(cells[a]) ? k : a), 0);
    pick([Math.floor(largest / columns), largest % columns]);
  }

  // --- One cell of a product, written out ---

  /** Mark the cells that a cell of the result is made of, and write the sum. */
  function pick([row, column]) {
    const step = steps[now];
    const { columns, cells } = arrays[step.equation[step.result][1]];
    picked = row * columns + column;
    const parts = step.equation.slice(0, step.result - 1);
    const write = { matmul: product, cells: sameplace, sum: total }[step.cells];
    const { text, marks } = write(parts, row, column);
    const place = cells.length === 1 ? "" : `row ${row + 1}, column ${column + 1}:  `;
    $("sum").textContent = `${place}${text} = ${plainText(cells[picked])}`;
    $("cells").hidden = cells.length === 1;
    [...$("equation").children].forEach((figure, k) => {
      const isMarked = k === step.result ? (r, c) => r === row && c === column : marks.get(k);
      for (const cell of figure.querySelectorAll("td[data-at]")) {
        const [r, c] = cell.dataset.at.split(",").map(Number);
        cell.classList.toggle("picked", Boolean(isMarked && isMarked(r, c)));
      }
    });
  }

  const sumText = (terms, count) => {
    const more = count > terms.length ? ` + … (${(count - terms.length).toLocaleString("en")} more)` : "";
    return (terms.join(" + ") || "…") + more;
  };

  function product(parts, row, column) {
    const [a, b] = [arrays[parts[0][1]], arrays[parts[2][1]]];
    const terms = [];
    for (let k = 0; k < (a.width || 0); k += 1) {
      const [x, y] = [cellAt(a, row, k), cellAt(b, k, column)];
      if (x === undefined || y === undefined) break;
      terms.push(`${operand(x)}·${operand(y)}`);
    }
    const marks = new Map([[0, (r) => r === row], [2, (r, c) => c === column]]);
    return { text: sumText(terms, a.width || 0), marks };
  }

  function sameplace(parts, row, column) {
    const marks = new Map();
    let text = "";
    parts.forEach((part, k) => {
      if (typeof part === "string") {
        text += /^[,)]/.test(part) ? part : ` ${part}`;
        return;
      }
      const array = arrays[part[1]];
      const [r, c] = [array.rows === 1 ? 0 : row, array.width === 1 ? 0 : column];
      marks.set(k, (i, j) => i === r && j === c);
      const x = cellAt(array, r, c);
      const isInside = /[(,] ?$/.test(text);
      const write = isInside || k === 0 ? plainText : operand;
      text += (isInside ? "" : " ") + (x === undefined ? "…" : write(x));
    });
    return { text: text.trim(), marks };
  }

  function total(parts, row, column) {
    const array = arrays[parts[1][1]];
    const columns = array.columns || 0;
    const at = Math.max(row, column);
    const along = { "Σ over columns": (r) => r === at, "Σ over rows": (r, c) => c === at };
    const isIn = along[parts[0]] || (() => true);
    const inside = array.cells.filter((x, k) => isIn(Math.floor(k / columns), k % columns));
    const terms = inside.map((x, k) => (k ? operand(x) : plainText(x)));
    const count = { "Σ over columns": array.width, "Σ over rows": array.rows }[parts[0]];
    return { text: sumText(terms, count ?? array.rows * array.width), marks: new Map([[1, isIn]]) };
  }

  function nextCell() {
    const step = steps[now];
    if (step.result < 0) return;
    const { columns, cells } = arrays[step.equation[step.result][1]];
    const next = (picked + 1) % cells.length;
    pick([Math.floor(next / columns), next % columns]);
  }

  // --- The panel ---

  function showText(id, text) {
    $(id).textContent = text || "";
    $(id).hidden = !text;
  }

  function showNotes(step) {
    const notes = (step.notes || []).map((text, k) =>
      make("li", step.part && k === 0 ? "add" : "", text));
    $("notes").replaceChildren(...notes);
  }

  function showNorms(rows) {
    $("norms").hidden = !rows;
    $("norms").replaceChildren();
    if (!rows) return;
    const head = $("norms").insertRow();
    const bars = rows.map((row) => row[5]).filter((x) => x !== null);
    const low = Math.floor(Math.min(...bars)) - 0.5;
    const high = Math.max(...bars, low + 1);
    for (const text of ["name", "shape", "norm of its gradient", "(logarithmic)", "norm of its value"]) {
      const cell = make("th", "", text);
      cell.scope = "col";
      head.append(cell);
    }
    for (const [name, role, shape, gradient, value, size] of rows) {
      const line = $("norms").insertRow();
      line.className = role;
      for (const text of [name, shape, gradient]) line.insertCell().textContent = text;
      const bar = line.insertCell().appendChild(make("span", "bar"));
      bar.style.width = size === null ? "0" : `${(90 * (size - low)) / (high - low)}px`;
      line.insertCell().textContent = value;
    }
  }

  // --- The drawing ---

  function showDrawing(step) {
    for (const node of nodes) {
      const id = node.id;
      node.classList.toggle("known", (values.get(id) ?? 0) <= now);
      node.classList.toggle("done", gradients.has(id) && gradients.get(id) <= now);
      node.classList.toggle("operation", id === step.operation);
      node.classList.toggle("target", id === step.target);
      node.classList.toggle("source", (step.sources || []).includes(id));
    }
    const arrows = new Set((step.arrows || []).map((k) => `e${k}`));
    for (const edge of edges) edge.classList.toggle("active", arrows.has(edge.id));
    follow(step);
  }

  /** Scroll to what is active: to the target where not all of it has room. */
  function follow(step) {
    const ids = [step.operation, step.target].filter(Boolean);
    const view = $("view");
    if (!ids.length || view.classList.contains("fit")) return;
    const frame = view.getBoundingClientRect();
    const boxes = ids.map((id) => $(id).getBoundingClientRect());
    const middle = (low, high, room) => {
      const [from, to] = [Math.min(...boxes.map((b) => b[low])), Math.max(...boxes.map((b) => b[high]))];
      const box = boxes[boxes.length - 1];
      return to - from <= room ? (from + to) / 2 : (box[low] + box[high]) / 2;
    };
    view.scrollBy({
      left: middle("left", "right", frame.width) - frame.left - frame.width / 2,
      top: middle("top", "bottom", frame.height) - frame.top - frame.height / 2,
      behavior: calm.matches || isFirst ? "auto" : "smooth",
    });
  }

  function jumpTo(id) {
    const uses = (step) => (step.sources || []).includes(id);
    let forward = steps.findIndex((s) => s.phase === "forward" && (s.operation === id || s.value === id));
    if (forward < 0) forward = steps.findIndex((s) => s.phase === "forward" && uses(s));
    let backward = gradients.get(id) ?? -1;
    if (backward < 0) backward = steps.findIndex((s) => s.phase === "backward" && s.operation === id);
    const [first, second] = now >= start ? [backward, forward] : [forward, backward];
    const goal = first < 0 || (first === now && second >= 0) ? second : first;
    if (goal >= 0) go(goal);
  }

  // --- Going from step to step ---

  function show() {
    const step = steps[now];
    document.body.dataset.phase = step.phase;
    $("phase").textContent = phases[step.phase];
    $("counter").textContent = `step ${now} of ${last}`;
    $("heading").textContent = step.title;
    showText("chain", step.chain && `chain rule: ${step.chain}`);
    showText("formula", step.formula);
    showText("shapes", step.shapes && `shapes: ${step.shapes}`);
    showEquation(step);
    showNotes(step);
    showNorms(step.norms);
    showDrawing(step);
    $("slider").value = now;
    $("slider").setAttribute("aria-valuetext", `step ${now} of ${last}: ${step.title}`);
    $("live").textContent = [
      `${phases[step.phase]}, step ${now} of ${last}: ${step.title}.`,
      step.formula, ...(step.notes || []),
    ].filter(Boolean).join(" ");
  }

  function go(k) {
    now = Math.min(Math.max(k, 0), last);
    show();
    try {
      history.replaceState(null, "", `#step=${now}`);
    } catch {
      // A notebook's frame has no address of its own.
    }
  }

  function pause() {
    clearTimeout(timer);
    timer = 0;
    $("play").textContent = "▶ Play";
  }

  function play() {
    if (timer) {
      pause();
      return;
    }
    if (now === last) go(0);
    $("play").textContent = "❚❚ Pause";
    const tick = () => {
      go(now + 1);
      if (now === last) pause();
      else timer = setTimeout(tick, Number($("speed").value));
    };
    timer = setTimeout(tick, Number($("speed").value));
  }

  function move(k) {
    pause();
    go(k);
  }

  function fit() {
    const on = $("view").classList.toggle("fit");
    $("fit").setAttribute("aria-pressed", on);
    follow(steps[now]);
  }

  function switchTheme() {
    const root = document.documentElement;
    const scheme = root.dataset.scheme;
    const dark = scheme === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : scheme === "dark";
    root.dataset.scheme = dark ? "light" : "dark";
  }

  function readAddress() {
    const found = /^#step=(\d+)$/.exec(location.hash);
    return found ? Number(found[1]) : 0;
  }

  const actions = {
    ArrowLeft: () => move(now - 1), ArrowRight: () => move(now + 1),
    Home: () => move(0), End: () => move(last), " ": play,
    b: () => move(start), f: fit, c: nextCell,
  };

  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    const known = key.length === 1 ? key.toLowerCase() : key;
    const ownKey =
      target.tagName === "SELECT" || (target.tagName === "BUTTON" && key === " ");
    if (event.ctrlKey || event.metaKey || event.altKey || ownKey || !actions[known]) return;
    event.preventDefault();
    actions[known]();
  });
  $("first").onclick = () => move(0);
  $("previous").onclick = () => move(now - 1);
  $("play").onclick = play;
  $("next").onclick = () => move(now + 1);
  $("last").onclick = () => move(last);
  $("backward").onclick = () => move(start);
  $("slider").oninput = () => move(Number($("slider").value));
  $("fit").onclick = fit;
  $("theme").onclick = switchTheme;
  $("cells").onclick = nextCell;
  $("graph").addEventListener("click", (event) => {
    const node = event.target.closest(".node");
    if (node) {
      pause();
      jumpTo(node.id);
    }
  });
  addEventListener("hashchange", () => move(readAddress()));

  document.documentElement.classList.add("js");
  now = Math.min(readAddress(), last);
  show();
  isFirst = false;
})();
