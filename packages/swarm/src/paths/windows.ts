/** Bytes that each side may send before it hears from the other. Both sides know it. */
export const INITIAL_WINDOW_BYTES = 256 * 1024
/** The largest window of a receiver, and the most that a sender keeps: enough for 35 MB/s at 100 ms. */
export const MAX_WINDOW_BYTES = 4 * 1024 * 1024
