// Scales of axes: where the ticks are, and how numbers are written.

/** Round numbers of a unit over a range, about so many. */
export function linearTicks(low, high, count, unit = 1) {
  if (unit !== 1) return linearTicks(low / unit, high / unit, count).map(tick => tick * unit);
  const raw = (high - low) / count, power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5].find(m => m * power >= raw) ?? 10);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) ticks.push(i * step);
  return ticks;
}

/** Powers of ten over a positive range, with their doubles and fivefolds where there are few. */
export function logTicks(low, high) {
  const first = Math.floor(Math.log10(low)), last = Math.ceil(Math.log10(high));
  const every = Math.max(1, Math.ceil((last - first) / 6)), within = last - first <= 3 ? [1, 2, 5] : [1];
  const ticks = [];
  for (let p = first; p <= last; p += every) for (const m of within) ticks.push(m * 10 ** p);
  const seen = ticks.filter(t => t >= low * (1 - 1e-9) && t <= high * (1 + 1e-9));
  return seen.length > 1 ? seen : linearTicks(low, high, 4).filter(t => t > 0);
}

/** A number in few characters. */
export function short(x) {
  const size = Math.abs(x);
  if (x === 0) return "0";
  if (size >= 1e6) return `${trim((x / 1e6).toPrecision(3))}M`;
  if (size >= 1e4) return `${trim((x / 1e3).toPrecision(3))}k`;
  if (size < 1e-4) return x.toExponential(1).replace(".0e", "e");
  return trim(x.toPrecision(4));
}

/** A number to read off. */
export const exact = x => Math.abs(x) >= 1e-3 || x === 0 ? (Number.isInteger(x) ? x.toLocaleString("en") : trim(x.toPrecision(5))) : x.toExponential(3);

const Units = ["B", "KiB", "MiB", "GiB", "TiB"];

/** The largest unit of bytes that is not larger. */
export const unitOf = x => 1024 ** Math.min(Units.length - 1, Math.max(0, Math.floor(Math.log2(x) / 10)));

/** Bytes in the unit that fits. */
export function bytes(x) {
  if (x === 0) return "0";
  const unit = unitOf(Math.abs(x));
  return `${trim((x / unit).toPrecision(3))} ${Units[Math.log2(unit) / 10]}`;
}

function trim(text) {
  return text.includes("e") ? String(Number(text)) : text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
