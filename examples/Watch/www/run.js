// A run: what was read of its log.

import { Series } from "./series.js";

/** Members of a line that are no curve. */
const NoCurve = new Set(["kind", "time", "epoch", "epochs", "batch", "batches", "examples", "step", "seconds", "parameters"]);

export class Run {
  offset = 0;
  mark = "";

  constructor(name, color) {
    this.name = name;
    this.color = color;
    this.visible = true;
    this.forget();
  }

  /** Back to before the first line. */
  forget() {
    this.series = new Map();
    this.skipped = 0;
    this.begin = this.step = this.epoch = this.end = this.time = null;
  }

  /** Takes a part of the log; whether there was anything in it. */
  take(part) {
    if (part.reset) this.forget();
    this.offset = part.offset;
    this.mark = part.mark;
    this.skipped += part.skipped;
    for (const line of part.lines) this.#line(line);
    return part.reset || part.lines.length > 0 || part.skipped > 0;
  }

  #line(line) {
    if (Number.isFinite(line.time)) this.time = line.time;
    if (line.kind === "begin") {
      this.begin = line;
      this.end = null;
      for (const series of this.series.values()) series.cutAfter(line.step ?? 0);
    } else if (line.kind === "end") this.end = line;
    else if (line.kind === "step" || line.kind === "epoch") {
      this[line.kind] = line;
      const step = Number.isFinite(line.step) ? line.step : this.step?.step ?? line.epoch ?? 0;
      for (const [name, value] of Object.entries(line)) {
        if (!NoCurve.has(name) && (value === null || typeof value === "number")) this.#add(line.kind, name, step, value ?? NaN);
      }
    }
  }

  #add(kind, name, step, value) {
    const key = `${kind}/${name}`;
    if (!this.series.has(key)) this.series.set(key, new Series());
    this.series.get(key).add(step, value);
  }

  /** The curves by name: those of steps, and those of epochs that steps have not. */
  curves() {
    const curves = new Map();
    for (const kind of ["step", "epoch"]) {
      for (const [key, series] of this.series) {
        const name = key.slice(kind.length + 1);
        if (key.startsWith(`${kind}/`) && !curves.has(name) && series.length > 0) curves.set(name, series);
      }
    }
    return curves;
  }

  /** The last step that the log speaks of. */
  get lastStep() { return Math.max(...[this.step, this.epoch, this.end].map(line => line?.step ?? -1)); }

  /** The newest value of that name. */
  last(name) { return this.curves().get(name)?.ys.at(-1); }

  /** Running, or how it ended. */
  state(now) {
    if (this.end) return this.end.reason ? `${this.end.state ?? "ended"}: ${this.end.reason}` : this.end.state ?? "ended";
    if (this.time === null) return "waiting";
    const silent = Math.round(now - this.time);
    return silent < 60 ? "running" : `silent for ${silent < 7200 ? `${Math.round(silent / 60)} min` : `${Math.round(silent / 3600)} h`}`;
  }
}
