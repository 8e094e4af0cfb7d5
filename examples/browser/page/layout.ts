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

const ORBIT = { x: 144, y: 80 }

/** The positions of `total` peers around us, clockwise, the first at the right. */
export function placesOf(total: number): Point[] {
  return Array.from({ length: total }, (_, index) => {
    const angle = (2 * Math.PI * index) / total
    return { x: CENTRE.x + ORBIT.x * Math.cos(angle), y: CENTRE.y + ORBIT.y * Math.sin(angle) }
  })
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
