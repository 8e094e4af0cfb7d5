/** Numbers, sizes and times in words, each with its unit. */

const NUMBER = new Intl.NumberFormat('en')
const TIME = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
const NO_BREAK = '\u00a0'

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** @param {number} value */
export function number(value) {
  return NUMBER.format(Math.round(value))
}

/** Memory, in the units of limits: powers of 1024. @param {number} bytes */
export function size(bytes) {
  return scaled(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB'])
}

/** Traffic, in the units of networks: powers of 1000. @param {number} bytes */
export function amount(bytes) {
  return scaled(bytes, 1000, ['B', 'kB', 'MB', 'GB', 'TB', 'PB'])
}

/** @param {number} bytesPerSecond */
export function rate(bytesPerSecond) {
  return `${amount(bytesPerSecond)}/s`
}

/** @param {number} valueMs */
export function milliseconds(valueMs) {
  return `${number(valueMs)}${NO_BREAK}ms`
}

/** The two largest units: '3 h 12 min'; from 100 days on, only days. @param {number} valueMs */
export function duration(valueMs) {
  /** @type {[string, number][]} */
  const parts = [
    ['d', Math.floor(valueMs / DAY_MS)],
    ['h', Math.floor((valueMs % DAY_MS) / HOUR_MS)],
    ['min', Math.floor((valueMs % HOUR_MS) / MINUTE_MS)],
    ['s', Math.floor((valueMs % MINUTE_MS) / SECOND_MS)]
  ]
  const first = parts.findIndex(([, value]) => value !== 0)
  if (first === -1) return `0${NO_BREAK}s`
  const shown = parts.slice(first, valueMs < 100 * DAY_MS ? first + 2 : 1).filter(([, value]) => value !== 0)
  return shown.map(([unit, value]) => `${number(value)}${NO_BREAK}${unit}`).join(NO_BREAK)
}

/** Local time of day. @param {number} at milliseconds since 1970 */
export function time(at) {
  return TIME.format(at)
}

/**
 * Three digits at most: 950 B, 1.2 MB, 36 MB.
 * @param {number} bytes
 * @param {number} step
 * @param {string[]} units
 */
function scaled(bytes, step, units) {
  let value = bytes
  let unit = 0
  // 999.6 would be shown as 1,000.
  while (value >= step - 0.5 && unit < units.length - 1) {
    value /= step
    unit++
  }
  const text = unit > 0 && value < 9.95 ? value.toFixed(1) : number(value)
  return `${text}${NO_BREAK}${units[unit]}`
}
