// The page of a month: charts (Observable Plot) and tables with sorting, filters and details. Reads the JSON in the page; makes no requests.
"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((c) => c !== null && c !== undefined));
  return element;
};
const whole = new Intl.NumberFormat("en-GB", {maximumFractionDigits: 2});
const cents = new Intl.NumberFormat("en-GB", {minimumFractionDigits: 2, maximumFractionDigits: 2});
const number = (value) => value === null || value === undefined ? "–" : whole.format(value);
const money = (value, currency) => value === null || value === undefined ? "" : `${cents.format(value)} ${currency || ""}`.trim();
const severities = ["critical", "high", "medium", "low", "info"];
const add = (rows, key) => rows.length ? rows.reduce((sum, row) => sum === null || row[key] === null ? null : sum + row[key], 0) : null;

// ---- theme and print ----
const theme = byId("theme");
theme.hidden = false;
byId("print").hidden = false;
byId("print").addEventListener("click", () => window.print());
const remember = (value) => { try { localStorage.setItem("selfaudit-theme", value); } catch { /* storage may be off */ } };
const recall = () => { try { return localStorage.getItem("selfaudit-theme"); } catch { return null; } };
if (recall()) document.documentElement.dataset.theme = recall();
theme.addEventListener("click", () => {
  const dark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  remember(document.documentElement.dataset.theme);
});

// A calendar that does not fit is scrolled to its latest months.
for (const strip of document.querySelectorAll(".strip")) strip.parentElement.scrollLeft = strip.scrollWidth;

// ---- charts: redrawn when their width changes ----
const charts = [];
const draw = (figure, build, legend) => {
  const entry = {figure, build, width: 0};
  const caption = legend ? make("figcaption", {class: "legend"}, ...legend.map(([colour, words, kind]) => {
    const key = make("span", {class: `key ${kind || ""}`, "aria-hidden": "true"});
    key.style.background = colour;
    return make("span", {}, key, words);
  })) : null;
  entry.render = () => {
    const width = Math.round(figure.clientWidth);
    if (!width) return;
    entry.width = width;
    const {plot, words} = build(width);
    const svg = plot;
    for (const part of svg.querySelectorAll("[aria-label], [aria-description]")) { part.removeAttribute("aria-label"); part.removeAttribute("aria-description"); }
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", `${figure.dataset.title}. ${words}`);
    figure.replaceChildren(svg, ...(caption ? [caption] : []));
  };
  charts.push(entry);
  entry.render();
  return entry;
};
const observer = new ResizeObserver(() => charts.forEach((c) => { if (Math.abs(c.figure.clientWidth - c.width) > 4) c.render(); }));
const text = {fontSize: "13px"};
const clip = (label, most) => label.length > most ? `${label.slice(0, most - 1)}…` : label;
const room = (labels, width, share = 0.36) => Math.min(Math.max(...labels.map((l) => l.length), 4) * 7.4 + 14, width * share);
const fitted = (width) => Math.max(8, Math.floor((width * 0.36 - 14) / 7.4));
const ticks = (width) => Math.max(2, Math.min(8, (width * 0.64 - 96) / 55));

// ---- position ----
{
  const teams = [...new Set(data.position.map((p) => p.team_alias))].sort();
  const select = byId("position-team");
  for (const team of teams) select.append(make("option", {value: team}, team));
  // Seats without entitlement; 0 if either number is not known.
  const beyond = (r) => r.assigned === null || r.entitled === null ? 0 : r.assigned - r.entitled;
  const build = (width) => {
    const rows = [...d3.group(data.position.filter((p) => !select.value || p.team_alias === select.value), (p) => p.offering_name)]
      .map(([name, parts]) => ({name: clip(name, fitted(width)), entitled: add(parts, "entitled"), assigned: add(parts, "assigned"), active: add(parts, "active_90d")}))
      .sort((a, b) => beyond(b) - beyond(a) || (b.assigned ?? 0) - (a.assigned ?? 0) || d3.ascending(a.name, b.name)).slice(0, 40);
    const known = rows.filter((r) => r.assigned !== null), bought = rows.filter((r) => r.entitled !== null);
    const over = known.filter((r) => beyond(r) > 0);
    const most = d3.max(rows, (r) => Math.max(r.entitled ?? 0, r.assigned ?? 0)) || 1;
    const plot = Plot.plot({
      width, height: rows.length * 34 + 46, marginLeft: room(rows.map((r) => r.name), width), marginRight: 96, style: text,
      x: {label: "seats", grid: true, domain: [0, most], ticks: ticks(width)}, y: {label: null, domain: rows.map((r) => r.name), tickSize: 0},
      marks: [
        Plot.barX(known, {x: "assigned", y: "name", fill: "var(--idle)", insetTop: 6, insetBottom: 6}),
        Plot.barX(known.filter((r) => r.active !== null), {x: (r) => Math.min(r.active, r.assigned), y: "name", fill: "var(--active)", insetTop: 10, insetBottom: 10}),
        Plot.barX(over, {x1: "entitled", x2: "assigned", y: "name", fill: "var(--over)", insetTop: 6, insetBottom: 6}),
        Plot.tickX(bought, {x: "entitled", y: "name", stroke: "var(--entitled)", strokeWidth: 3, insetTop: 2, insetBottom: 2}),
        Plot.text(rows, {x: (r) => Math.max(r.entitled ?? 0, r.assigned ?? 0), y: "name", dx: 8, textAnchor: "start", fill: "currentColor",
          text: (r) => r.entitled === null ? "right not known" : r.assigned === null ? `${number(r.entitled)}, use not known` : r.assigned > r.entitled ? `${number(r.assigned - r.entitled)} over` : `${number(r.entitled - r.assigned)} free`,
          fontWeight: 600}),
        Plot.tip(rows, Plot.pointerY({x: (r) => r.entitled ?? r.assigned ?? 0, y: "name", title: (r) => `${r.name}\nentitled ${number(r.entitled)}\nassigned ${number(r.assigned)}\nactive in 90 days ${number(r.active)}`, fill: "var(--card)", stroke: "var(--line)"})),
      ],
    });
    return {plot, words: over.length ? `Above entitlement: ${over.map((r) => `${r.name} by ${r.assigned - r.entitled}`).join(", ")}.` : bought.length < rows.length ? "How many seats are entitled is not known." : "No offering is above entitlement."};
  };
  const chart = draw(byId("chart-position"), build, [
    ["var(--active)", "active in 90 days"], ["var(--idle)", "assigned, not active"], ["var(--over)", "assigned without a right"], ["var(--entitled)", "entitled", "key-mark"]]);
  select.addEventListener("change", () => chart.render());
}

// ---- from the auditor's count to ours ----
{
  const select = byId("auditor-offering");
  for (const name of [...new Set(data.auditor.map((a) => a.offering_name))].sort()) select.append(make("option", {value: name}, name));
  const lines = [["flex_covered", "paid by Flex"], ["perpetual_covered", "perpetual licences"], ["contractor_own_cover", "contractors’ own"]];
  const cleanup = [["ghost", "ghosts"], ["duplicate", "duplicates"], ["inactive", "inactive seats"]];
  const build = (width) => {
    const rows = data.auditor.filter((a) => !select.value || a.offering_name === select.value);
    const steps = [];
    let at = add(rows, "auditor_count");
    steps.push({name: "Auditor’s count", from: 0, to: at, total: true});
    // An unknown line deducts nothing: the counts after it are upper limits.
    const down = (list) => { for (const [key, name] of list) { const by = add(rows, key); if (by === null || at === null) steps.push({name, from: at, to: at, by: null}); else { steps.push({name, from: at - by, to: at, by}); at -= by; } } };
    down(lines);
    at = add(rows, "defensible_count");
    steps.push({name: "Defensible", from: 0, to: at, total: true});
    down(cleanup);
    at = add(rows, "after_remediation_count");
    steps.push({name: "After the clean-up", from: 0, to: at, total: true});
    const entitled = add(rows, "entitled");
    steps.push({name: "Entitled", from: 0, to: entitled, total: true, right: true});
    const values = steps.flatMap((s) => s.total ? [s.to] : s.by ? [s.from, s.to] : []).filter((v) => v !== null);
    const low = d3.min(values) ?? 0, high = d3.max(values) ?? 0;
    const start = low > 20 && (high - low) < low * 0.5 ? Math.max(0, Math.floor((low - (high - low) - 3) / 5) * 5) : 0;
    const shown = steps.filter((s) => s.to !== null);
    const plot = Plot.plot({
      width, height: steps.length * 36 + 46, marginLeft: room(steps.map((s) => s.name), width, 0.45), marginRight: 88, style: text,
      x: {label: start ? `seats (the axis begins at ${start})` : "seats", grid: true, domain: [start, Math.max(high, start + 1)], ticks: ticks(width)}, y: {label: null, domain: steps.map((s) => s.name), tickSize: 0},
      marks: [
        Plot.ruleX(entitled === null ? [] : [entitled], {stroke: "var(--entitled)", strokeWidth: 1.5, strokeDasharray: "5 4"}),
        Plot.barX(shown.filter((s) => s.total), {x1: () => start, x2: "to", y: "name", fill: (s) => s.right ? "var(--entitled)" : "var(--active)", insetTop: 7, insetBottom: 7}),
        Plot.barX(shown.filter((s) => !s.total && s.by), {x1: "from", x2: "to", y: "name", fill: "var(--over)", insetTop: 9, insetBottom: 9}),
        Plot.text(steps, {x: (s) => s.to ?? start, y: "name", dx: 8, textAnchor: "start", fontWeight: 600, fill: "currentColor",
          text: (s) => s.to === null || s.by === null ? "not known" : s.total ? number(s.to) : s.by ? `− ${number(s.by)}` : "0"}),
      ],
    });
    return {plot, words: steps.map((s) => `${s.name} ${s.total ? (s.to === null ? "not known" : number(s.to)) : s.by === null ? "not known" : `minus ${s.by}`}`).join(", ")};
  };
  const chart = draw(byId("chart-auditor"), build, [["var(--active)", "count"], ["var(--over)", "leaves the count"], ["var(--entitled)", "entitled", "key-line"]]);
  select.addEventListener("change", () => chart.render());
}

// ---- Flex tokens: used and bought over time, the forecast to the end of the term ----
for (const figure of document.querySelectorAll(".chart-pool")) {
  const pool = data.pools[Number(figure.dataset.pool)];
  const day = (value) => value ? new Date(`${value}T00:00:00Z`) : null;
  const now = day(data.as_of), end = day(pool.term_end);
  const build = (width) => {
    const history = pool.history.map((h) => ({at: day(h.as_of), consumed: h.consumed, purchased: h.purchased}));
    const begin = day(pool.term_start);
    const used = [...(begin && history.length && begin < history[0].at ? [{at: begin, consumed: 0}] : []), ...history.filter((h) => h.consumed !== null)];
    const bought = [...history.filter((h) => h.purchased !== null)];
    if (bought.length && begin && begin < bought[0].at) bought.unshift({at: begin, purchased: bought[0].purchased});
    if (bought.length && end) bought.push({at: end, purchased: bought[bought.length - 1].purchased});
    const ahead = end && pool.projected_total !== null && pool.consumed !== null && end > now ? [{at: now, value: pool.consumed, low: pool.consumed, high: pool.consumed}, {at: end, value: pool.projected_p50 ?? pool.projected_total, low: pool.projected_p10, high: pool.projected_p90}] : [];
    const band = ahead.length && pool.projected_p10 !== null && pool.projected_p90 !== null;
    const packs = bought.filter((b, i) => i > 0 && b.purchased > bought[i - 1].purchased).map((b, i, all) => ({at: b.at, purchased: b.purchased}));
    const out = day(pool.exhaustion_date);
    const plot = Plot.plot({
      width, height: 300, marginLeft: 58, marginRight: 30, marginTop: 26, style: text,
      x: {type: "utc", label: null, ticks: Math.max(3, width / 130)}, y: {label: "tokens", grid: true, nice: true, zero: true, tickFormat: (v) => number(v), ticks: 5},
      marks: [
        Plot.ruleY([0], {stroke: "var(--soft)"}),
        band ? Plot.areaY(ahead, {x: "at", y1: "low", y2: "high", fill: "var(--band)", fillOpacity: 0.55}) : null,
        Plot.lineY(bought, {x: "at", y: "purchased", curve: "step-after", stroke: "var(--entitled)", strokeWidth: 2}),
        Plot.dot(packs, {x: "at", y: "purchased", fill: "var(--entitled)", r: 4}),
        Plot.lineY(used, {x: "at", y: "consumed", stroke: "var(--active)", strokeWidth: 3}),
        Plot.dot(used, {x: "at", y: "consumed", fill: "var(--active)", r: 3}),
        Plot.lineY(ahead, {x: "at", y: "value", stroke: "var(--active)", strokeWidth: 2.5, strokeDasharray: "6 5"}),
        Plot.ruleX([now], {stroke: "var(--soft)", strokeDasharray: "2 4"}),
        Plot.text([now], {x: (d) => d, frameAnchor: "top", dy: -14, text: () => "as of", fill: "var(--soft)"}),
        out && end && out <= end ? Plot.dot([out], {x: (d) => d, y: () => pool.purchased, r: 7, symbol: "times", stroke: "var(--over)", strokeWidth: 3}) : null,
        out && end && out <= end ? Plot.text([out], {x: (d) => d, y: () => pool.purchased, dy: -16, text: () => `empty ${pool.exhaustion_date}`, fill: "currentColor", fontWeight: 700, textAnchor: width < 500 ? "end" : "middle"}) : null,
        Plot.tip(used.concat(ahead.slice(1).map((a) => ({at: a.at, consumed: a.value}))), Plot.pointerX({x: "at", y: "consumed", title: (d) => `${d.at.toISOString().slice(0, 10)}\n${number(d.consumed)} tokens used`, fill: "var(--card)", stroke: "var(--line)"})),
      ],
    });
    return {plot, words: `${number(pool.consumed)} of ${number(pool.purchased)} tokens used, ${number(pool.projected_total)} expected by ${pool.term_end || "the end of the term"}.`};
  };
  draw(figure, build, [["var(--active)", "used; dashed: forecast", "key-line"], ["var(--entitled)", "bought; a dot where a pack came", "key-line"],
    ...(pool.projected_p10 !== null && pool.projected_p90 !== null ? [["var(--band)", "forecast, 8 of 10 cases"]] : [])]);
}

// ---- ghosts ----
if (byId("chart-ghosts")) {
  const ages = data.ages;
  const colours = ages.map((_, i) => `var(--age${i + 1})`);
  draw(byId("chart-ghosts"), (width) => {
    const total = d3.rollups(data.ghosts, (v) => d3.sum(v, (g) => g.seats), (g) => g.entity).sort((a, b) => b[1] - a[1] || d3.ascending(a[0], b[0])).slice(0, 25);
    const kept = new Map(total.map(([name]) => [name, clip(name, fitted(width))]));
    const rows = data.ghosts.filter((g) => kept.has(g.entity)).map((g) => ({...g, entity: kept.get(g.entity)}));
    const plot = Plot.plot({
      width, height: total.length * 36 + 46, marginLeft: room([...kept.values()], width), marginRight: 60, style: text,
      x: {label: "seats", grid: true, ticks: Math.min(8, d3.max(total, (t) => t[1]) || 1), tickFormat: (v) => Number.isInteger(v) ? number(v) : ""}, y: {label: null, domain: [...kept.values()], tickSize: 0}, color: {domain: ages, range: colours},
      marks: [
        Plot.barX(rows, {x: "seats", y: "entity", fill: "age", order: ages, insetTop: 6, insetBottom: 6, stroke: "var(--card)", title: (g) => `${g.entity}, ${g.age}: ${g.seats} seats`}),
        Plot.text(total, {x: (t) => t[1], y: (t) => kept.get(t[0]), text: (t) => number(t[1]), dx: 8, textAnchor: "start", fontWeight: 600, fill: "currentColor"}),
      ],
    });
    return {plot, words: total.map(([name, seats]) => `${name} ${seats}`).join(", ")};
  }, ages.map((age, i) => [colours[i], age]));
}

// ---- trend ----
{
  const months = data.months.slice(-24);
  draw(byId("chart-trend"), (width) => {
    const totals = d3.rollups(data.trend, (v) => d3.sum(v, (t) => t.findings), (t) => t.review_month);
    const every = Math.ceil(months.length / Math.max(2, width / 62));
    const plot = Plot.plot({
      width, height: 230, marginTop: 26, marginLeft: 46, style: text, x: {label: null, domain: months, tickSize: 0, tickFormat: (m, i) => i % every === (months.length - 1) % every ? m : ""}, y: {label: "open findings", grid: true, ticks: 4},
      color: {domain: severities, range: severities.map((s) => `var(--${s})`)},
      marks: [
        Plot.barY(data.trend, {x: "review_month", y: "findings", fill: "severity", order: [...severities].reverse(), stroke: "var(--card)", title: (t) => `${t.review_month}: ${t.findings} ${t.severity}`}),
        Plot.text(totals, {x: (t) => t[0], y: (t) => t[1], dy: -9, text: (t, i) => months.length <= width / 40 ? number(t[1]) : "", fontWeight: 600, fill: "currentColor"}),
        Plot.ruleY([0], {stroke: "var(--soft)"}),
      ],
    });
    return {plot, words: totals.map(([m, n]) => `${m}: ${n}`).join(", ")};
  }, severities.map((s) => [`var(--${s})`, s]));
}
observer.observe(document.body);

// ---- tables: sort, filter, pages, rows with details; only one page of rows is ever in the document ----
class Grid {
  constructor(host, columns, length, cell, options = {}) {
    Object.assign(this, {host, columns, length, cell, options, page: 0, size: 25, sort: null, down: false, open: new Set(), wanted: {}});
    this.search = make("input", {type: "search", placeholder: "any text", oninput: () => { clearTimeout(this.timer); this.timer = setTimeout(() => this.apply(), 120); }});
    this.filters = {};
    const controls = make("div", {class: "controls"}, make("label", {}, "Search", this.search));
    for (const name of options.filters || []) {
      const column = columns.find((c) => c.name === name);
      const values = [...new Set(Array.from({length}, (_, i) => cell(i, name)))].filter((v) => v !== null && v !== "")
        .sort(column.rank ? (a, b) => column.rank(a) - column.rank(b) : undefined);
      const select = make("select", {onchange: () => this.apply()}, make("option", {value: ""}, "all"), ...values.map((v) => make("option", {value: v}, (column.words && column.words(v)) || v)));
      this.filters[name] = select;
      controls.append(make("label", {}, column.label, select));
    }
    this.clear = make("button", {type: "button", class: "quiet", onclick: () => { this.search.value = ""; for (const s of Object.values(this.filters)) s.value = ""; this.apply(); }}, "Clear");
    controls.append(this.clear);
    this.head = make("tr", {});
    for (const column of columns) {
      this.head.append(make("th", {scope: "col", class: column.number ? "num" : null, "data-column": column.name}, make("button", {type: "button", onclick: () => this.order(column)}, column.label)));
    }
    this.body = make("tbody");
    this.status = make("span", {role: "status", "aria-live": "polite"});
    this.back = make("button", {type: "button", class: "quiet", onclick: () => { this.page -= 1; this.show(); }}, "Back");
    this.next = make("button", {type: "button", class: "quiet", onclick: () => { this.page += 1; this.show(); }}, "Next");
    const sizes = make("select", {onchange: (e) => { this.size = Number(e.target.value); this.page = 0; this.show(); }}, ...[25, 100, 500].map((n) => make("option", {value: n}, `${n}`)));
    const scroll = make("div", {class: "scroll", role: "region", "aria-label": options.label, tabindex: "0"}, make("table", {class: options.cards ? "cards-on-phone" : null}, make("thead", {}, this.head), this.body));
    host.replaceChildren(controls, scroll, make("div", {class: "pager"}, this.status, this.back, this.next, make("label", {}, "Rows a page ", sizes)));
    this.haystack = null;
    this.apply();
  }
  text(i) {
    if (!this.haystack) this.haystack = Array.from({length: this.length}, (_, row) => (this.options.text ? this.options.text(row) : this.columns.map((c) => this.cell(row, c.name)).join(" ")).toLocaleLowerCase());
    return this.haystack[i];
  }
  apply() {
    const words = this.search.value.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const exact = Object.entries(this.filters).filter(([, s]) => s.value !== "").map(([name, s]) => [name, s.value]);
    this.rows = [];
    for (let i = 0; i < this.length; i += 1) {
      if (exact.every(([name, value]) => String(this.cell(i, name)) === value) && (!words.length || words.every((w) => this.text(i).includes(w)))) this.rows.push(i);
    }
    this.arrange();
  }
  order(column) {
    this.down = this.sort === column ? !this.down : Boolean(column.number);
    this.sort = column;
    this.arrange();
  }
  arrange() {
    if (this.sort) {
      const {name, rank} = this.sort, sign = this.down ? -1 : 1;
      const keyed = this.rows.map((i) => { const v = this.cell(i, name); return [rank ? rank(v) : v, i]; });
      keyed.sort(([a, i], [b, j]) => (a === null || a === "") !== (b === null || b === "") ? (a === null || a === "" ? 1 : -1) : a === b ? i - j : (a < b ? -1 : 1) * sign);
      this.rows = keyed.map(([, i]) => i);
    }
    for (const th of this.head.children) {
      if (this.sort && th.dataset.column === this.sort.name) th.setAttribute("aria-sort", this.down ? "descending" : "ascending"); else th.removeAttribute("aria-sort");
    }
    this.page = 0;
    this.show();
  }
  show() {
    const pages = Math.max(1, Math.ceil(this.rows.length / this.size));
    const first = this.page * this.size;
    this.body.replaceChildren();
    for (const i of this.rows.slice(first, first + this.size)) this.body.append(...this.row(i));
    if (!this.rows.length) this.body.append(make("tr", {}, make("td", {colspan: this.columns.length, class: "none"}, this.length ? "No row fits the filter." : "No rows.")));
    this.status.textContent = this.rows.length ? `${number(first + 1)} to ${number(Math.min(first + this.size, this.rows.length))} of ${number(this.rows.length)}${this.rows.length < this.length ? ` (${number(this.length)} in all)` : ""}` : `0 of ${number(this.length)}`;
    this.back.disabled = this.page === 0;
    this.next.disabled = this.page + 1 >= pages;
  }
  row(i) {
    const cells = this.columns.map((column, place) => {
      const value = this.cell(i, column.name);
      let content = column.number && value === null && this.options.absent ? this.options.absent : column.show ? column.show(value, i) : column.number ? number(value) : value ?? "";
      if (place === 0 && this.options.unfold) {
        content = make("button", {type: "button", class: "unfold", "aria-expanded": this.open.has(i) ? "true" : "false", onclick: () => this.toggle(i, row)}, content);
      }
      return make("td", {class: column.number ? "num" : null, "data-label": place ? column.label : null}, content);
    });
    const row = make("tr", {class: "row"}, ...cells);
    return this.options.unfold && this.open.has(i) ? [row, this.more(i)] : [row];
  }
  more(i) { return make("tr", {class: "more"}, make("td", {colspan: this.columns.length}, this.options.unfold(i))); }
  toggle(i, row) {
    const button = row.querySelector(".unfold");
    if (this.open.has(i)) { this.open.delete(i); if (row.nextSibling && row.nextSibling.className === "more") row.nextSibling.remove(); } else { this.open.add(i); row.after(this.more(i)); }
    button.setAttribute("aria-expanded", this.open.has(i) ? "true" : "false");
  }
  filter(name, value) { this.search.value = ""; for (const [key, s] of Object.entries(this.filters)) s.value = key === name ? value : ""; this.apply(); }
}

const plain = (rows) => (i, name) => rows[i][name];
const lazily = (id, build) => { const host = byId(id), box = host.closest("details"); box.addEventListener("toggle", () => { if (box.open && !host.children.length) build(host); }); };
lazily("table-position", (host) => new Grid(host, [
  {name: "team_alias", label: "Team"}, {name: "offering_name", label: "Offering"}, {name: "entitled", label: "Entitled", number: true}, {name: "assigned", label: "Assigned", number: true},
  {name: "active_90d", label: "Active 90 days", number: true}, {name: "gap_team", label: "Gap team", number: true}, {name: "gap_org", label: "Gap organisation", number: true}, {name: "never_used", label: "Never used", number: true},
  {name: "ghosts", label: "Ghosts", number: true}, {name: "wasted_year", label: "Wasted a year", number: true, show: (v, i) => money(v, data.position[i].currency)}, {name: "state", label: "Figures"},
], data.position.length, plain(data.position), {filters: ["team_alias", "offering_name"], label: "Position per team and offering", absent: "not known"}));
lazily("table-auditor", (host) => new Grid(host, [
  {name: "team_alias", label: "Team"}, {name: "offering_name", label: "Offering"}, {name: "auditor_count", label: "Auditor", number: true}, {name: "flex_covered", label: "Flex", number: true}, {name: "perpetual_covered", label: "Perpetual", number: true},
  {name: "contractor_own_cover", label: "Contractors’ own", number: true}, {name: "defensible_count", label: "Defensible", number: true}, {name: "ghost", label: "Ghosts", number: true}, {name: "duplicate", label: "Duplicates", number: true}, {name: "inactive", label: "Inactive", number: true},
  {name: "after_remediation_count", label: "After", number: true}, {name: "entitled", label: "Entitled", number: true}, {name: "gap_auditor", label: "Gap", number: true}, {name: "money_auditor_list", label: "At list price", number: true, show: (v, i) => money(v, data.auditor[i].list_currency)}, {name: "assessability", label: "Assessed"},
], data.auditor.length, plain(data.auditor), {filters: ["team_alias", "offering_name"], label: "Auditor’s count per team and offering", absent: "not known"}));

// ---- findings ----
{
  const f = data.findings, c = f.columns;
  const get = (i, name) => { const column = c[name]; return column.of ? column.of[column.at[i]] : column[i]; };
  const title = (rule) => (f.rules[rule] ? f.rules[rule].title : rule);
  const cell = (i, name) => name === "subject" ? [get(i, "person_key"), get(i, "scope")].filter(Boolean).join(" · ") : get(i, name);
  const evidence = (i) => {
    const list = f.evidence[i];
    if (!list.length) return "No row: what is missing is the finding.";
    const items = list.map(([file, rows]) => make("li", {}, `${f.files[file][0]}, row${rows.length > 1 ? "s" : ""} ${rows.join(", ")} `, make("code", {title: "first digits of the file’s SHA-256"}, f.files[file][1])));
    const shown = list.reduce((n, [, rows]) => n + rows.length, 0), all = c.evidence_count[i];
    if (all > shown) items.push(make("li", {}, `and ${number(all - shown)} more rows`));
    return make("ul", {}, ...items);
  };
  const unfold = (i) => {
    const rule = f.rules[get(i, "rule_id")] || {};
    const lines = [["Question", rule.question], ["Rule", rule.definition], ["Here", get(i, "detail")], ["Numbers", `observed ${number(c.observed[i])}, threshold ${number(c.threshold[i])}`],
      ["Exposure", money(c.exposure_amount[i], get(i, "currency")) || "not priced"], ["To do", data.actions[get(i, "recommended_action")] || get(i, "recommended_action")],
      ["History", `${get(i, "status")}, first seen ${get(i, "first_seen_month")}, open for ${number(c.months_open[i])} months`], ["Confidence", get(i, "confidence")], ["Evidence", evidence(i)], ["Source", rule.source], ["Finding", make("code", {}, c.finding_id[i])]];
    return make("dl", {}, ...lines.filter(([, v]) => v !== null && v !== undefined && v !== "").flatMap(([k, v]) => [make("dt", {}, k), make("dd", {}, v)]));
  };
  const rank = (s) => severities.indexOf(s);
  const grid = new Grid(byId("table-findings"), [
    {name: "severity", label: "Severity", rank, show: (v) => make("span", {class: `sev sev-${v}`}, v)},
    {name: "rule_id", label: "Finding", words: (v) => `${v} ${title(v)}`, show: (v) => `${title(v)} (${v})`},
    {name: "team_alias", label: "Team"}, {name: "offering_key", label: "Offering", words: (v) => data.offerings[v], show: (v) => data.offerings[v] || v || ""}, {name: "subject", label: "Who or what"},
    {name: "exposure_amount", label: "Exposure", number: true, show: (v, i) => money(v, get(i, "currency"))},
    {name: "months_open", label: "Months", number: true}, {name: "status", label: "Status"},
  ], f.rows, cell, {filters: ["severity", "rule_id", "team_alias", "offering_key", "status"], unfold, cards: true, label: "Findings",
    text: (i) => ["rule_id", "team_alias", "offering_key", "person_key", "scope", "detail", "finding_id"].map((n) => get(i, n) || "").join(" ") + ` ${title(get(i, "rule_id"))} ${data.offerings[get(i, "offering_key")] || ""}`});
  // On paper there is no next page to turn to: up to 500 rows of the current filter.
  let usual = grid.size;
  window.addEventListener("beforeprint", () => { usual = grid.size; grid.size = Math.max(500, grid.size); grid.page = 0; grid.show(); });
  window.addEventListener("afterprint", () => { grid.size = usual; grid.show(); });
  const go = (name, value) => { grid.filter(name, value); byId("findings").scrollIntoView(); grid.body.querySelector("button")?.focus({preventScroll: true}); };
  for (const b of document.querySelectorAll("[data-rule]")) b.addEventListener("click", () => go("rule_id", b.dataset.rule));
  for (const b of document.querySelectorAll("[data-severity]")) b.addEventListener("click", () => go("severity", b.dataset.severity));
}
document.documentElement.dataset.ready = "yes";
})();
