// A curve's numbers, by rising steps; what is not a number is a gap.

export class Series {
  xs = [];
  ys = [];
  #smooth = { factor: 0, ys: [] };
  #known = new Map();

  get length() { return this.xs.length; }

  /** Adds a point. A step that comes again takes the place of all from it on. */
  add(x, y) {
    while (this.xs.length > 0 && this.xs.at(-1) >= x) this.#drop();
    this.xs.push(x);
    this.ys.push(y);
    this.#known.clear();
  }

  /** Takes away what is after a step. */
  cutAfter(x) {
    while (this.xs.length > 0 && this.xs.at(-1) > x) this.#drop();
  }

  #drop() {
    this.xs.pop();
    this.ys.pop();
    this.#smooth.ys = [];
    this.#known.clear();
  }

  /** What a key stands for, computed once while the points stay as they are. */
  once(key, compute) {
    if (!this.#known.has(key)) {
      if (this.#known.size >= 16) this.#known.clear();
      this.#known.set(key, compute());
    }
    return this.#known.get(key);
  }

  /** The lowest and the highest number; on a logarithmic scale, of those over zero. */
  range(isLog) {
    return this.once(`range ${isLog}`, () => {
      let low = Infinity, high = -Infinity;
      for (const y of this.ys) {
        if (!Number.isFinite(y) || (isLog && y <= 0)) continue;
        if (y < low) low = y;
        if (y > high) high = y;
      }
      return { low, high };
    });
  }

  /** An exponential mean, as if what was before the first number were not there. */
  smoothed(factor) {
    if (factor === 0) return this.ys;
    const cache = this.#smooth;
    if (cache.factor !== factor || cache.ys.length === 0) this.#smooth = { factor, ys: [], sum: 0, weight: 0 };
    const s = this.#smooth;
    for (let i = s.ys.length; i < this.ys.length; i++) {
      const y = this.ys[i];
      if (!Number.isFinite(y)) { s.ys.push(NaN); continue; }
      s.sum = factor * s.sum + y;
      s.weight = factor * s.weight + 1;
      s.ys.push(s.sum / s.weight);
    }
    return s.ys;
  }

  /** The index whose step is nearest. */
  nearest(x) {
    let low = 0, high = this.xs.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.xs[middle] < x) low = middle; else high = middle;
    }
    return high < 0 ? -1 : Math.abs(this.xs[low] - x) <= Math.abs(this.xs[high] - x) ? low : high;
  }
}

/** Which points to draw: all where there are few, else the lowest and the highest of each column of pixels, and those at gaps. */
export function thin(xs, ys, from, to, columns) {
  const n = xs.length;
  if (n <= 4 * columns) return Array.from({ length: n }, (_, i) => i);
  const kept = [];
  const width = (to - from) / columns || 1;
  for (let i = 0; i < n;) {
    const end = from + (Math.floor((xs[i] - from) / width) + 1) * width;
    let low = -1, high = -1, gap = -1;
    const first = i;
    for (; i < n && (xs[i] < end || i === first); i++) {
      if (!Number.isFinite(ys[i])) gap = i;
      else {
        if (low < 0 || ys[i] < ys[low]) low = i;
        if (high < 0 || ys[i] > ys[high]) high = i;
      }
    }
    let last = -1;
    for (const k of [low, high, gap].sort((a, b) => a - b)) {
      if (k > last) kept.push(last = k);
    }
  }
  return kept;
}
