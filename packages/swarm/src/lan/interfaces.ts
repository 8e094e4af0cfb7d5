import { networkInterfaces } from '#lan-platform'

/** An IPv4 address of this host. */
export interface LocalInterface {
  address: string
  netmask: string
}

interface NamedInterface extends LocalInterface {
  name: string
  isInternal: boolean
}

/** The interfaces that `choice` names; without a choice, all of them, loopback only if there is no other. */
export function listInterfaces(choice: readonly string[] | null): LocalInterface[] {
  const all = allInterfaces()
  if (choice !== null) return all.filter(({ name, address }) => choice.includes(name) || choice.includes(address))
  const external = all.filter(({ isInternal }) => !isInternal)
  return external.length > 0 ? external : all
}

/** Whether `host` is an address in the subnet of one of `interfaces`. */
export function isOnLink(host: string, interfaces: Iterable<LocalInterface>): boolean {
  return linkOf(host, interfaces) !== null
}

/** The interface whose subnet contains `host`, null if there is none. */
export function linkOf<L extends LocalInterface>(host: string, interfaces: Iterable<L>): L | null {
  const remote = toNumber(host)
  if (remote === null) return null
  for (const link of interfaces) {
    const mask = toNumber(link.netmask) ?? 0
    if (mask !== 0 && ((toNumber(link.address) ?? 0) & mask) === (remote & mask)) return link
  }
  return null
}

function allInterfaces(): NamedInterface[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ family }) => family === 'IPv4')
      .map(({ address, netmask, internal }) => ({ name, address, netmask, isInternal: internal }))
  )
}

/** An IPv4 address as a number, null if it is not one. */
function toNumber(address: string): number | null {
  const parts = address.split('.').map(Number)
  const isValid = parts.length === 4 && parts.every((part) => Number.isInteger(part) && part >= 0 && part <= 255)
  return isValid ? parts.reduce((number, part) => (number << 8) | part, 0) : null
}
