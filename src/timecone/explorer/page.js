// The page of the explorer. It holds no model: it draws what it is sent and asks for the state of its controls.
// Every text is put in as text, never as markup.

const INK = "#1a1a1a", SOFT = "#4d4d4d", RULE = "#d5d5d5", GHOST = "#8f8f8f";
// Okabe & Ito 2008, with a dash each, so that curves are told apart without colour.
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"];
const DASHES = ["", "7 4", "9 3 2 3", "2 3", "12 3 2 3 2 3", "4 2"];
const FONT = 'system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';
const STEPS = 400;
// The first six pairs differ in both, further ones in one.
const style = (slot) => ({ colour: COLOURS[slot % 6], dash: DASHES[(slot + Math.floor(slot / 6)) % 6] });
const GRADES = { data: "measured", expert: "published judgement", guess: "own judgement" };

// ---------------------------------------------------------------------------------------------- elements

function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else element.setAttribute(key, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.flat(Infinity));
  return element;
}

function save(name, content, type) {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

// ----------------------------------------------------------------------------------------------- numbers

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const isYear = (x) => x >= 1900 && x < 2200;
const tidy = (x) => (isYear(Math.abs(x)) ? Number(x.toFixed(1)) : Number(x.toPrecision(4)));

function numberText(x) {
  const size = Math.abs(x);
  if (size !== 0 && (size >= 1e6 || size < 1e-3)) return x.toExponential().replace("e+", "e");
  return String(x);
}

function count(draws) {
  return draws >= 1e6 && draws % 1e5 === 0 ? `${draws / 1e6} million` : draws.toLocaleString("en");
}

function superscript(exponent) {
  return "10" + [...String(exponent)].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"["0123456789".indexOf(c)] ?? "⁻").join("");
}

function ticks(low, high, count) {
  const raw = (high - low) / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((m) => m >= raw - 1e-12);
  const list = [];
  for (let x = Math.ceil(low / step - 1e-9) * step; x <= high + 1e-9 * step; x += step) list.push(Number(x.toPrecision(12)));
  return list;
}

const maps = {
  linear: [(x) => x, (y) => y],
  log: [Math.log, Math.exp],
};

function mapsOf(ends) {
  if (!ends.bounds) return maps[ends.scale];
  const [low, high] = ends.bounds;
  // Logarithms of the distance from an origin other than 0, on either side of it.
  if (ends.scale === "log" && high !== null) return [(x) => -Math.log(high - x), (y) => high - Math.exp(-y)];
  if (ends.scale === "log") return [(x) => Math.log(x - low), (y) => low + Math.exp(y)];
  return [(x) => Math.log((x - low) / (high - x)), (y) => low + (high - low) / (1 + Math.exp(-y))];
}

// ------------------------------------------------------------------------------------------------ figures

function path(points) {
  let text = "", pen = false;
  for (const [x, y] of points) {
    if (x === null || y === null || !isFinite(x) || !isFinite(y)) { pen = false; continue; }
    text += `${pen ? "L" : "M"}${x.toFixed(1)},${y.toFixed(1)}`;
    pen = true;
  }
  return text;
}

// A frame with axes; returns the drawing and its two scales.
function frame(width, height, { x, y, xTicks, yTicks, xText, yText, xLabel, yLabel, title, logX, description }) {
  const left = 56, right = 24, top = title ? 56 : 26, bottom = 44;
  const [map] = logX ? maps.log : maps.linear;
  const fx = (v) => left + ((map(v) - map(x[0])) / (map(x[1]) - map(x[0]))) * (width - left - right);
  const fy = (v) => height - bottom - ((v - y[0]) / (y[1] - y[0])) * (height - top - bottom);
  const svg = s("svg", {
    xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
    "font-family": FONT, "font-size": 12, fill: INK,
  }, s("title", {}, description), s("rect", { width, height, fill: "#ffffff" }));
  if (title) svg.append(s("text", { x: 10, y: 22, "font-size": 15, "font-weight": 600 }, title));
  for (const v of xTicks) {
    svg.append(s("line", { x1: fx(v), x2: fx(v), y1: top, y2: height - bottom, stroke: "#ececec" }));
    svg.append(s("text", { x: fx(v), y: height - bottom + 17, "text-anchor": "middle" }, xText(v)));
  }
  for (const v of yTicks) {
    svg.append(s("line", { x1: left, x2: width - right, y1: fy(v), y2: fy(v), stroke: "#ececec" }));
    svg.append(s("text", { x: left - 7, y: fy(v) + 4, "text-anchor": "end" }, yText(v)));
  }
  svg.append(s("line", { x1: left, x2: width - right, y1: height - bottom, y2: height - bottom, stroke: SOFT }));
  svg.append(s("text", { x: (left + width - right) / 2, y: height - 8, "text-anchor": "middle", fill: SOFT }, xLabel));
  svg.append(s("text", { x: 6, y: top - 11, fill: SOFT }, yLabel));
  return { svg, fx, fy, left, right: width - right, top, bottom: height - bottom };
}

function clipped(drawn, id, ...content) {
  const { svg, left, right, top, bottom } = drawn;
  svg.append(s("clipPath", { id }, s("rect", { x: left, y: top - 2, width: right - left, height: bottom - top + 4 })));
  svg.append(s("g", { "clip-path": `url(#${id})` }, content));
}

function line(points, colour, width, dash) {
  return s("path", { d: path(points), fill: "none", stroke: colour, "stroke-width": width, "stroke-dasharray": dash, "stroke-linejoin": "round" });
}

function legend(svg, entries, width, y) {
  let x = 12, row = y;
  for (const { text, colour, dash } of entries) {
    const size = 34 + 6.6 * text.length + 14;
    if (x + size > width && x > 12) { x = 12; row += 18; }
    svg.append(s("line", { x1: x, x2: x + 26, y1: row - 4, y2: row - 4, stroke: colour, "stroke-width": 2.4, "stroke-dasharray": dash }));
    svg.append(s("text", { x: x + 32, y: row }, text));
    x += size;
  }
  return row;
}

function figureCdf(view, width, height, exported) {
  const { answer, reference, slots, end, moved } = view;
  const years = ticks(answer.dates[0], end, Math.max(4, Math.floor(width / 95)));
  const drawn = frame(width, height, {
    x: [answer.dates[0], end], y: [0, 1], xTicks: years, yTicks: [0, 0.2, 0.4, 0.6, 0.8, 1],
    xText: String, yText: (v) => `${Math.round(100 * v)} %`, xLabel: "calendar year", yLabel: "probability of arrival before the date",
    title: exported, description: view.sentence,
  });
  const shown = answer.milestones.filter((m) => slots.has(m.name)).map((m) => [m, style(slots.get(m.name))]);
  const content = [];
  const points = (milestone, dates) => milestone.curve.map((p, k) => [drawn.fx(dates[k]), drawn.fy(p)]);
  if (moved) for (const [m, { dash }] of shown) {
    const before = reference.milestones.find((r) => r.name === m.name);
    if (before) content.push(line(points(before, reference.dates), GHOST, 2, dash));
  }
  for (const [m, { colour, dash }] of shown) content.push(line(points(m, answer.dates), colour, m.name === answer.headline ? 3 : 2.2, dash));
  clipped(drawn, "clip-cdf", ...content);
  if (exported) {
    const entries = shown.map(([m, styled]) => ({ text: m.label, ...styled }));
    if (moved) entries.push({ text: "before (grey)", colour: GHOST, dash: "" });
    legend(drawn.svg, entries, width, height + 16);
  }
  return drawn.svg;
}

function figureDuration(view, width, height, exported) {
  const now = view.answer.durations[0], before = view.reference.durations[0];
  const last = now.years[now.years.length - 1];
  const marks = [0.1, 0.3, 1, 3, 10, 30, 100].filter((v) => v <= last);
  const drawn = frame(width, height, {
    x: [now.years[0], last], y: [0, 1], xTicks: marks, yTicks: [0, 0.2, 0.4, 0.6, 0.8, 1], logX: true, xText: String,
    yText: (v) => `${Math.round(100 * v)} %`, xLabel: "years (logarithmic)", yLabel: "probability of a shorter time", title: exported,
    description: `${now.label}: ${now.meaning}`,
  });
  const points = (d) => d.curve.map((p, k) => [drawn.fx(d.years[k]), drawn.fy(p)]);
  clipped(drawn, "clip-duration", view.moved ? [line(points(before), GHOST, 2, "")] : [], line(points(now), COLOURS[0], 3, ""));
  return drawn.svg;
}

function figureFan(view, width, height, exported) {
  const { fan } = view.answer, ghost = view.reference.fan;
  const isLog = fan.unit.startsWith("log10");
  const inside = fan.time.map((t, k) => [t, k]).filter(([t]) => t <= view.end).map(([, k]) => k);
  const values = inside.flatMap((k) => fan.bands.map((band) => band[k])).concat(fan.levels).filter((v) => v !== null);
  let low = Math.min(...values), high = Math.max(...values);
  if (!(high > low)) { low -= 1; high += 1; }
  const room = 0.05 * (high - low);
  const yTicks = ticks(low - room, high + room, Math.floor(height / 55)).filter((v) => !isLog || Number.isInteger(v));
  const unit = fan.unit.replace("log10 ", "");
  const drawn = frame(width, height, {
    x: [fan.time[0], view.end], y: [low - room, high + room], xTicks: ticks(fan.time[0], view.end, Math.max(4, Math.floor(width / 95))), yTicks,
    xText: String, yText: (v) => (isLog ? superscript(v) : numberText(tidy(v))), xLabel: "calendar year",
    yLabel: unit && unit !== "1" ? `${fan.label} (${unit})` : fan.label, title: exported, description: fan.label,
  });
  const { fx, fy, left, right } = drawn;
  const content = [];
  const area = (a, b, opacity) => {
    const upper = fan.bands[b].map((v, k) => [fx(fan.time[k]), v === null ? null : fy(v)]);
    const lower = fan.bands[a].map((v, k) => [fx(fan.time[k]), v === null ? null : fy(v)]).reverse();
    const points = [...upper, ...lower].filter(([, y]) => y !== null);
    content.push(s("path", { d: `${path(points)}Z`, fill: COLOURS[0], opacity }));
  };
  area(0, 4, 0.16);
  area(1, 3, 0.26);
  const of = (source, k) => source.bands[k].map((v, j) => [fx(source.time[j]), v === null ? null : fy(v)]);
  if (view.moved && ghost) for (const k of [0, 2, 4]) content.push(line(of(ghost, k), GHOST, k === 2 ? 2 : 1.2, k === 2 ? "" : "3 3"));
  content.push(line(of(fan, 2), COLOURS[0], 2.8, ""));
  if (fan.levels.length) {
    const certain = fan.levels.every((v) => v === fan.levels[2]);
    const names = ["5 %", "25 %", certain ? "requirement" : "50 % of requirements", "75 %", "95 %"];
    const labelled = [];
    for (const k of certain ? [2] : [2, 0, 4, 1, 3]) {
      const v = fan.levels[k];
      if (v === null) continue;
      content.push(s("line", { x1: left, x2: right, y1: fy(v), y2: fy(v), stroke: COLOURS[1], "stroke-width": k === 2 ? 2.2 : 1, "stroke-dasharray": k === 2 ? "7 4" : "2 4" }));
      if (labelled.every((y) => Math.abs(fy(v) - y) > 14)) {
        content.push(s("text", { x: left + 6, y: fy(v) - 4, fill: "#8a3c00", "font-size": 11 }, names[k]));
        labelled.push(fy(v));
      }
    }
    if (view.moved && ghost && ghost.levels[2] !== null && ghost.levels[2] !== fan.levels[2])
      content.push(s("line", { x1: left, x2: right, y1: fy(ghost.levels[2]), y2: fy(ghost.levels[2]), stroke: GHOST, "stroke-width": 1.6, "stroke-dasharray": "7 4" }));
  }
  clipped(drawn, "clip-fan", ...content);
  return drawn.svg;
}

const shades = (drivers) => `${capital(drivers.asked)}: light where the input is low, dark where it is high`;

function figureTornado(view, width, height, exported) {
  const { drivers } = view, rows = drivers.rows;
  const top = exported ? 40 : 10, each = 40, left = 14, right = 14;
  const total = top + each * rows.length + 28 + (exported ? 16 : 0), foot = total - (exported ? 40 : 26);
  const ends = rows.flatMap((r) => [r.low, r.high]).concat(drivers.target);
  let low = Math.min(...ends), high = Math.max(...ends);
  if (!(high > low)) { low -= 1; high += 1; }
  const fx = (v) => left + ((v - low) / (high - low)) * (width - left - right);
  const svg = s("svg", {
    xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${width} ${total}`, width, height: total, role: "img", "font-family": FONT, "font-size": 12, fill: INK,
  }, s("title", {}, `${drivers.asked} where an input is low and where it is high`), s("rect", { width, height: total, fill: "#ffffff" }));
  if (exported) svg.append(s("text", { x: 10, y: 22, "font-size": 15, "font-weight": 600 }, exported));
  for (const v of ticks(low, high, Math.floor(width / 95))) {
    svg.append(s("line", { x1: fx(v), x2: fx(v), y1: top, y2: foot, stroke: "#f1f1f1" }));
    const x = Math.min(Math.max(fx(v), 16), width - 16);
    svg.append(s("text", { x, y: foot + 16, "text-anchor": "middle" }, String(v)));
  }
  rows.forEach((row, k) => {
    const y = top + each * k;
    const room = Math.floor((width - left - right) / 6.4);
    const name = row.label.length > room ? `${row.label.slice(0, room - 1)}…` : row.label;
    svg.append(s("text", { x: left, y: y + 13, "font-weight": 600 }, name));
    const detail = row.ends;
    if (7.8 * name.length + 6.4 * detail.length + 40 < width) svg.append(s("text", { x: width - right, y: y + 13, "text-anchor": "end", fill: SOFT, "font-size": 11 }, detail));
    const bar = (from, to, fill) => s("rect", { x: Math.min(fx(from), fx(to)), y: y + 18, width: Math.max(Math.abs(fx(to) - fx(from)), 1), height: 15, fill, stroke: "#333", "stroke-width": 0.5 });
    svg.append(bar(drivers.target, row.low, "#56b4e9"), bar(drivers.target, row.high, "#d55e00"));
    svg.append(s("line", { x1: fx(drivers.target), x2: fx(drivers.target), y1: y + 16, y2: y + 35, stroke: INK, "stroke-width": 1.5 }));
    for (const [value, beyond] of [[row.low, row.low_beyond], [row.high, row.high_beyond]])
      if (beyond) svg.append(s("path", { d: `M${fx(value) - 8},${y + 19}l7,6.5l-7,6.5Z`, fill: INK }));
  });
  if (exported) svg.append(s("text", { x: width / 2, y: total - 7, "text-anchor": "middle", fill: SOFT }, shades(drivers)));
  return svg;
}

// ------------------------------------------------------------------------------------------------- controls

function words(key) {
  const [name] = key.split("@");
  const [component, ...rest] = name.split(".");
  const plain = (text) => text.replaceAll("_", " ");
  const title = rest.length ? plain(rest.join(".")) : plain(component);
  return { component: rest.length ? plain(component) : "quantities", title };
}

function why(control) {
  const grade = control.basis || "ungraded";
  return h("details", { class: "why" },
    h("summary", {}, h("span", { class: `grade ${grade}`, title: GRADES[grade] ?? "" }, grade), h("span", { class: "source" }, control.source)),
    h("div", {},
      h("p", {}, control.source),
      control.note ? h("p", {}, control.note) : null,
      control.form ? h("p", {}, h("code", {}, control.form)) : null,
      h("p", {}, `${GRADES[grade] ?? "ungraded"}; as of ${control.as_of ?? ""}`)));
}

class SliderControl {
  constructor(page, spec, long) {
    Object.assign(this, { page, spec });
    this.words = words(spec.key);
    this.stated = null;
    const { ends } = spec;
    const title = spec.title || (long && this.words.component !== "quantities" ? `${this.words.component}: ` : "") + this.words.title + (spec.condition ? ` if ${spec.condition}` : "");
    this.name = title;
    this.back = h("button", { type: "button", class: "quiet", hidden: true, "aria-label": `Put ${title} back`, onclick: () => { this.set(null); page.changed(true); } }, "put back");
    this.anew = page.features.elicit ? h("button", { type: "button", class: "quiet", "aria-label": `Enter your own distribution of ${title}`, onclick: () => page.elicitation.open(this) }, "your own") : null;
    this.text = h("p", { class: "stated", hidden: true });
    this.element = h("div", { class: "control", "data-key": spec.key, role: "group", "aria-label": title },
      h("div", { class: "head" }, h("span", { class: "name" }, title, spec.unit === "1" ? null : h("span", { class: "unit" }, ` ${spec.unit}`)), h("span", { class: "gap" }), this.back, this.anew),
      spec.meaning ? h("p", { class: "meaning" }, spec.meaning) : null,
      ends ? this.sliders(ends, title) : h("p", { class: "meaning" }, `${spec.form}: no slider moves it.`),
      this.text, why(spec), spec.is_read ? null : h("p", { class: "meaning" }, "Not read: its component is switched off."));
  }

  sliders(ends, title) {
    const { minimum, maximum } = this.spec;
    const [to, from] = mapsOf(ends);
    const first = to(minimum), width = to(maximum) - first;
    this.at = (value) => Math.round(Math.min(Math.max((to(value) - first) / width, 0), 1) * STEPS);
    this.value = (step) => (step === 0 ? minimum : step === STEPS ? maximum : tidy(from(first + (width * step) / STEPS)));
    this.bar = h("span", { class: "bar" });
    const ghost = h("span", { class: "ghost" });
    this.ranges = []; this.fields = [];
    (ends.single ? [0] : [0, 1]).forEach((k) => {
      const label = ends.single ? title : `${title}, ${ends.names[k]}`;
      this.ranges[k] = h("input", { type: "range", min: 0, max: STEPS, step: 1, "aria-label": label, oninput: () => this.slide(k, false), onchange: () => this.slide(k, true) });
      this.fields[k] = h("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": `${label}, as a number`, onchange: () => this.type(k) });
    });
    ghost.style.left = `${(100 * this.at(ends.low)) / STEPS}%`;
    ghost.style.right = `${100 - (100 * this.at(ends.high)) / STEPS}%`;
    ghost.classList.toggle("point", ends.single);
    this.now = [ends.low, ends.high];
    this.box = h("div", { class: "moves" },
      h("div", { class: ends.single ? "range single" : "range" }, ghost, this.bar, ...this.ranges),
      h("div", { class: "numbers" }, this.fields.map((field, k) => h("label", {}, ends.single ? "" : `${ends.names[k]} `, field))));
    this.draw();
    return this.box;
  }

  get moved() { return this.stated !== null || (this.now !== undefined && (this.now[0] !== this.spec.ends.low || this.now[1] !== this.spec.ends.high)); }

  slide(k, done) {
    const value = this.value(Number(this.ranges[k].value));
    if (this.spec.ends.single) this.now = [value, value];
    else {
      const other = this.now[1 - k];
      const limit = this.value(this.at(other) + (k === 0 ? -2 : 2));
      const crosses = k === 0 ? value >= other : value <= other;
      if (crosses && (k === 0 ? limit >= other : limit <= other)) { this.draw(); return; }
      this.now = k === 0 ? [crosses ? limit : value, other] : [other, crosses ? limit : value];
    }
    this.draw();
    this.page.changed(done);
  }

  type(k) {
    const value = Number(this.fields[k].value.trim().replace("−", "-"));
    const next = this.spec.ends.single ? [value, value] : k === 0 ? [value, this.now[1]] : [this.now[0], value];
    const wrong = this.fields[k].value.trim() === "" || !isFinite(value) || (!this.spec.ends.single && !(next[0] < next[1]));
    this.fields[k].setAttribute("aria-invalid", wrong);
    if (wrong) { this.page.refuse(`${this.name}: ${this.fields[k].value || "nothing"} is not a number between the other end and the edge.`); return; }
    this.now = next;
    this.draw();
    this.page.changed(true);
  }

  set(text) {
    this.stated = null;
    if (this.spec.ends) this.now = [this.spec.ends.low, this.spec.ends.high];
    if (text !== null) {
      if (text.includes("(")) this.stated = text;
      else {
        const numbers = text.split("~").map(Number);
        this.now = [numbers[0], numbers[numbers.length - 1]];
      }
    }
    this.draw();
  }

  get fullName() { return this.spec.title || `${this.words.component === "quantities" ? "" : `${this.words.component}: `}${this.words.title}${this.spec.condition ? ` if ${this.spec.condition}` : ""}`; }

  get change() {
    if (this.stated !== null) return `${this.stated} (was ${this.spec.form})`;
    const { ends } = this.spec, unit = this.spec.unit === "1" ? "" : ` ${this.spec.unit}`;
    const text = (low, high) => (ends.single ? numberText(tidy(low)) : `${ends.names[0]} ${numberText(tidy(low))} and ${ends.names[1]} ${numberText(tidy(high))}`);
    return `${text(...this.now)}${unit} (was ${text(ends.low, ends.high)})`;
  }

  get part() {
    if (!this.moved) return null;
    if (this.stated !== null) return this.stated;
    return this.spec.ends.single ? numberText(this.now[0]) : this.now.map(numberText).join("~");
  }

  draw() {
    this.element?.classList.toggle("moved", this.moved);
    this.back.hidden = !this.moved;
    this.text.hidden = this.stated === null;
    this.text.textContent = this.stated === null ? "" : `Your own: ${this.stated}`;
    if (this.box) this.box.hidden = this.stated !== null;
    this.ranges?.forEach((range, k) => {
      const value = this.now[k];
      if (this.at(value) !== Number(range.value)) range.value = this.at(value);
      range.setAttribute("aria-valuetext", `${numberText(value)} ${this.spec.unit === "1" ? "" : this.spec.unit}`);
      this.fields[k].value = numberText(Number(value.toPrecision(6)));
      this.fields[k].removeAttribute("aria-invalid");
    });
    if (this.bar) {
      this.bar.style.left = this.spec.ends.single ? "0" : `${(100 * this.at(this.now[0])) / STEPS}%`;
      this.bar.style.right = `${100 - (100 * this.at(this.now[1])) / STEPS}%`;
    }
  }
}

class WeightsControl {
  constructor(page, spec) {
    Object.assign(this, { page, spec });
    this.name = spec.title || words(spec.key).title;
    this.weights = { ...spec.weights };
    this.back = h("button", { type: "button", class: "quiet", hidden: true, "aria-label": `Put ${this.name} back`, onclick: () => { this.set(null); page.changed(true); } }, "put back");
    this.rows = Object.keys(spec.weights).map((value) => {
      const range = h("input", { type: "range", min: 0, max: 100, step: 1, "aria-label": `Weight of ${value}`, oninput: () => this.slide(value, false), onchange: () => this.slide(value, true) });
      const output = h("output", {});
      const ghost = h("span", { class: "ghost point" });
      ghost.style.left = `${100 * spec.weights[value]}%`;
      const bar = h("span", { class: "bar" });
      return { value, range, output, bar, element: h("div", { class: "weight" }, h("span", { class: "value", title: spec.meanings[value] ?? "" }, value.replaceAll("_", " ")), h("div", { class: "range single" }, ghost, bar, range), output) };
    });
    this.element = h("div", { class: "control", "data-key": `choice:${spec.key}`, role: "group", "aria-label": this.name },
      h("div", { class: "head" }, h("span", { class: "name" }, this.name), h("span", { class: "gap" }), this.back), this.rows.map((row) => row.element), why(spec));
    this.draw();
  }

  get moved() { return Object.entries(this.spec.weights).some(([value, weight]) => this.weights[value] !== weight); }

  slide(value, done) {
    const row = this.rows.find((r) => r.value === value);
    const share = Number(row.range.value) / 100;
    const others = Object.keys(this.weights).filter((other) => other !== value);
    const rest = others.reduce((sum, other) => sum + this.weights[other], 0);
    for (const other of others) this.weights[other] = (1 - share) * (rest > 0 ? this.weights[other] / rest : 1 / others.length);
    if (!others.length) return;
    this.weights[value] = share;
    for (const name of Object.keys(this.weights)) this.weights[name] = Number(this.weights[name].toFixed(6));
    this.draw();
    this.page.changed(done);
  }

  set(text) {
    this.weights = { ...this.spec.weights };
    if (text !== null) for (const part of text.split(",")) {
      const [value, weight] = part.split(":");
      this.weights[value] = Number(weight);
    }
    this.draw();
  }

  get change() {
    const text = (weights) => Object.entries(weights).map(([value, weight]) => `${value.replaceAll("_", " ")} ${(100 * weight).toFixed(0)} %`).join(", ");
    return `${text(this.weights)} (was ${text(this.spec.weights)})`;
  }

  get part() { return this.moved ? Object.entries(this.weights).map(([value, weight]) => `${value}:${weight}`).join(",") : null; }

  draw() {
    this.element?.classList.toggle("moved", this.moved);
    this.back.hidden = !this.moved;
    for (const { value, range, output, bar } of this.rows) {
      const percent = 100 * this.weights[value];
      if (Math.round(percent) !== Number(range.value)) range.value = Math.round(percent);
      range.setAttribute("aria-valuetext", `${percent.toFixed(0)} %`);
      output.textContent = `${percent.toFixed(0)} %`;
      bar.style.left = "0";
      bar.style.right = `${100 - percent}%`;
    }
  }
}

class SwitchControl {
  constructor(page, spec) {
    Object.assign(this, { page, spec, name: spec.title });
    this.box = h("input", { type: "checkbox", role: "switch", disabled: !spec.can_switch, onchange: () => { this.draw(); page.changed(true); } });
    this.box.checked = spec.is_on;
    this.element = h("div", { class: "control", "data-key": `component:${spec.key}` },
      h("label", { class: "switch" }, this.box, h("span", { class: "name" }, spec.title)),
      h("p", { class: "meaning" }, spec.meaning),
      spec.can_switch ? null : h("p", { class: "meaning" }, "The scenario lacks inputs that it needs."));
  }

  get moved() { return this.box.checked !== this.spec.is_on; }

  set(text) {
    this.box.checked = text === null ? this.spec.is_on : text === "on";
    this.draw();
  }

  get change() { return this.box.checked ? "on (was off)" : "off (was on)"; }

  get part() { return this.moved ? (this.box.checked ? "on" : "off") : null; }

  draw() { this.element.classList.toggle("moved", this.moved); }
}

// ---------------------------------------------------------------------------------------------- elicitation

class Elicitation {
  constructor(page) {
    this.page = page;
    this.levels = [0.05, 0.25, 0.5, 0.75, 0.95];
    this.bins = 10;
    this.title = h("h2", {});
    this.quantiles = h("div", { class: "grid" });
    this.low = h("input", { type: "text", inputmode: "decimal", "aria-label": "Lowest edge", onchange: () => this.roulette() });
    this.high = h("input", { type: "text", inputmode: "decimal", "aria-label": "Highest edge", onchange: () => this.roulette() });
    this.board = h("div", { class: "board", role: "group", "aria-label": "Chips in bins" });
    this.count = h("p", { class: "meaning", "aria-live": "polite" });
    this.chipsPart = h("div", { hidden: true }, h("p", { class: "meaning" }, "Put chips into bins: click above a column, or use its plus and minus. Each chip is an equal share of the probability."),
      h("div", { class: "numbers" }, h("label", {}, "from ", this.low), h("label", {}, "to ", this.high)), this.board, this.count);
    this.way = h("select", { "aria-label": "How to state it", onchange: () => this.show() }, h("option", { value: "quantiles" }, "quantiles"), h("option", { value: "chips" }, "chips in bins (roulette)"));
    this.result = h("div", { class: "fits" });
    this.message = h("p", { class: "alert", role: "alert", hidden: true });
    this.dialog = h("dialog", { "aria-label": "Your own distribution" }, h("form", { method: "dialog", onsubmit: (event) => event.preventDefault() },
      this.title, h("label", {}, "State it by ", this.way), this.quantiles, this.chipsPart, this.message, this.result,
      h("div", { class: "buttons" }, h("button", { type: "button", onclick: () => this.ask() }, "Fit"), h("button", { type: "button", onclick: () => this.dialog.close() }, "Close"))));
  }

  open(control) {
    this.control = control;
    const ends = control.spec.ends;
    this.title.textContent = `Your own distribution of ${control.name}${control.spec.unit === "1" ? "" : ` (${control.spec.unit})`}`;
    this.scale = ends?.scale === "log" && !ends.bounds ? "log" : "linear";
    const [low, high] = control.now ?? [0, 1];
    const [to, from] = maps[this.scale];
    const z = [-1.645, -0.674, 0, 0.674, 1.645];
    this.fields = this.levels.map((level, k) => h("input", { type: "text", inputmode: "decimal", "aria-label": `${100 * level} % quantile`, value: ends && !ends.single ? numberText(tidy(from(to(low) + ((z[k] + 1.645) / 3.29) * (to(high) - to(low))))) : "" }));
    this.quantiles.replaceChildren(...this.levels.map((level, k) => h("label", {}, `${100 * level} % below `, this.fields[k])));
    this.low.value = numberText(control.spec.minimum);
    this.high.value = numberText(control.spec.maximum);
    this.chips = new Array(this.bins).fill(0);
    this.result.replaceChildren();
    this.message.hidden = true;
    this.roulette();
    this.show();
    this.dialog.showModal();
  }

  show() {
    this.quantiles.hidden = this.way.value !== "quantiles";
    this.chipsPart.hidden = !this.quantiles.hidden;
  }

  get edges() {
    const [to, from] = maps[this.scale];
    const low = Number(this.low.value), high = Number(this.high.value);
    return Array.from({ length: this.bins + 1 }, (_, k) => (k === 0 ? low : k === this.bins ? high : tidy(from(to(low) + (k / this.bins) * (to(high) - to(low))))));
  }

  roulette() {
    const edges = this.edges;
    this.board.replaceChildren(...this.chips.map((chips, k) => {
      const name = `${numberText(edges[k])} to ${numberText(edges[k + 1])}`;
      const change = (by) => () => { this.chips[k] = Math.min(Math.max(this.chips[k] + by, 0), 20); this.roulette(); this.board.querySelectorAll(by > 0 ? ".plus" : ".minus")[k].focus(); };
      const stack = h("div", { class: "stack", title: name, onclick: change(1) }, Array.from({ length: chips }, () => h("span", { class: "chip" })));
      return h("div", { class: "bin" }, stack,
        h("button", { type: "button", class: "plus", "aria-label": `One more chip in ${name}: ${chips}`, onclick: change(1) }, "+"),
        h("button", { type: "button", class: "minus", "aria-label": `One chip less in ${name}: ${chips}`, onclick: change(-1) }, "−"),
        h("span", { class: "edge" }, numberText(edges[k])));
    }));
    const total = this.chips.reduce((a, b) => a + b, 0);
    this.count.textContent = `${total} chips${total ? `, ${(100 / total).toFixed(1)} % each` : ""}; last edge ${numberText(edges[this.bins])}.`;
  }

  ask() {
    const message = { kind: "elicit", scale: this.scale };
    if (this.way.value === "quantiles") message.quantiles = this.fields.map((field, k) => [this.levels[k], field.value.trim() === "" ? null : Number(field.value)]).filter(([, value]) => value !== null);
    else Object.assign(message, { edges: this.edges, chips: this.chips });
    this.page.send(message, (reply) => this.receive(reply));
  }

  receive(reply) {
    this.message.hidden = reply.kind !== "error";
    this.message.textContent = reply.line ?? "";
    this.result.replaceChildren(...(reply.fits ?? []).map((fit) => h("div", { class: "fit" },
      h("div", { class: "head" }, h("strong", {}, fit.name), h("span", { class: "unit" }, fit.error === undefined ? "" : `largest miss ${(100 * fit.error).toFixed(1)} points`), h("span", { class: "gap" }),
        h("button", { type: "button", onclick: () => { this.control.set(fit.move); this.page.changed(true); this.dialog.close(); } }, "Use")),
      h("pre", {}, fit.file))));
  }
}

// ----------------------------------------------------------------------------------------------------- page

const FIGURES = {
  cdf: { title: () => "Arrival of the milestones", draw: figureCdf, height: 380, caption: (v) => (v.moved ? "Grey: the scenario before anything was moved." : "") },
  fan: { title: (v) => (v.answer.fan?.levels.length ? `${v.answer.fan.label}, and the requirement` : v.answer.fan?.label ?? ""), draw: figureFan, height: 380, caption: (v) => `Bands: 5 to 95 % and 25 to 75 % of draws; line: median. ${v.answer.fan.levels.length ? "Dashed: quantiles of the requirement." : ""} ${v.answer.fan.note}` },
  duration: { title: (v) => (v.answer.durations.length ? capital(v.answer.durations[0].label) : ""), draw: figureDuration, height: 320, caption: (v) => `${capital(v.answer.durations[0].meaning)}. Draws without an arrival by the horizon keep the curve below 100 %.` },
  tornado: { title: () => "Inputs that move the median most", draw: figureTornado, height: 300, caption: (v) => `${shades(v.drivers)}${v.frozen ? ", in the scenario before anything was moved" : ""}. Low and high are the lowest and the highest fifth of the draws of an input, with all that is correlated with it; of a choice, the values with the earliest and the latest median. A triangle marks an end beyond the horizon.` },
};

class Page {
  constructor(root, css, transport, options) {
    Object.assign(this, { root, transport, options });
    this.features = { elicit: true, files: true, presets: true, many: true, ...options.features };
    this.number = 0; this.waiting = null; this.pending = null; this.callbacks = new Map();
    this.past = []; this.future = []; this.controls = new Map(); this.slots = new Map(); this.latest = 0;
    root.className = "timecone";
    root.append(h("style", {}, css));
    this.build();
    transport.listen((message) => this.receive(message));
    const search = options.address ? location.search : (options.start ?? "");
    this.open(search.replace(/^\?/, ""));
    new ResizeObserver(() => this.drawFigures()).observe(this.results);
    root.addEventListener("keydown", (event) => this.key(event));
    if (options.address) window.addEventListener("popstate", () => this.open(location.search.replace(/^\?/, "")));
  }

  build() {
    const button = (text, action, about = {}) => h("button", { type: "button", onclick: action, ...about }, text);
    this.menu = h("select", { "aria-label": "Scenario", onchange: () => this.open(`scenario=${encodeURIComponent(this.menu.value)}`) });
    this.undo = button("Undo", () => this.step(this.past, this.future), { disabled: true, title: "Ctrl+Z" });
    this.redo = button("Redo", () => this.step(this.future, this.past), { disabled: true, title: "Ctrl+Y" });
    this.reset = button("Reset", () => this.put(`scenario=${this.scenario.name}`, true), { disabled: true });
    this.many = this.features.many ? button("More draws", () => this.ask(this.scenario.many), { disabled: true }) : null;
    this.progress = h("progress", { max: 1, value: 0, hidden: true, "aria-label": "Draws done" });
    this.copy = this.options.address ? button("Copy address", () => this.copyAddress()) : null;
    this.fileButton = this.features.files ? button("Scenario file", () => save(this.fileName, this.file, "application/toml"), { disabled: true, title: "A TOML file that timecone run takes" }) : null;
    this.chooser = h("input", { type: "file", accept: ".toml", hidden: true, onchange: () => this.readFile() });
    this.read = this.features.files ? button("Read a file", () => this.chooser.click()) : null;
    this.alert = h("p", { class: "alert", role: "alert", hidden: true });
    this.note = h("p", { class: "note", role: "status", hidden: true });
    this.title = h("h1", {}, "timecone explore");
    this.about = h("p", { class: "meaning" });
    this.quote = h("div", { class: "quote" });
    this.shift = h("p", { class: "shift", "aria-live": "polite" });
    this.busy = h("p", { class: "busy", role: "status" }, "Loading; compiling takes a minute or two the first time.");
    this.summary = h("section", { class: "summary", "aria-label": "Answer" }, this.quote, this.shift, this.busy, this.alert, this.note);
    this.panel = h("div", { class: "panel" });
    this.search = h("input", { type: "search", placeholder: "Find an input", "aria-label": "Find an input", oninput: () => this.filter() });
    this.inputs = h("section", { class: "inputs", "aria-label": "Inputs" }, h("h2", {}, "Inputs"), this.features.few ? null : this.search, this.panel);
    this.figures = {};
    this.results = h("div", { class: "results" });
    for (const [name, figure] of Object.entries(FIGURES)) {
      const holder = h("div", { class: "drawing" }), caption = h("figcaption", {}), chips = h("div", { class: "chips", role: "group", "aria-label": "Milestones shown" });
      const heading = h("h2", {}), saves = ["SVG", "PNG"].map((kind) => button(kind, () => this.saveFigure(name, kind.toLowerCase()), { class: "quiet" }));
      const head = h("div", { class: "head" }, heading, h("span", { class: "gap" }), saves);
      const element = h("figure", { "data-figure": name, hidden: true }, head, name === "cdf" ? chips : null, holder, caption);
      this.figures[name] = { element, heading, saves, holder, caption, chips };
      this.results.append(element);
    }
    this.range = h("select", { "aria-label": "Last year shown", onchange: () => { this.end = Number(this.range.value); this.drawFigures(); } });
    this.tables = h("section", { class: "tables", "aria-label": "Tables" });
    this.accounts = h("ul", { class: "accounts" });
    this.conditions = h("p", { class: "meaning" });
    this.moves = h("section", { class: "moved-inputs", hidden: true }, h("h2", {}, "Moved inputs"), h("ul", {}));
    this.results.append(this.moves, this.tables, h("section", { class: "small" }, h("h2", {}, "Small print"), this.conditions, this.accounts));
    this.elicitation = this.features.elicit ? new Elicitation(this) : null;
    this.root.append(
      h("header", {}, h("div", { class: "titles" }, this.title, this.about),
        h("div", { class: "tools" }, this.features.presets ? h("label", {}, "Scenario ", this.menu) : null, this.undo, this.redo, this.reset, this.many, this.progress, this.copy, this.fileButton, this.read, this.chooser)),
      h("main", {}, this.summary, this.inputs, this.results), ...(this.elicitation ? [this.elicitation.dialog] : []));
  }

  // ---- messages

  post(message, callback) {
    message.id = ++this.number;
    if (callback) this.callbacks.set(message.id, callback);
    // What a fit answers does not change what the page waits for.
    if (message.kind !== "elicit") this.latest = message.id;
    this.transport.send(message);
    return message.id;
  }

  send(message, callback) { this.post(message, callback); }

  open(address) {
    this.pending = null;
    this.root.dataset.state = "waiting";
    this.busy.textContent = "Loading; compiling takes a minute or two the first time.";
    this.post({ kind: "open", address });
  }

  receive(message) {
    const callback = this.callbacks.get(message.id);
    if (callback && (message.kind === "elicited" || message.kind === "error")) { this.callbacks.delete(message.id); callback(message); return; }
    if (message.kind === "scenario") this.showScenario(message);
    else if (message.kind === "answer") this.showAnswer(message);
    else if (message.kind === "details") this.showDetails(message);
    else if (message.kind === "drivers" && message.id === this.latest) { this.drivers = message.drivers; this.drawFigures(); }
    else if (message.kind === "progress" && message.id === this.latest) { this.progress.hidden = false; this.progress.value = message.done / message.wanted; }
    else if (message.kind === "error") this.showError(message);
  }

  ask(draws) {
    this.pending = { kind: "ask", address: this.address(), draws: draws ?? this.scenario.quick };
    this.flush();
  }

  flush() {
    if (!this.pending) return;
    // While sliders move, one question at a time; a long run is replaced at once.
    if (this.waiting !== null && this.waitingDraws === this.scenario.quick && performance.now() - this.asked < 1500) return;
    const message = this.pending;
    this.pending = null;
    this.asked = performance.now();
    this.waiting = this.post(message);
    this.waitingDraws = message.draws;
    this.root.dataset.state = "waiting";
    if (message.draws !== this.scenario.quick) { this.progress.hidden = false; this.progress.value = 0; this.busy.textContent = `Simulating ${count(message.draws)} draws …`; }
  }

  showError(message) {
    if (message.id && message.id < this.latest) return;
    // A file that is refused has taken the place of a question: it is asked again, and the line stays.
    const again = this.waiting !== null && this.waiting < message.id;
    this.waiting = null;
    this.root.dataset.state = "refused";
    this.progress.hidden = true;
    this.refuse(message.line);
    if (this.scenario) this.menu.value = this.scenario.name;
    if (this.answer) this.drawQuote();
    else this.busy.textContent = "";
    if (again) { this.scenario.refused = message.line; this.ask(); } else this.flush();
  }

  refuse(line) {
    this.alert.hidden = !line;
    this.alert.textContent = line;
  }

  // ---- state

  address() {
    const parts = [`scenario=${encodeURIComponent(this.scenario.name)}`];
    for (const [key, control] of this.controls) if (control.part !== null) parts.push(`${encodeURIComponent(key)}=${encodeURIComponent(control.part)}`);
    return parts.join("&");
  }

  apply(address) {
    const parts = new Map(address.split("&").filter(Boolean).map((part) => { const at = part.indexOf("="); return [decodeURIComponent(part.slice(0, at)), decodeURIComponent(part.slice(at + 1))]; }));
    for (const [key, control] of this.controls) control.set(parts.get(key) ?? null);
  }

  changed(done) {
    if (done) {
      const now = this.address();
      if (now !== this.committed) { this.past.push(this.committed); this.future.length = 0; this.committed = now; }
      this.buttons();
    }
    this.ask();
  }

  put(address, remember) {
    if (remember) { this.past.push(this.committed); this.future.length = 0; }
    this.apply(address);
    this.committed = this.address();
    this.buttons();
    this.ask();
  }

  step(from, to) {
    if (!from.length) return;
    to.push(this.committed);
    this.put(from.pop(), false);
  }

  buttons() {
    this.undo.disabled = !this.past.length;
    this.redo.disabled = !this.future.length;
    this.reset.disabled = ![...this.controls.values()].some((control) => control.moved);
  }

  key(event) {
    if (!(event.ctrlKey || event.metaKey) || event.target.type === "text" || event.target.type === "search") return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) { event.preventDefault(); this.step(this.past, this.future); }
    else if (key === "y" || (key === "z" && event.shiftKey)) { event.preventDefault(); this.step(this.future, this.past); }
  }

  // ---- what is shown

  showScenario(message) {
    this.scenario = message;
    this.answer = this.reference = message.reference;
    this.quickReference = message.reference;
    this.drivers = message.drivers;
    this.past = []; this.future = [];
    this.title.textContent = message.title || message.name;
    this.about.textContent = message.model;
    this.conditions.textContent = `Conditions: ${message.conditions}`;
    this.menu.replaceChildren(...this.options_(message.presets));
    this.menu.value = message.name;
    this.fillControls(message);
    this.apply(message.address);
    this.committed = this.address();
    const others = message.reference.milestones.filter((m) => m.name !== message.reference.headline);
    const shown = message.reference.milestones.filter((m) => others.indexOf(m) < 2);
    this.slots = new Map(shown.map((m, k) => [m.name, k]));
    if (this.many) { this.many.disabled = false; this.many.textContent = `${count(message.many)} draws`; }
    const last = message.reference.dates[message.reference.dates.length - 1];
    this.end = message.reference.view_end;
    this.range.replaceChildren(...[...new Set([2035, 2040, 2050, 2060, 2080, 2100, this.end, last])].filter((y) => y <= last && y > message.reference.dates[0]).sort((a, b) => a - b).map((year) => h("option", { value: year }, `to ${year}`)));
    this.range.value = this.end;
    this.refuse(message.refused);
    this.note.hidden = !message.note;
    this.note.textContent = message.note;
    this.buttons();
    this.waiting = message.id; this.asked = performance.now(); this.waitingDraws = message.quick;
    this.draw();
    this.drawDetails();
    this.setAddress(message.address);
  }

  options_(presets) {
    const groups = new Map();
    for (const [name, title] of presets) {
      const group = name.includes("/") ? name.split("/")[0] : "";
      if (!groups.has(group)) groups.set(group, []);
      groups.get(group).push(h("option", { value: name, title }, name));
    }
    return [...groups].flatMap(([group, options]) => (group ? [h("optgroup", { label: group.replaceAll("_", " ") }, options)] : options));
  }

  fillControls(message) {
    this.controls = new Map();
    const { sliders, weights, switches, computed } = message.controls;
    const order = message.drivers.order ?? [];
    const strongest = order.slice(0, 8);
    const rank = (key) => { const at = order.indexOf(key); return at < 0 ? order.length : at; };
    const top = [], groups = new Map();
    // Where every input is certain, the parts of the model are the only order there is.
    const allCertain = !sliders.some((spec) => spec.ends && !spec.ends.single);
    const into = (name) => { if (!groups.has(name)) groups.set(name, []); return groups.get(name); };
    for (const spec of weights) {
      const control = new WeightsControl(this, spec);
      this.controls.set(`choice:${spec.key}`, control);
      if (strongest.includes(`choice_${spec.key}`) || !order.length) top.push([rank(`choice_${spec.key}`), control]); else into("choices").push(control);
    }
    for (const spec of sliders) {
      const base = spec.key.split("@")[0];
      const isTop = this.features.few || (strongest.includes(base) && spec.ends && !spec.ends.single);
      const isCertain = Boolean(spec.ends?.single) && !allCertain;
      const control = new SliderControl(this, spec, isTop || isCertain);
      this.controls.set(spec.key, control);
      if (isTop) top.push([rank(base), control]);
      else into(isCertain ? "certain values" : control.words.component).push(control);
    }
    for (const spec of switches) {
      const control = new SwitchControl(this, spec);
      this.controls.set(`component:${spec.key}`, control);
      into("parts of the model").push(control);
    }
    top.sort((a, b) => a[0] - b[0]);
    const group = (title, controls, open) => h("details", { class: "group", open }, h("summary", {}, title, h("span", { class: "unit" }, ` ${controls.length}`)), controls.map((c) => c.element));
    const rest = [...groups].filter(([name]) => name !== "certain values" && name !== "parts of the model");
    const last = ["parts of the model", "certain values"].filter((name) => groups.has(name)).map((name) => [name, groups.get(name)]);
    const formulas = computed.map((c) => ({ element: h("div", { class: "control" }, h("div", { class: "head" }, h("span", { class: "name" }, words(c.key).title + (c.condition ? ` if ${c.condition}` : ""))), c.meaning ? h("p", { class: "meaning" }, c.meaning) : null, h("p", { class: "meaning" }, h("code", {}, c.text)), why(c)) }));
    this.panel.replaceChildren(
      ...(top.length ? [group(this.features.few ? "what this page moves" : "strongest", top.map(([, control]) => control), true)] : []),
      ...[...rest, ...last].map(([name, controls], k) => group(name, controls, !top.length && k === 0)),
      ...(formulas.length ? [group("computed from others", formulas, false)] : []));
    this.filter();
  }

  filter() {
    const wanted = this.search.value.trim().toLowerCase();
    for (const group of this.panel.children) {
      let any = false;
      for (const control of group.querySelectorAll(":scope > .control")) {
        const fits = !wanted || control.textContent.toLowerCase().includes(wanted) || (control.dataset.key ?? "").includes(wanted);
        control.hidden = !fits;
        any ||= fits;
      }
      group.hidden = !any;
      if (wanted && any) group.open = true;
    }
  }

  showAnswer(message) {
    if (message.id === this.waiting) this.waiting = null;
    this.answer = { ...message.answer, tables: this.answer.tables, accounts: this.answer.accounts };
    this.reference = message.reference ?? this.quickReference;
    this.shiftText = message.shift;
    this.file = message.file; this.fileName = message.file_name;
    if (this.fileButton) this.fileButton.disabled = !message.file;
    this.progress.hidden = true;
    if (!this.scenario.refused) this.refuse("");
    this.scenario.refused = "";
    this.setAddress(message.address);
    this.draw();
    this.flush();
  }

  showDetails(message) {
    if (message.id !== this.latest) return;
    Object.assign(this.answer, message.details);
    this.drawDetails();
    this.root.dataset.state = "ready";
    this.root.dataset.answered = message.id;
  }

  drawDetails() {
    this.accounts.replaceChildren(...this.answer.accounts.map((text) => h("li", {}, text)));
    this.drawTables();
  }

  setAddress(address) {
    if (!this.options.address) return;
    const plain = address === `scenario=${this.scenario.name}` && this.scenario.name === this.opened;
    this.opened ??= location.search ? "" : this.scenario.name;
    const next = plain ? location.pathname : `?${address}`;
    if (next !== location.search) history.replaceState(null, "", next);
  }

  copyAddress() {
    const done = () => { this.note.hidden = false; this.note.textContent = "The address is copied."; };
    const fail = () => { this.note.hidden = false; this.note.textContent = location.href; };
    if (navigator.clipboard) navigator.clipboard.writeText(location.href).then(done, fail); else fail();
  }

  readFile() {
    const [file] = this.chooser.files;
    this.chooser.value = "";
    if (!file) return;
    if (file.size > 64000) { this.refuse(`${file.name}: the file is too long; expected at most 64000 bytes.`); return; }
    file.text().then((text) => this.post({ kind: "file", text }));
  }

  get moved() { return [...this.controls.values()].some((control) => control.moved); }

  get view() {
    return { answer: this.answer, reference: this.reference, drivers: this.drivers, slots: this.slots, end: this.end, moved: this.moved, frozen: !this.features.many && this.moved, sentence: this.quote.textContent };
  }

  draw() {
    this.drawQuote();
    this.drawMoves();
    this.drawFigures();
  }

  drawMoves() {
    const moved = [...this.controls.values()].filter((control) => control.moved);
    this.moves.hidden = !moved.length;
    this.moves.querySelector("ul").replaceChildren(...moved.map((control) => h("li", {}, `${capital(control.fullName ?? control.name)}: ${control.change}`)));
  }

  drawQuote() {
    const { quote, draws } = this.answer;
    const [low, middle, high] = ["10", "50", "90"].map((level) => quote.at[level] ?? "–");
    this.quote.replaceChildren(
      h("div", { class: "big", title: quote.definition }, h("span", { class: "what" }, `${quote.label}, median`), h("strong", {}, middle), h("span", { class: "what" }, `80 % interval ${low} to ${high}`)),
      h("dl", { class: "by" }, quote.by.slice(0, 5).map(([year, chance]) => h("div", {}, h("dt", {}, `by ${year}`), h("dd", {}, chance)))));
    this.shift.textContent = this.shiftText || (this.moved ? "" : "Nothing is moved yet. Move a slider: the answer follows, and the scenario stays as a grey curve.");
    this.busy.textContent = `${draws.toLocaleString("en")} draws, seed ${this.answer.seed}${this.answer.run_id ? `, run ${this.answer.run_id}` : ""}`;
  }

  drawChips() {
    const { chips } = this.figures.cdf;
    const active = this.root.getRootNode().activeElement?.dataset?.milestone;
    const sample = (m) => {
      const { colour, dash } = style(this.slots.get(m.name));
      return s("svg", { width: 26, height: 8, "aria-hidden": "true" }, s("line", { x1: 0, x2: 26, y1: 4, y2: 4, stroke: colour, "stroke-width": 3, "stroke-dasharray": dash }));
    };
    chips.replaceChildren(...this.answer.milestones.map((m) => h("button", {
      type: "button", class: "chip-button", "aria-pressed": String(this.slots.has(m.name)), "data-milestone": m.name, title: m.definition, onclick: () => this.toggle(m.name),
    }, this.slots.has(m.name) ? sample(m) : null, m.label)), this.range);
    if (active) chips.querySelector(`[data-milestone="${CSS.escape(active)}"]`)?.focus();
  }

  // A milestone that is shown takes the first style that no other has.
  toggle(name) {
    if (!this.slots.delete(name)) {
      const taken = new Set(this.slots.values());
      let slot = 0;
      while (taken.has(slot)) slot += 1;
      this.slots.set(name, slot);
    }
    this.drawFigures();
  }

  has(name) {
    if (!this.answer) return false;
    if (name === "fan") return Boolean(this.answer.fan);
    if (name === "duration") return this.answer.durations.length > 0;
    if (name === "tornado") return Boolean(this.drivers?.rows?.length);
    return true;
  }

  drawFigures() {
    if (!this.answer) return;
    this.drawChips();
    for (const [name, figure] of Object.entries(FIGURES)) {
      const { element, heading, saves, holder, caption } = this.figures[name];
      element.hidden = !this.has(name);
      if (element.hidden) continue;
      heading.textContent = figure.title(this.view);
      for (const button of saves) button.setAttribute("aria-label", `${heading.textContent} as ${button.textContent}`);
      const width = Math.max(Math.floor(holder.clientWidth), 280);
      holder.replaceChildren(figure.draw(this.view, width, width < 500 ? Math.min(figure.height, 300) : figure.height, ""));
      caption.textContent = figure.caption(this.view);
    }
  }

  saveFigure(name, kind) {
    const figure = FIGURES[name];
    const width = 860;
    const svg = figure.draw(this.view, width, figure.height + 60, figure.title(this.view));
    const height = Number(svg.getAttribute("height"));
    const tall = height + 66;
    svg.setAttribute("height", tall);
    svg.setAttribute("viewBox", `0 0 ${width} ${tall}`);
    svg.querySelector("rect").setAttribute("height", tall);
    const source = `timecone, ${this.scenario.name}${this.moved ? ", moved in the explorer" : ""}; ${this.answer.draws.toLocaleString("en")} draws, seed ${this.answer.seed}, run ${this.answer.run_id}`;
    svg.append(s("text", { x: 12, y: tall - 10, "font-size": 11, fill: SOFT }, source));
    const text = new XMLSerializer().serializeToString(svg);
    const file = `${this.scenario.name.replaceAll("/", "-")}-${name}.${kind}`;
    if (kind === "svg") { save(file, text, "image/svg+xml"); return; }
    const image = new Image();
    image.onload = () => {
      const canvas = h("canvas", { width: 2 * width, height: 2 * tall });
      const context = canvas.getContext("2d");
      context.scale(2, 2);
      context.drawImage(image, 0, 0, width, tall);
      canvas.toBlob((blob) => save(file, blob), "image/png");
    };
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  }

  drawTables() {
    this.tables.replaceChildren(...this.answer.tables.map((table) => {
      const parent = (row) => row[0].startsWith("  ");
      return h("div", {},
        h("div", { class: "head" }, h("h2", {}, table.title.split(", with")[0]), h("span", { class: "gap" }), h("button", { type: "button", class: "quiet", "aria-label": `${table.title} as CSV`, onclick: () => this.saveTable(table) }, "CSV")),
        h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": table.title }, h("table", {},
          h("thead", {}, h("tr", {}, h("th", { scope: "col" }, table.corner), table.columns.map((column) => h("th", { scope: "col" }, column)))),
          h("tbody", {}, table.rows.map((row) => h("tr", {}, h("th", { scope: "row", class: parent(row) ? "part" : "" }, row[0].trim().replaceAll("_", " ")), row[1].map(([text, interval]) => h("td", { title: interval ? `95 % Monte Carlo interval ${interval}` : "" }, text))))))),
        table.note ? h("p", { class: "meaning" }, table.note) : null);
    }));
  }

  saveTable(table) {
    const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    const head = [table.corner, ...table.columns.flatMap((column) => [column, `${column}: interval`])];
    const rows = table.rows.map(([name, cells]) => [name.trim(), ...cells.flat()]);
    const text = [head, ...rows, ["source", `timecone run ${this.answer.run_id}`]].map((row) => row.map(quoted).join(",")).join("\n");
    save(`${this.scenario.name.replaceAll("/", "-")}-${table.name}.csv`, `${text}\n`, "text/csv");
  }
}

export function mount(root, css, transport, options = {}) {
  return new Page(root, css, transport, options);
}
