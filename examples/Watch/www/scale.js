// Scales of axes: where the ticks are, and how numbers are written.

/** Round numbers over a range, about so many. */
export function linearTicks(low, high, count) {
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
  if (size < 1e-3) return x.toExponential(1).replace(".0e", "e");
  return trim(x.toPrecision(4));
}

/** A number to read off. */
export const exact = x => Math.abs(x) >= 1e-3 || x === 0 ? (Number.isInteger(x) ? x.toLocaleString("en") : trim(x.toPrecision(5))) : x.toExponential(3);

/** Bytes in the unit that fits. */
export function bytes(x) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  for (; Math.abs(x) >= 1024 && unit < units.length - 1; unit++) x /= 1024;
  return `${trim(x.toPrecision(3))} ${units[unit]}`;
}

function trim(text) {
  return text.includes("e") ? String(Number(text)) : text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
