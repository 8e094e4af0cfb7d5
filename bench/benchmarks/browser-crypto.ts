import type { CryptoParams } from '../browser/crypto.ts'
import type { Benchmark, Outcome, RunOptions, Target } from '../lib/benchmark.ts'
import { figure } from '../lib/report.ts'
import { alternate, type Figures, type Samples } from '../lib/rounds.ts'
import { median } from '../lib/stats.ts'
import { chromiumVersion, type Tab, withTab } from '../lib/tab.ts'

const OURS = 'swarmway'
const JAVASCRIPT = 'sodium-javascript'
const SYSTEMS = [OURS, JAVASCRIPT] as const
const MIN_RATIO = 5

/** Messages of an application's size, and of a UDP packet's, in which native peers' bytes arrive. */
const SIZES: Readonly<Record<string, number>> = { '64 KiB messages': 65_536, '1.2 kB messages': 1200 }

/** Encryption and decryption of connections in Chromium. */
export const browserCrypto: Benchmark = {
  name: 'browser-crypto',
  title: "A connection's encryption in Chromium",
  async run(options) {
    const rounds = options.rounds ?? (options.isQuick ? 1 : 7)
    const samples = await alternate(SYSTEMS, rounds, options, (system) =>
      withTab('crypto', { hasWebAssembly: system === OURS }, (tab) => measure(tab, system === OURS, options))
    )
    return toOutcome(samples, await chromiumVersion())
  }
}

async function measure(tab: Tab, isFast: boolean, { isQuick }: RunOptions): Promise<Figures> {
  if ((await tab.call<boolean>('hasten')) !== isFast) throw new Error('this is not the crypto that was asked for')
  const bytes = (isQuick ? 4 : 64) * 2 ** 20
  const figures: Figures = {}
  for (const [name, messageBytes] of Object.entries(SIZES)) {
    // Once for the compiler.
    await tab.call('measure', { bytes: bytes / 8, messageBytes } satisfies CryptoParams)
    const ms = await tab.call<number>('measure', { bytes, messageBytes } satisfies CryptoParams)
    figures[name] = bytes / 1e6 / (ms / 1000)
  }
  return figures
}

function toOutcome(samples: Samples, chromium: string): Outcome {
  return {
    measures: Object.entries(samples).map(([name, bySystem]) => ({ name, unit: 'MB/s', samples: bySystem })),
    targets: Object.keys(SIZES).map((name) => atLeast(samples, name)),
    notes: [
      `Chromium ${chromium}, a new one for each round. Each byte is encrypted and decrypted again on one core: a tab that only receives, or only sends, does half of it.`,
      'sodium-javascript is what a browser has where WebAssembly is forbidden.'
    ]
  }
}

/** Ratios are of the medians. */
function atLeast(samples: Samples, name: string): Target {
  const of = (system: string) => median(samples[name]?.[system] ?? [])
  const ratio = of(OURS) / of(JAVASCRIPT)
  return {
    text: `${name}: at least ${MIN_RATIO} times sodium-javascript's speed`,
    isReached: ratio >= MIN_RATIO,
    found: `${figure(ratio)} times`
  }
}
