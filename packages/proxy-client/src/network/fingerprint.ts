/** What `networkInterfaces` returns, as far as it is used. */
type Interfaces = Readonly<Record<string, readonly { readonly address: string }[] | undefined>>

const SEPARATOR = ','

/** Changes when the machine gets or loses an address. Null where the system does not say. */
export function fingerprint(networkInterfaces: () => Interfaces): string | null {
  try {
    const interfaces = Object.entries(networkInterfaces())
    const entries = interfaces.flatMap(([name, addresses = []]) => addresses.map(({ address }) => `${name} ${address}`))
    return entries.join(SEPARATOR)
  } catch {
    return null
  }
}

/** The addresses of one fingerprint that another one does not have. */
export function lostAddresses(before: string, after: string): string[] {
  const left = new Set(addressesOf(after))
  return addressesOf(before).filter((address) => !left.has(address))
}

function addressesOf(text: string): string[] {
  return text.split(SEPARATOR).map((entry) => entry.slice(entry.lastIndexOf(' ') + 1))
}
