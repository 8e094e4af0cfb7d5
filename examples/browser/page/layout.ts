/** Positions in the picture of the swarm. Plain numbers, so that they can be tested without a page. */

export interface Point {
  readonly x: number
  readonly y: number
}

export const WIDTH = 400
export const HEIGHT = 244
export const CENTRE: Point = { x: WIDTH / 2, y: HEIGHT / 2 }
/** Radius of the ring around us: our proxy server, which carries all our traffic. */
export const RING_RADIUS = 46

interface Orbit {
  readonly x: number
  readonly y: number
}

const ORBIT: Orbit = { x: 136, y: 80 }
/** With more peers than this, dots are small, and on two orbits. */
export const MAX_LARGE = 16
const INNER: Orbit = { x: 124, y: 74 }
const OUTER: Orbit = { x: 186, y: 108 }
/** Part of the peers on the inner orbit, as it is shorter. */
const INNER_SHARE = 0.4
/** More dots would touch each other. The picture says how many others there are. */
export const MAX_SHOWN = 60

/** The positions of `total` peers around us, clockwise, the first at the right. */
export function placesOf(total: number): Point[] {
  if (total <= MAX_LARGE) return around(ORBIT, total)
  const inner = Math.round(total * INNER_SHARE)
  // The outer ones first: what is drawn later covers their lines.
  return [...around(OUTER, total - inner), ...around(INNER, inner)]
}

/** Positions at equal distances along the orbit: at equal angles they would crowd where it is flat. */
function around(orbit: Orbit, total: number): Point[] {
  return Array.from({ length: total }, (_, index) => {
    const angle = total <= MAX_LARGE ? (2 * Math.PI * index) / total : angleAt(orbit, index / total)
    return { x: CENTRE.x + orbit.x * Math.cos(angle), y: CENTRE.y + orbit.y * Math.sin(angle) }
  })
}

/** The angle after this part of the way around. */
function angleAt({ x, y }: Orbit, part: number): number {
  const steps = 720
  const lengths = Array.from({ length: steps }, (_, step) => {
    const angle = (2 * Math.PI * (step + 0.5)) / steps
    return Math.hypot(x * Math.sin(angle), y * Math.cos(angle))
  })
  let left = part * lengths.reduce((sum, length) => sum + length, 0)
  const step = lengths.findIndex((length) => {
    left -= length
    return left < 0
  })
  return (2 * Math.PI * Math.max(0, step)) / steps
}

/** The line from our ring to a peer's dot, or a parallel line at a distance to its right. */
export function lineTo(place: Point, dotRadius: number, besidePx = 0): { from: Point; to: Point } {
  const from = towards(CENTRE, place, RING_RADIUS)
  const to = towards(place, CENTRE, dotRadius)
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1
  const side = { x: (-(to.y - from.y) / length) * besidePx, y: ((to.x - from.x) / length) * besidePx }
  return { from: { x: from.x + side.x, y: from.y + side.y }, to: { x: to.x + side.x, y: to.y + side.y } }
}

/** Seconds that a dash takes along its line: the more traffic, the fewer. Null when nothing moves. */
export function dashSeconds(bytesPerSecond: number): number | null {
  if (bytesPerSecond <= 0) return null
  const magnitude = Math.log10(Math.max(10, bytesPerSecond))
  return Math.round(Math.max(0.35, 3.2 - 0.42 * magnitude) * 100) / 100
}

function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  if (length === 0) return from
  return { x: from.x + ((to.x - from.x) / length) * distance, y: from.y + ((to.y - from.y) / length) * distance }
}
