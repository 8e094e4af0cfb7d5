/** The middle value; the mean of the middle two of an even number; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** What is said about the samples of one measure. */
export interface Summary {
  rounds: number
  median: number
  min: number
  max: number
  /** (max - min) / median: how far the rounds lie apart. */
  spread: number
}

export function summarize(samples: readonly number[]): Summary {
  const [min, max, middle] = [Math.min(...samples), Math.max(...samples), median(samples)]
  return { rounds: samples.length, median: middle, min, max, spread: middle === 0 ? 0 : (max - min) / middle }
}
