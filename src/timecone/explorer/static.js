// The static page: answers between the runs of a grid, interpolated where the page of a server would simulate.

const content = JSON.parse(document.getElementById("content").textContent);

function unpacked({ low, width, shape, data }) {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const whole = new Uint16Array(bytes.buffer);
  const size = shape.slice(1).reduce((a, b) => a * b, 1);
  return { size, at: (node, k) => { const n = whole[node * size + k]; return n === 65535 ? null : low + (width * n) / 65534; } };
}

const grid = Object.fromEntries(Object.entries(content.grid).map(([key, packed]) => [key, unpacked(packed)]));

function corners(positions) {
  let list = [[0, 1]];
  content.axes.forEach((nodes, axis) => {
    const x = positions[axis];
    let k = 0;
    while (k < nodes.length - 2 && x > nodes[k + 1]) k += 1;
    const share = Math.min(Math.max((x - nodes[k]) / (nodes[k + 1] - nodes[k]), 0), 1);
    list = list.flatMap(([index, weight]) => [[index * nodes.length + k, weight * (1 - share)], [index * nodes.length + k + 1, weight * share]]);
  });
  return list.filter(([, weight]) => weight > 0);
}

function mixed(part, list) {
  const numbers = [];
  for (let k = 0; k < part.size; k += 1) {
    let total = 0;
    for (const [node, weight] of list) {
      const value = part.at(node, k);
      if (value === null || total === null) total = null;
      else total += weight * value;
    }
    numbers.push(total);
  }
  return numbers;
}

function slices(numbers, count) {
  const size = count ? numbers.length / count : 0;
  return Array.from({ length: count }, (_, k) => numbers.slice(k * size, (k + 1) * size));
}

function quantile(curve, dates, p) {
  const k = curve.findIndex((value) => value >= p);
  if (k < 0) return null;
  if (k === 0) return dates[0];
  return dates[k - 1] + ((p - curve[k - 1]) / (curve[k] - curve[k - 1])) * (dates[k] - dates[k - 1]);
}

function share(curve, dates, date) {
  let k = 1;
  while (k < dates.length - 1 && dates[k] < date) k += 1;
  const part = Math.min(Math.max((date - dates[k - 1]) / (dates[k] - dates[k - 1]), 0), 1);
  return curve[k - 1] + part * (curve[k] - curve[k - 1]);
}

function answerAt(positions) {
  const { reference } = content;
  const list = corners(positions);
  const { dates } = reference;
  const last = dates[dates.length - 1];
  const curves = slices(mixed(grid.milestones, list), reference.milestones.length);
  const date = (curve, level) => { const q = quantile(curve, dates, level / 100); return q === null ? `>${last}` : q <= dates[0] ? `≤${dates[0]}` : q.toFixed(1); };
  const main = reference.milestones.findIndex((m) => m.name === reference.headline);
  const [shares, years] = reference.tables;
  const named = new Map(reference.milestones.map((m, k) => [m.label, curves[k]]));
  const rows = (table, cells) => table.rows.filter(([name]) => named.has(name)).map(([name]) => [name, cells(named.get(name)).map((text) => [text, ""])]);
  const probability = (curve, column) => (column.startsWith("not") ? 1 - curve[curve.length - 1] : share(curve, dates, Number(column) + 1)).toFixed(2);
  const durations = slices(mixed(grid.durations, list), reference.durations.length);
  const fan = reference.fan && { ...reference.fan, bands: slices(mixed(grid.bands, list), 5), levels: grid.levels.size ? mixed(grid.levels, list) : [] };
  return {
    ...reference, fan, run_id: "",
    milestones: reference.milestones.map((m, k) => ({ ...m, curve: curves[k] })),
    durations: reference.durations.map((d, k) => ({ ...d, curve: durations[k] })),
    tables: [
      { ...shares, note: "", rows: rows(shares, (curve) => shares.columns.map((column) => probability(curve, column))) },
      { ...years, note: "", rows: rows(years, (curve) => years.columns.map((column) => date(curve, Number(column)))) },
    ],
    quote: { ...reference.quote, at: Object.fromEntries([10, 50, 90].map((level) => [level, date(curves[main], level)])), by: reference.quote.by.map(([year]) => [year, share(curves[main], dates, year + 1).toFixed(2)]) },
  };
}

const controls = content.controls.sliders.map((spec) => mapsOf(spec.ends)[0]);
const start = content.controls.sliders.map((spec, k) => controls[k](spec.ends.low));
const unmoved = answerAt(start);

function shiftWords(answer) {
  const { label } = answer.quote;
  const [now, before] = [answer, unmoved].map((a) => { const m = a.milestones.find((each) => each.name === a.headline); return quantile(m.curve, a.dates, 0.5); });
  const [year, chance] = answer.quote.by.find(([y]) => y === 2035) ?? answer.quote.by[0] ?? [];
  const was = unmoved.quote.by.find(([y]) => y === year)?.[1];
  let text = `${label}: median ${answer.quote.at[50]}`;
  if (now !== null && before !== null) {
    const by = Math.abs(now - before).toFixed(1);
    text += by === "0.0" ? ", unchanged" : `, ${by} years ${now > before ? "later" : "earlier"} (was ${unmoved.quote.at[50]})`;
  } else text += ` (was ${unmoved.quote.at[50]})`;
  return year === undefined ? `${text}.` : `${text}; P(by ${year}) ${chance} (was ${was}).`;
}

const transport = {
  listen(receive) { this.receive = receive; },
  send(message) {
    const parts = new Map(message.address.split("&").filter(Boolean).map((part) => part.split("=").map(decodeURIComponent)));
    if (message.kind === "open") {
      this.receive({ kind: "scenario", id: message.id, ...content, reference: unmoved, presets: [[content.name, content.title]], address: `scenario=${encodeURIComponent(content.name)}`, note: "", refused: "", quick: 0, many: 0 });
    }
    const positions = content.controls.sliders.map((spec, k) => (parts.has(spec.key) ? controls[k](Number(parts.get(spec.key))) : start[k]));
    const answer = answerAt(positions);
    const moved = parts.size > 1;
    this.receive({ kind: "answer", id: message.id, address: message.address, answer, shift: moved ? shiftWords(answer) : "", reference: null, file: "", file_name: "" });
  },
};

mount(document.getElementById("explorer"), document.getElementById("style").textContent, transport, {
  address: false, features: { elicit: false, files: false, presets: false, many: false, few: true },
});
