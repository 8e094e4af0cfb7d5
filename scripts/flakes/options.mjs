import { parseArgs } from 'node:util'

/** Parses the command line. Default: three rounds of `npm test`, beside two busy loops. */
export function parseOptions(args) {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      times: { type: 'string', default: '3' },
      load: { type: 'string', default: '2' },
      // The configuration of another tier, such as test/tiers/slow.config.ts.
      config: { type: 'string', default: 'vitest.config.ts' }
    }
  })
  return {
    config: values.config,
    files: positionals,
    load: count('--load', values.load, 0),
    times: count('--times', values.times, 1)
  }
}

function count(name, text, least) {
  if (/^\d{1,3}$/.test(text) && Number(text) >= least) return Number(text)
  throw new Error(`${name} takes a whole number from ${least} to 999, not "${text}".`)
}
