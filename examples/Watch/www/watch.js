// Asks the server for what is new, and shows it.

import { Chart } from "./chart.js";
import { Run } from "./run.js";
import { bytes, exact } from "./scale.js";
import { showModel } from "./model.js";

const Every = 1000, EveryHidden = 5000, Colors = 6, PartsAtOnce = 64;
const Known = new Map([
  ["loss", ["Loss"]], ["accuracy", ["Accuracy"]], ["learning_rate", ["Learning rate"]],
  ["examples_per_second", ["Throughput", "examples/s"]], ["memory", ["Memory of the device", "", bytes]],
]);

const find = id => document.getElementById(id);
const runs = new Map(), charts = new Map();
let folder = "", folderName = "", trouble = "", shownModel = "";

async function ask(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return response.json();
}

async function tick() {
  let changed = false;
  try {
    const found = await ask("/api/runs");
    trouble = "";
    [folder, folderName] = found.error ? ["", ""] : [found.folder, found.name];
    if (found.error) trouble = found.error;
    else changed = keep(found.runs);
    find("folder").textContent = folder;
    for (const run of runs.values()) changed = await follow(run) || changed;
    notice(found.exists === false ? `Waiting for the folder ${folder}: it is not there yet.`
      : runs.size === 0 ? `Waiting for a run: ${folder} and the folders below it have no log.jsonl and no events of TensorBoard yet.` : "");
    if (changed) draw();
    table();
    await model();
  } catch (e) {
    notice(e instanceof TypeError ? "The server does not answer. Is it still running? Trying again." : `Something went wrong: ${e.message}`);
  }
  setTimeout(tick, document.hidden ? EveryHidden : Every);
}

/** Takes up new runs and drops those that are gone. */
function keep(found) {
  let changed = false;
  const names = new Set(found.map(run => run.name));
  for (const name of runs.keys()) {
    if (!names.has(name)) changed = runs.delete(name);
  }
  for (const { name } of found) {
    if (runs.has(name)) continue;
    const used = new Set([...runs.values()].map(run => run.index));
    let index = 0;
    while (used.has(index)) index++;
    const run = new Run(name, `--run-${index % Colors}`);
    run.index = index;
    runs.set(name, run);
    changed = true;
  }
  return changed;
}

/** Reads what is new in a run's log. */
async function follow(run) {
  let changed = false;
  for (let i = 0; i < PartsAtOnce; i++) {
    const part = await ask(`/api/log?${new URLSearchParams({ run: run.name, offset: run.offset, mark: run.mark })}`);
    if (part.error) {
      trouble = `${run.name} cannot be read: ${part.error}`;
      break;
    }
    changed = run.take(part) || changed;
    if (!part.more) break;
  }
  return changed;
}

function notice(text) {
  const shown = text || trouble;
  if (find("notice").textContent !== shown) find("notice").textContent = shown;
  find("notice").hidden = !shown;
  find("runs-section").hidden = find("curves-section").hidden = runs.size === 0;
}

/** The chart that a name belongs to: validation stands beside training, used memory beside reserved. */
function chartOf(name) {
  if (name.startsWith("pool_")) return "memory";
  return name.startsWith("val_") ? name.slice(4) : name;
}

function draw() {
  const smoothing = Number(find("smoothing").value), byChart = new Map([...Known.keys()].map(key => [key, []]));
  for (const run of runs.values()) {
    if (!run.visible) continue;
    for (const [name, series] of run.curves()) {
      const key = chartOf(name);
      if (!byChart.has(key)) byChart.set(key, []);
      byChart.get(key).push({ run: run.name, name, label: runs.size > 1 ? `${run.name} ${name}` : name, color: run.color, dashed: name.startsWith("val_") || name === "pool_reserved_bytes", series });
    }
  }
  for (const key of charts.keys()) {
    if (!byChart.has(key)) charts.get(key).show([], smoothing);
  }
  for (const [key, curves] of byChart) {
    if (!charts.has(key) && curves.length > 0) charts.set(key, new Chart(find("charts"), ...(Known.get(key) ?? [key])));
    charts.get(key)?.show(curves, key === "memory" ? 0 : smoothing);
  }
  place([...byChart.keys()].filter(key => charts.has(key)).map(key => charts.get(key).figure));
}

/** Puts the charts in order. One that is in its place stays there: to move it would take the keyboard from it. */
function place(figures) {
  let next = find("charts").firstElementChild;
  for (const figure of figures) {
    if (figure === next) next = next.nextElementSibling;
    else find("charts").insertBefore(figure, next);
  }
}

function table() {
  const rows = [...runs.values()].map(run => {
    const row = find("runs").querySelector(`tr[data-run="${CSS.escape(run.name)}"]`) ?? newRow(run);
    const epochs = run.begin?.epochs, batch = run.step?.batches && !run.end ? ` (${run.step.batch}/${run.step.batches})` : "";
    const epoch = run.step?.epoch ?? run.epoch?.epoch;
    const cells = [
      run.state(Date.now() / 1000), Number.isFinite(epoch) ? `${epoch + 1}${epochs ? ` of ${epochs}` : ""}${batch}` : "", run.lastStep < 0 ? "" : number(run.lastStep),
      number(run.last("loss")), number(run.last("accuracy")), number(run.last("val_accuracy")), number(Math.round(run.last("examples_per_second"))),
      Number.isFinite(run.last("pool_used_bytes")) ? `${bytes(run.last("pool_used_bytes"))} of ${bytes(run.last("pool_reserved_bytes"))}` : "", number(run.skipped),
    ];
    cells.forEach((text, i) => {
      const cell = row.children[i + 1];
      if (cell.textContent !== text) cell.textContent = text;
    });
    return row;
  });
  if (rows.length !== find("runs").children.length || rows.some((row, i) => find("runs").children[i] !== row)) find("runs").replaceChildren(...rows);
}

const number = x => Number.isFinite(x) ? exact(x) : "";

function newRow(run) {
  const row = document.createElement("tr"), first = row.appendChild(document.createElement("td"));
  row.dataset.run = run.name;
  const label = first.appendChild(document.createElement("label")), box = label.appendChild(document.createElement("input"));
  const swatch = label.appendChild(document.createElement("span"));
  box.type = "checkbox";
  box.checked = run.visible;
  box.addEventListener("change", () => {
    run.visible = box.checked;
    draw();
  });
  swatch.className = "swatch";
  swatch.style.setProperty("--color", `var(${run.color})`);
  label.append(run.name === "." ? folderName : run.name);
  for (let i = 0; i < 9; i++) row.append(document.createElement("td"));
  return row;
}

/** Shows the chosen run's model, when it is another than that shown. */
async function model() {
  const choice = find("model-run"), names = [...runs.keys()];
  if (names.join("\n") !== [...choice.options].map(option => option.value).join("\n")) {
    const before = choice.value;
    choice.replaceChildren(...names.map(name => new Option(name, name)));
    if (names.includes(before)) choice.value = before;
  }
  find("model-choice").hidden = names.length < 2;
  if (!choice.value) {
    find("model-section").hidden = true;
    return;
  }
  const found = await ask(`/api/model?${new URLSearchParams({ run: choice.value })}`).catch(() => null);
  if (!found || found.error) return;                                 // half written: the next time
  find("model-section").hidden = names.length < 2 && !found.model;
  const text = JSON.stringify(found.model);
  if (text === shownModel) return;
  shownModel = text;
  if (found.model) showModel(find("model"), found.model);
  else find("model").textContent = "This run has no model.json.";
}

find("smoothing").addEventListener("input", e => {
  find("smoothing-value").textContent = Number(e.target.value).toFixed(2);
  draw();
});
find("model-run").addEventListener("change", model);
tick();
