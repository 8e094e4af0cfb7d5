/** Warnings that have already been given. */
const given = new Set<string>()

interface WarningHost {
  emitWarning?(message: string, options: { type: string; code: string }): void
}

/**
 * Warns, once per code and process, that something can't mean what it meant in an older system: a process warning of
 * type `SwarmwayCompatWarning`, or a line on the console in a browser.
 */
export function warnOnce(code: `SWARMWAY_COMPAT_${string}`, message: string): void {
  if (given.has(code)) return
  given.add(code)
  const text = `${message} See docs/migrating.md.`
  const { console, process: host } = globalThis as { process?: WarningHost; console?: { warn(line: string): void } }
  if (typeof host?.emitWarning === 'function') host.emitWarning(text, { type: 'SwarmwayCompatWarning', code })
  else console?.warn(`${code}: ${text}`)
}
