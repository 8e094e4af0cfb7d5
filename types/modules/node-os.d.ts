/** Node's list of network interfaces. The sources see no @types/node. */
export interface InterfaceAddress {
  address: string
  netmask: string
  family: string
  internal: boolean
}

export function networkInterfaces(): Record<string, InterfaceAddress[] | undefined>
