/** What `networkInterfaces` returns, as far as it is used. */
type Interfaces = Readonly<Record<string, readonly { readonly address: string }[] | undefined>>

/** Changes when the machine gets or loses an address. Null where the system does not say. */
export function fingerprint(networkInterfaces: () => Interfaces): string | null {
  try {
    const interfaces = Object.entries(networkInterfaces())
    return interfaces.flatMap(([name, addresses = []]) => addresses.map(({ address }) => `${name} ${address}`)).join()
  } catch {
    return null
  }
}
