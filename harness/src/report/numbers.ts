/** Numbers as the console shows them; what is unknown is a dash. */
import type { Estimate } from '../stats/estimate.js';

export const UNKNOWN = '–';

/** `12.3 ± 0.4`: the value and half of its interval's width, where there is one. */
export function withInterval(
  { value, low, high }: Estimate,
  format: (value: number) => string = plain,
): string {
  if (!Number.isFinite(value)) return UNKNOWN;
  if (low === undefined || high === undefined) return format(value);
  return `${format(value)} ± ${format((high - low) / 2)}`;
}

/** `10.3 ms [9.1, 11.7]`: the value with its unit, and the bounds of its interval, where there is one. */
export function withBounds(
  { value, low, high }: Estimate,
  format: (value: number) => string,
  unit = '',
): string {
  if (!Number.isFinite(value)) return UNKNOWN;
  const bounds =
    low === undefined || high === undefined ? '' : ` [${format(low)}, ${format(high)}]`;
  return `${format(value)}${unit}${bounds}`;
}

/** `59.1 × [56.2, 63.0]`: a ratio. */
export function times(ratio: Estimate): string {
  return withBounds(ratio, plain, ' ×');
}

/** Three significant digits, without an exponent. */
export function plain(value: number): string {
  const decimals = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(decimals, 6));
}

export function percent(value: number): string {
  return `${(value * 100).toFixed(1)} %`;
}
