import { DEFAULT_SERVER_LIMITS, type ServerLimits } from '@swarmway/proxy-server'
import { didYouMean } from '../../shared/command/near-names.js'
import { BadValue, items, type Kind, quote } from './kinds.js'

/** Some of the limits of a proxy server. */
export type Limits = Partial<ServerLimits>

/** The names of all limits. */
const LIMIT_NAMES = Object.keys(DEFAULT_SERVER_LIMITS) as (keyof ServerLimits)[]

/** Limits as name=value, or as an object in a file. Ranges are checked by the server. */
export const limits: Kind<Limits> = {
  placeholder: '<name=value>',
  repeatable: true,
  read: (given) =>
    Object.fromEntries(entries(given).map(([name, value]) => [verifyName(name), readValue(name, value)])),
  show: (values) => {
    const parts = Object.entries(values).map(([name, value]) => `${name}=${value}`)
    return parts.length === 0 ? '-' : parts.join(', ')
  }
}

function entries(given: unknown): [name: string, value: unknown][] {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return Object.entries(given)
  return items(given).map((item) => {
    const [, name, value] = /^([^=]+)=(.*)$/.exec(item) ?? []
    if (name === undefined) throw new BadValue(`must be like maxClients=50, not ${quote(item)}`)
    return [name.trim(), value]
  })
}

function verifyName(name: string): string {
  if (Object.hasOwn(DEFAULT_SERVER_LIMITS, name)) return name
  const hint = didYouMean(name, LIMIT_NAMES, 'swarmway proxy --help lists all limits.')
  throw new BadValue(`has no limit ${quote(name)}`, hint)
}

function readValue(name: string, given: unknown): number {
  const value = typeof given === 'string' && given.trim() !== '' ? Number(given) : given
  if (typeof value === 'number' && Number.isInteger(value)) return value
  throw new BadValue(`must give ${name} a whole number, not ${quote(given)}`)
}
