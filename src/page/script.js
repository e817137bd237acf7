/* SPDX-License-Identifier: MIT */
/*
 * The list of users, in the browser. Data are read once (README.md has their form), and flattened into one array
 * for each column. A view is a list of row numbers: filtered, then sorted. Only the rows in sight are elements.
 * Every text is set as text. Nothing is asked of the network, and nothing is kept.
 */
"use strict";
(function () {
  const ROW = 34, SPARE = 8, DAY_MS = 86400000, DETAILS_MAX = 200;
  const KINDS = ["person", "machine", "no credential", "unknown"];
  const DEVICES = ["passkey", "token", "virtual", "text message", "none", "unknown"];
  const SEVERITIES = ["info", "low", "medium", "high", "critical"];
  const STATUSES = ["failed", "passed", "unknown", "not applicable", "suppressed"];
  const FAIL = 0, UNKNOWN = 2, SUPPRESSED = 4;

  /* What can't be seen, or turns the direction of a text, is shown as its number. */
  const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
  const visible = (text) => text.replace(HIDDEN, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
  const day = (n) => n === null ? "unknown" : n < 0 ? "never" : new Date(n * DAY_MS).toISOString().slice(0, 10);
  const answer = (n) => n === null ? "unknown" : n ? "yes" : "no";

  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  async function load() {
    const text = atob(document.getElementById("data").textContent);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return JSON.parse(await new Response(stream).text());
  }

  /* One array for each column, and the account of each row. */
  function flatten(data) {
    const names = ["user", "kind", "created", "console", "mfa", "device", "admin", "signin", "changed", "keys", "services",
      "certificates", "ssh", "groups", "policies", "via", "tags", "findings"];
    const table = { account: [], rules: data.rules, accounts: data.accounts };
    for (const name of names) table[name] = [];
    data.accounts.forEach((account, at) => {
      for (const name of names) for (const value of account[name]) table[name].push(value);
      for (let i = 0; i < account.user.length; i++) table.account.push(at);
    });
    table.count = table.kind.length;
    return table;
  }

  const activeKeys = (table, row) => table.keys[row] === null ? null : table.keys[row].filter((key) => key[1]);

  /* Days since 1970 of the oldest active key; Infinity: none; null: unknown. */
  function oldestKey(table, row) {
    const keys = activeKeys(table, row);
    return keys === null ? null : keys.reduce((least, key) => Math.min(least, key[2]), Infinity);
  }

  function lastUse(table, row) {
    let last = table.signin[row];
    if (last === null || table.keys[row] === null) return null;
    for (const key of table.keys[row]) {
      if (key[3] === null) return null;
      last = Math.max(last, key[3]);
    }
    return last;
  }

  const countOf = (table, row, status) => table.findings[row].filter((f) => f[1] === status).length;

  /* What the list shows, and copies: title, text of a cell, value to sort by. */
  const columns = [
    ["User", (t, r) => t.user[r], (t, r) => t.lower[r]],
    ["Account", (t, r) => t.accounts[t.account[r]].name || t.accounts[t.account[r]].id, (t, r) => t.account[r]],
    ["Kind", (t, r) => KINDS[t.kind[r]], (t, r) => t.kind[r]],
    ["MFA", (t, r) => DEVICES[t.device[r]], (t, r) => t.device[r]],
    ["Administrator", (t, r) => answer(t.admin[r]), (t, r) => t.admin[r]],
    ["Keys", (t, r) => { const keys = activeKeys(t, r); return keys === null ? "unknown" : String(keys.length); },
      (t, r) => { const keys = activeKeys(t, r); return keys === null ? null : keys.length; }],
    ["Oldest key", (t, r) => { const d = oldestKey(t, r); return d === Infinity ? "none" : day(d); }, oldestKey],
    ["Last use", (t, r) => day(lastUse(t, r)), lastUse],
    ["Failed", (t, r) => String(countOf(t, r, FAIL)), (t, r) => countOf(t, r, FAIL)],
  ];

  /* What can be chosen: name in the fragment, label, options, and whether a row fits an option. */
  function makeFilters(table) {
    const tri = (label, name, column) => ({ name, label, options: [["1", "yes"], ["0", "no"], ["null", "unknown"]],
      fits: (row, value) => String(table[column][row]) === value });
    const used = new Set();
    for (const list of table.findings) for (const finding of list) used.add(finding[0]);
    const rules = [...used].sort((a, b) => table.rules[a].id < table.rules[b].id ? -1 : 1);
    const units = [...new Set(table.accounts.map((a) => a.unit).filter(Boolean))].sort();
    return [
      { name: "rule", label: "Rule", options: rules.map((r) => [table.rules[r].id, table.rules[r].id]),
        fits: (row, value, all) => table.findings[row].some((f) => table.rules[f[0]].id === value &&
          (!all.status || String(f[1]) === all.status)) },
      { name: "status", label: "Finding", options: [FAIL, UNKNOWN, SUPPRESSED].map((s) => [String(s), STATUSES[s]]),
        fits: (row, value) => table.findings[row].some((f) => String(f[1]) === value) },
      { name: "kind", label: "Kind", options: KINDS.map((k, i) => [String(i), k]), fits: (row, value) => String(table.kind[row]) === value },
      { name: "mfa", label: "MFA", options: DEVICES.map((d, i) => [String(i), d]), fits: (row, value) => String(table.device[row]) === value },
      tri("Administrator", "admin", "admin"),
      { name: "key", label: "Active key older than", options: [["90", "90 days"], ["180", "180 days"], ["365", "1 year"], ["730", "2 years"]],
        fits: (row, value) => { const d = oldestKey(table, row); return d !== null && d !== Infinity && table.today - d > Number(value); } },
      { name: "account", label: "Account", options: table.accounts.map((a) => [a.id, a.name ? visible(a.name) + " " + a.id : a.id]),
        fits: (row, value) => table.accounts[table.account[row]].id === value },
      { name: "unit", label: "Unit", options: units.map((u) => [u, visible(u)]), fits: (row, value) => (table.accounts[table.account[row]].unit || "").startsWith(value) },
    ];
  }

  /* What a search looks at, of each row, in lower case. */
  function prepare(table) {
    table.lower = table.user.map((name) => name.toLowerCase());
    table.words = table.lower.map((name, row) => {
      const account = table.accounts[table.account[row]];
      const parts = [name, account.id, account.name || ""];
      for (const key of table.keys[row] || []) parts.push(key[0]);
      for (const service of table.services[row] || []) parts.push(service[0], service[1]);
      parts.push(...(table.groups[row] || []), ...(table.tags[row] || []));
      return parts.join("\n").toLowerCase();
    });
  }

  /* A cell that a spreadsheet would run gets an apostrophe, as in the program's own CSV. */
  function cell(text) {
    if (/^[=+\-@\t\r]/.test(text)) text = "'" + text;
    return /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  }

  function csvOf(table, view) {
    const lines = [["AccountID", "AccountName"].concat(columns.filter((c) => c[0] !== "Account").map((c) => c[0])).join(",")];
    for (const row of view) {
      const account = table.accounts[table.account[row]];
      const cells = [account.id, account.name || ""];
      for (const column of columns) if (column[0] !== "Account") cells.push(column[1](table, row));
      lines.push(cells.map(cell).join(","));
    }
    return lines.join("\r\n") + "\r\n";
  }

  function list(title, items) {
    const shown = items.slice(0, DETAILS_MAX).map((item) => make("li", {}, item));
    if (items.length > DETAILS_MAX) shown.push(make("li", {}, "and " + (items.length - DETAILS_MAX) + " more"));
    return items.length ? [make("h4", {}, title), make("ul", {}, ...shown)] : [];
  }

  const state = (active) => active ? "active" : "inactive";

  function credentialsOf(table, row) {
    const items = [];
    for (const [id, active, created, used, service] of table.keys[row] || [])
      items.push("Access key " + visible(id) + ": " + state(active) + ", created " + day(created) + ", last used " + day(used) +
        (service && used !== null && used >= 0 ? " (" + visible(service) + ")" : ""));
    for (const [id, service, active, created, ends] of table.services[row] || [])
      items.push("Service credential " + visible(id) + " for " + visible(service) + ": " + state(active) + ", created " + day(created) +
        ", ends " + day(ends));
    for (const [id, active, uploaded] of table.certificates[row] || [])
      items.push("Signing certificate " + visible(id) + ": " + state(active) + ", uploaded " + day(uploaded));
    for (const [id, active, uploaded] of table.ssh[row] || [])
      items.push("SSH public key " + visible(id) + ": " + state(active) + ", uploaded " + day(uploaded));
    for (const [column, name] of [["keys", "access keys"], ["services", "service credentials"], ["certificates", "signing certificates"]])
      if (table[column][row] === null) items.push("Unknown: " + name);
    return items;
  }

  function findingText(table, row, [rule, status, place, value]) {
    const r = table.rules[rule], resource = typeof place === "number" ? table.keys[row][place][0] : place;
    return r.id + " (" + SEVERITIES[r.severity] + "): " + STATUSES[status] + (resource ? ", " + visible(resource) : "") +
      (value !== null ? ", " + value + (r.limit !== null ? " (limit " + r.limit + ")" : "") : "") + ". " + r.mend;
  }

  function pairs(tags) {
    const items = [];
    for (let i = 0; i + 1 < (tags || []).length; i += 2) items.push(visible(tags[i]) + " = " + visible(tags[i + 1]));
    return items;
  }

  function detailOf(table, row, close) {
    const account = table.accounts[table.account[row]];
    const button = make("button", { type: "button" }, "Close");
    const facts = [["Account", account.id + (account.name ? " " + visible(account.name) : "")], ["Unit", account.unit ? visible(account.unit) : "unknown"],
      ["Kind", KINDS[table.kind[row]]], ["Created", day(table.created[row])], ["Console access", answer(table.console[row])],
      ["MFA", DEVICES[table.device[row]]], ["Last sign-in", day(table.signin[row])], ["Password changed", day(table.changed[row])],
      ["Administrator", answer(table.admin[row])]];
    button.addEventListener("click", close);
    return make("div", { class: "detail", role: "region", "aria-label": "User " + visible(table.user[row]), tabindex: "-1" },
      make("header", {}, make("h3", {}, visible(table.user[row])), button),
      make("dl", {}, ...facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])),
      ...list("Findings", table.findings[row].map((f) => findingText(table, row, f))),
      ...list("Credentials", credentialsOf(table, row)),
      ...list("Administrator by", (table.via[row] || []).map(visible)),
      ...list("Groups", (table.groups[row] || []).map(visible)),
      ...list("Policies", (table.policies[row] || []).map(visible)),
      ...list("Tags", pairs(table.tags[row])));
  }

  class UserList {
    constructor(table, root) {
      this.table = table;
      this.root = root;
      this.filters = makeFilters(table);
      this.chosen = {};
      this.search = "";
      this.sort = 0;
      this.down = false;
      this.current = 0;
      this.opened = null;
      this.build();
      this.arrange();
      this.readFragment();
      addEventListener("hashchange", () => this.readFragment());
    }

    build() {
      this.input = make("input", { type: "search", id: "search", autocomplete: "off", spellcheck: "false" });
      this.input.addEventListener("input", () => { this.search = this.input.value.trim().toLowerCase(); this.changed(); });
      this.selects = this.filters.map((filter) => this.buildFilter(filter));
      const copy = make("button", { type: "button", id: "copy" }, "Copy as CSV");
      const reset = make("button", { type: "button", id: "reset" }, "Show all");
      copy.addEventListener("click", () => this.copy());
      reset.addEventListener("click", () => { this.chosen = {}; this.search = ""; this.showChoices(); this.changed(); });
      this.status = make("p", { role: "status", id: "matches" });
      this.head = make("div", { role: "row", class: "head", "aria-rowindex": "1" }, ...columns.map((c, i) => this.buildHead(c, i)));
      this.space = make("div", { class: "space", role: "rowgroup" });
      this.body = make("div", { class: "body" }, this.space);
      this.grid = make("div", { class: "grid", role: "grid", "aria-label": "Users", "aria-colcount": String(columns.length) },
        make("div", { role: "rowgroup" }, this.head), this.body);
      this.body.addEventListener("scroll", () => this.draw());
      this.space.addEventListener("click", (event) => this.onClick(event));
      this.space.addEventListener("keydown", (event) => this.onKey(event));
      this.detail = make("div", { id: "detail" });
      this.root.append(make("div", { class: "tools" }, make("label", {}, "Search names, accounts, keys, groups, tags", this.input),
        ...this.selects.map((s) => s.label), copy, reset), this.status, this.grid, this.detail);
      this.root.hidden = false;
    }

    buildFilter(filter) {
      const select = make("select", { id: "filter-" + filter.name }, make("option", { value: "" }, "any"),
        ...filter.options.map(([value, text]) => make("option", { value }, text)));
      select.addEventListener("change", () => { this.chosen[filter.name] = select.value; this.changed(); });
      return { filter, select, label: make("label", {}, filter.label, select) };
    }

    buildHead([title], at) {
      const button = make("button", { type: "button" }, title);
      const cell = make("div", { role: "columnheader", "aria-colindex": String(at + 1) }, button);
      button.addEventListener("click", () => {
        this.down = this.sort === at ? !this.down : false;
        this.sort = at;
        this.arrange();
        this.update();
      });
      return cell;
    }

    showChoices() {
      this.input.value = this.search;
      for (const { filter, select } of this.selects) select.value = this.chosen[filter.name] || "";
    }

    readFragment() {
      const given = new URLSearchParams(location.hash.slice(1));
      if (this.written === location.hash || (location.hash && !location.hash.includes("="))) return;
      this.chosen = {};
      for (const { filter } of this.selects) if (given.get(filter.name)) this.chosen[filter.name] = given.get(filter.name);
      this.search = (given.get("q") || "").toLowerCase();
      this.showChoices();
      this.update();
    }

    writeFragment() {
      const parts = new URLSearchParams();
      for (const [name, value] of Object.entries(this.chosen)) if (value) parts.set(name, value);
      if (this.search) parts.set("q", this.search);
      this.written = parts.size ? "#" + parts : "";
      if (location.hash !== this.written) history.replaceState(null, "", this.written || location.pathname + location.search);
      this.written = location.hash;
    }

    changed() {
      this.writeFragment();
      this.update();
    }

    choose(name, value) {
      this.chosen = { [name]: value };
      if (name === "rule") this.chosen.status = String(FAIL);
      this.search = "";
      this.showChoices();
      this.changed();
      this.root.parentElement.scrollIntoView();
      this.root.parentElement.focus({ preventScroll: true });
    }

    matching() {
      const active = this.filters.filter((f) => this.chosen[f.name]);
      const { words } = this.table, view = [];
      for (const row of this.order)
        if (words[row].includes(this.search) && active.every((f) => f.fits(row, this.chosen[f.name], this.chosen))) view.push(row);
      return view;
    }

    /* All rows in the chosen order, made once for it. What is unknown comes last, whichever way they are sorted. */
    arrange() {
      const value = columns[this.sort][2], way = this.down ? -1 : 1, keys = [];
      for (let row = 0; row < this.table.count; row++) keys.push(value(this.table, row));
      this.order = Array.from(keys.keys()).sort((a, b) => {
        const x = keys[a], y = keys[b];
        if (x === y) return a - b;
        if (x === null || y === null) return x === null ? 1 : -1;
        return x < y ? -way : way;
      });
    }

    update() {
      this.view = this.matching();
      this.current = 0;
      this.close();
      [...this.head.children].forEach((cell, i) => cell.setAttribute("aria-sort", i !== this.sort ? "none" : this.down ? "descending" : "ascending"));
      this.grid.setAttribute("aria-rowcount", String(this.view.length + 1));
      this.space.style.height = this.view.length * ROW + "px";
      this.body.scrollTop = 0;
      this.status.textContent = this.view.length.toLocaleString("en") + " of " + this.table.count.toLocaleString("en") + " users";
      this.draw();
    }

    draw() {
      const first = Math.max(0, Math.floor(this.body.scrollTop / ROW) - SPARE);
      const last = Math.min(this.view.length, Math.ceil((this.body.scrollTop + this.body.clientHeight) / ROW) + SPARE);
      const focused = this.space.contains(document.activeElement);
      const rows = [];
      for (let at = first; at < last; at++) rows.push(this.rowAt(at));
      this.space.replaceChildren(...rows);
      if (focused) this.focusCurrent();
    }

    rowAt(at) {
      const row = this.view[at];
      const cells = columns.map((column, i) => make("div", { role: "gridcell", "aria-colindex": String(i + 1) }, visible(column[1](this.table, row))));
      const element = make("div", { role: "row", "aria-rowindex": String(at + 2), "aria-selected": String(row === this.opened),
        tabindex: at === this.current ? "0" : "-1" }, ...cells);
      element.dataset.at = String(at);
      element.style.top = at * ROW + "px";
      return element;
    }

    focusCurrent() {
      const element = this.space.querySelector('[data-at="' + this.current + '"]');
      if (element) element.focus({ preventScroll: true });
    }

    move(to) {
      this.current = Math.max(0, Math.min(this.view.length - 1, to));
      const top = this.current * ROW;
      if (top < this.body.scrollTop) this.body.scrollTop = top;
      if (top + ROW > this.body.scrollTop + this.body.clientHeight) this.body.scrollTop = top + ROW - this.body.clientHeight;
      this.draw();
      this.focusCurrent();
    }

    onClick(event) {
      const element = event.target.closest('[role="row"]');
      if (!element) return;
      this.current = Number(element.dataset.at);
      this.open(this.view[this.current]);
    }

    onKey(event) {
      const page = Math.max(1, Math.floor(this.body.clientHeight / ROW) - 1);
      const moves = { ArrowDown: this.current + 1, ArrowUp: this.current - 1, PageDown: this.current + page, PageUp: this.current - page,
        Home: 0, End: this.view.length - 1 };
      if (event.key in moves) this.move(moves[event.key]);
      else if (event.key === "Enter" || event.key === " ") this.open(this.view[this.current]);
      else return;
      event.preventDefault();
    }

    open(row) {
      this.opened = row;
      this.detail.replaceChildren(detailOf(this.table, row, () => { this.close(); this.focusCurrent(); }));
      this.draw();
      this.detail.firstChild.addEventListener("keydown", (event) => {
        if (event.key === "Escape") { this.close(); this.focusCurrent(); }
      });
      this.detail.firstChild.focus();
    }

    close() {
      this.opened = null;
      this.detail.replaceChildren();
      if (this.view) this.draw();
    }

    async copy() {
      const text = csvOf(this.table, this.view);
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        const area = make("textarea", { class: "hidden", "aria-hidden": "true" });
        area.value = text;
        document.body.append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
      }
      this.status.textContent = this.view.length.toLocaleString("en") + " users are copied as CSV";
    }
  }

  /* A click on a rule shows the users with a failure of it. */
  function linkRules(users, table) {
    const used = new Set(users.filters[0].options.map(([id]) => id));
    for (const row of document.querySelectorAll("tr[data-rule]")) {
      const id = row.dataset.rule;
      if (!used.has(id)) continue;
      const button = make("button", { type: "button", class: "rule", title: "Show the users" }, id);
      button.addEventListener("click", () => users.choose("rule", id));
      row.querySelector("code").replaceChildren(button);
    }
  }

  function sortTable(body, at, down) {
    const value = (row) => { const text = row.cells[at].textContent; return /^[0-9]+$/.test(text) && at > 0 ? Number(text) : text; };
    const rows = [...body.rows].sort((a, b) => { const x = value(a), y = value(b); return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1); });
    body.append(...rows);
  }

  function makeSortable(table) {
    [...table.tHead.rows[0].cells].forEach((head, at) => {
      if (!head.textContent) return;
      const button = make("button", { type: "button" }, head.textContent);
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        sortTable(table.tBodies[0], at, down);
      });
    });
  }

  function start(data) {
    const table = flatten(data);
    table.today = Math.floor(Date.parse(document.querySelector("header time").dateTime) / DAY_MS);
    prepare(table);
    const users = new UserList(table, document.getElementById("app"));
    linkRules(users, table);
    document.documentElement.dataset.ready = "true";
  }

  for (const table of document.querySelectorAll("table.sortable")) makeSortable(table);
  load().then(start, (error) => {
    const app = document.getElementById("app");
    app.append(make("p", { role: "alert" }, "The list of users can't be shown by this browser: " + error.message));
    app.hidden = false;
  });
})();
