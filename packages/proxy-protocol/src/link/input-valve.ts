import { FRAME } from '../wire/frame-types.js'
import type { DuplexLike } from './duplex.js'
import type { InputPace } from './link-types.js'

/** What a chunk takes besides its frames, however short it is. */
const CHUNK_COST = 1
/** What frames take, compared with a ping. Requests are decoded, carried out and answered, if only with a refusal. */
const FRAME_COSTS: Readonly<Record<number, number>> = {
  [FRAME.REQUEST]: 20,
  [FRAME.NOTIFY]: 3,
  [FRAME.STREAM_OPEN]: 10,
  [FRAME.STREAM_DATA]: 2,
  [FRAME.STREAM_CREDIT]: 2,
  [FRAME.STREAM_RESET]: 2
}

/** Reads a duplex no faster than a pace allows. One that cannot be paused is read as it comes. */
export class InputValve {
  readonly #duplex: DuplexLike
  readonly #pace: InputPace
  #cost = CHUNK_COST
  #isShut = false
  readonly #open = (): void => {
    this.#isShut = false
    this.#duplex.resume?.()
  }

  constructor(duplex: DuplexLike, pace: InputPace) {
    this.#duplex = duplex
    this.#pace = pace
  }

  /** A frame has been handled. */
  onFrame(type: number): void {
    this.#cost += FRAME_COSTS[type] ?? 1
  }

  /** A chunk has been handled, with all its frames. */
  onChunk(): void {
    const cost = this.#cost
    this.#cost = CHUNK_COST
    const mayRead = this.#pace.take(cost)
    if (mayRead || this.#isShut || this.#duplex.pause === undefined) return
    this.#isShut = true
    this.#duplex.pause()
    this.#pace.wait(this.#open)
  }

  /** The link is over. What still arrives is dropped, so that its end is seen. */
  stop(): void {
    this.#pace.end()
    if (this.#isShut) this.#open()
  }
}
