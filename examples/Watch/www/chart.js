// A chart in SVG: axes, ticks, curves, and the values at a cursor that the pointer or the arrow keys move.

import { linearTicks, logTicks, unitOf, short, exact } from "./scale.js";
import { thin } from "./series.js";

const Svg = "http://www.w3.org/2000/svg";
const Left = 62, Right = 22, Top = 10, Bottom = 36, Height = 250;

export class Chart {
  #title; #format; #svg; #values; #log; #curves = []; #smoothing = 0; #view = null; #cursor = null; #queued = false;

  /** @param title above it @param unit beside the title, may be empty @param format writes a value, in units of 1,024 */
  constructor(parent, title, unit, format) {
    this.#title = title;
    this.#format = format ?? null;
    const figure = html(parent, "figure", { class: "chart" });
    const caption = html(figure, "figcaption");
    html(caption, "span").textContent = unit ? `${title}, ${unit}` : title;
    const label = html(caption, "label");
    this.#log = html(label, "input", { type: "checkbox", "aria-label": `${title}: logarithmic scale` });
    label.append(" log scale");
    this.#svg = figure.appendChild(svg("svg", { role: "img", tabindex: "0" }));
    this.#values = html(figure, "div", { class: "values", role: "status" });
    this.#values.hidden = true;
    this.figure = figure;
    this.#log.addEventListener("change", () => this.#queue());
    new ResizeObserver(() => this.#queue()).observe(this.#svg);
    this.#svg.addEventListener("pointermove", e => this.#moveTo(this.#stepAt(e.clientX)));
    this.#svg.addEventListener("pointerleave", () => this.#moveTo(null));
    this.#svg.addEventListener("blur", () => this.#moveTo(null));
    this.#svg.addEventListener("keydown", e => this.#key(e));
  }

  /** Shows curves: { run, name, label, color, dashed, series }. */
  show(curves, smoothing) {
    this.#curves = curves;
    this.#smoothing = smoothing;
    this.figure.hidden = curves.length === 0;
    this.#queue();
  }

  #queue() {
    if (this.#queued) return;
    this.#queued = true;
    requestAnimationFrame(() => {
      this.#queued = false;
      this.#draw();
    });
  }

  #draw() {
    const width = this.#svg.clientWidth;
    if (width === 0 || this.#curves.length === 0) return;
    const isLog = this.#log.checked;
    this.#view = this.#measure(width, isLog);
    const { x, y, low, high, from, to } = this.#view;
    const parts = [];
    for (const tick of isLog ? logTicks(low, high) : linearTicks(low, high, 5, this.#format ? unitOf(high) : 1)) {
      parts.push(svg("line", { class: "grid", x1: Left, x2: width - Right, y1: y(tick), y2: y(tick) }));
      parts.push(words(Left - 8, y(tick) + 4, "end", this.#format ? this.#format(tick) : short(tick), "y-tick"));
    }
    for (const tick of linearTicks(from, to, Math.max(2, Math.floor(width / 80)))) {
      parts.push(svg("line", { class: "grid", x1: x(tick), x2: x(tick), y1: Height - Bottom, y2: Height - Bottom + 4 }));
      parts.push(words(x(tick), Height - Bottom + 17, "middle", short(tick), "x-tick"));
    }
    parts.push(words((Left + width - Right) / 2, Height - 4, "middle", "step", "x-title"));
    for (const curve of this.#curves) parts.push(...this.#paths(curve));
    this.#svg.replaceChildren(...parts);
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${Height}`);
    this.#svg.setAttribute("aria-label", `${this.#title} by step. ${this.#curves.map(c => `${c.label}: ${this.#write(c.series.ys.at(-1))} at step ${c.series.xs.at(-1)}`).join("; ")}`);
    if (this.#cursor !== null) this.#point();
  }

  /** The ranges of what is shown, and the scales to pixels. */
  #measure(width, isLog) {
    let from = Infinity, to = -Infinity, low = Infinity, high = -Infinity;
    for (const { series } of this.#curves) {
      const range = series.range(isLog);
      [from, to] = [Math.min(from, series.xs[0]), Math.max(to, series.xs.at(-1))];
      [low, high] = [Math.min(low, range.low), Math.max(high, range.high)];
    }
    if (low > high) [low, high] = isLog ? [0.1, 1] : [0, 1];        // nothing to see
    if (from === to) [from, to] = [from - 1, to + 1];
    if (isLog) [low, high] = [low / 1.1, high * 1.1];
    else {
      const room = (high - low || Math.abs(high) || 1) * 0.06;
      [low, high] = [low >= 0 && low <= high / 2 ? 0 : low - room, high + room];
    }
    const forth = isLog ? Math.log10 : v => v, bottom = forth(low), span = forth(high) - bottom;
    return {
      from, to, low, high, width, isLog,
      x: v => Left + (v - from) / (to - from) * (width - Left - Right),
      y: v => Height - Bottom - (forth(v) - bottom) / span * (Height - Bottom - Top),
    };
  }

  #paths(curve) {
    const { series } = curve, few = series.length <= 30;
    const dash = curve.dashed ? " dashed" : "", smooth = this.#smoothing > 0 && !few;
    const parts = [this.#path(curve, series.ys, (smooth ? "raw" : "curve") + dash)];
    if (smooth) parts.push(this.#path(curve, series.smoothed(this.#smoothing), "curve smooth" + dash));
    if (few) {
      for (let i = 0; i < series.length; i++) {
        if (this.#drawable(series.ys[i])) parts.push(svg("circle", { class: "mark", cx: this.#view.x(series.xs[i]), cy: this.#view.y(series.ys[i]), r: 3, style: `--color: var(${curve.color})` }));
      }
    }
    return parts;
  }

  #path(curve, ys, className) {
    const { x, y, from, to, width } = this.#view, { xs } = curve.series, columns = Math.max(1, Math.floor(width - Left - Right));
    let d = "", pen = "M";
    for (const i of curve.series.once(`${ys === curve.series.ys ? 0 : this.#smoothing} ${from} ${to} ${columns}`, () => thin(xs, ys, from, to, columns))) {
      if (!this.#drawable(ys[i])) { pen = "M"; continue; }
      d += `${pen}${x(xs[i]).toFixed(1)} ${y(ys[i]).toFixed(1)}`;
      pen = "L";
    }
    return svg("path", { class: className, d, "data-run": curve.run, "data-name": curve.name, style: `--color: var(${curve.color})` });
  }

  #drawable(y) { return Number.isFinite(y) && (!this.#view.isLog || y > 0); }

  #stepAt(clientX) {
    if (!this.#view) return null;
    const { from, to, width } = this.#view, pixel = clientX - this.#svg.getBoundingClientRect().left;
    return Math.min(to, Math.max(from, from + (pixel - Left) / (width - Left - Right) * (to - from)));
  }

  #key(e) {
    if (!this.#view || e.ctrlKey || e.altKey || e.metaKey) return;
    const { from, to } = this.#view, move = (to - from) / (e.shiftKey ? 10 : 100), at = this.#cursor ?? to;
    const target = { ArrowLeft: at - move, ArrowRight: at + move, Home: from, End: to, Escape: null }[e.key];
    if (target === undefined) return;
    e.preventDefault();
    this.#moveTo(target === null ? null : Math.min(to, Math.max(from, target)));
  }

  #moveTo(step) {
    this.#cursor = step;
    for (const old of this.#svg.querySelectorAll(".at-cursor")) old.remove();
    this.#values.hidden = step === null || this.#curves.length === 0;
    if (!this.#values.hidden) this.#point();
  }

  /** Draws the cursor, and writes each curve's value nearest to it. */
  #point() {
    const { x, y, width, from, to } = this.#view, at = Math.min(to, Math.max(from, this.#cursor)), pixel = x(at);
    this.#svg.append(svg("line", { class: "cursor at-cursor", x1: pixel, x2: pixel, y1: Top, y2: Height - Bottom }));
    const lines = this.#curves.map(curve => {
      const i = curve.series.nearest(at), value = curve.series.ys[i], line = document.createElement("div");
      if (this.#drawable(value)) this.#svg.append(svg("circle", { class: "mark at-cursor", cx: x(curve.series.xs[i]), cy: y(value), r: 4, style: `--color: var(${curve.color})` }));
      const swatch = html(line, "span", { class: "swatch", style: `--color: var(${curve.color})` });
      swatch.setAttribute("aria-hidden", "true");
      line.append(`${curve.label}: ${this.#write(value)} at step ${curve.series.xs[i].toLocaleString("en")}`);
      return line;
    });
    this.#values.replaceChildren(...lines);
    const onLeft = pixel > width / 2;
    this.#values.style.left = onLeft ? `${Left + 18}px` : "auto";
    this.#values.style.right = onLeft ? "auto" : `${Right + 18}px`;
  }

  #write(value) { return !Number.isFinite(value) ? "not a number" : this.#format ? this.#format(value) : exact(value); }
}

function svg(name, attributes) {
  const element = document.createElementNS(Svg, name);
  for (const [key, value] of Object.entries(attributes)) setAttribute(element, key, value);
  return element;
}

function html(parent, name, attributes = {}) {
  const element = parent.appendChild(document.createElement(name));
  for (const [key, value] of Object.entries(attributes)) setAttribute(element, key, value);
  return element;
}

/** The page's policy refuses styles in attributes, and takes those set by a script. */
function setAttribute(element, key, value) {
  if (key === "style") element.style.setProperty(...value.split(": "));
  else element.setAttribute(key, value);
}

function words(x, y, anchor, text, className) {
  const element = svg("text", { x, y, "text-anchor": anchor, class: className });
  element.textContent = text;
  return element;
}
