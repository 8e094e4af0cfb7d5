/** Node's UDP sockets, the part that the local network's discovery uses. The sources see no @types/node. */
export interface RemoteInfo {
  address: string
  port: number
}

export interface Socket {
  bind(options: { port: number; address?: string; exclusive?: boolean }, onListening?: () => void): this
  addMembership(group: string, interfaceAddress: string): void
  setMulticastInterface(interfaceAddress: string): void
  setMulticastLoopback(isOn: boolean): void
  setMulticastTTL(hops: number): void
  send(packet: Uint8Array, port: number, address: string, onSent: (error: Error | null) => void): void
  close(onClosed?: () => void): this
  on(event: 'message', listener: (packet: Uint8Array, from: RemoteInfo) => void): this
  on(event: 'error', listener: (error: Error) => void): this
  once(event: 'listening', listener: () => void): this
}

export function createSocket(options: { type: 'udp4'; reuseAddr?: boolean }): Socket
