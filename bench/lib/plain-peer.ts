/** Opens a plain data channel between two pages or processes whose descriptions somebody carries. */
import { ChannelConnection, type PlainChannel } from './plain-channel.ts'

/** What is used of WebRTC, as the workspace loads no types of the DOM. */
interface PeerConnection {
  readonly localDescription: object | null
  onicegatheringstatechange: (() => void) | null
  readonly iceGatheringState: string
  createDataChannel(label: string, options: object): PlainChannel
  createOffer(): Promise<object>
  createAnswer(): Promise<object>
  setLocalDescription(description: object): Promise<void>
  setRemoteDescription(description: object): Promise<void>
}

/** An implementation of WebRTC. */
export interface PlainRtc {
  RTCPeerConnection: new () => PeerConnection
}

/** The calls of either end. `onOpen` is called with the open channel. */
export function plainPeer(rtc: () => PlainRtc, onOpen: (connection: ChannelConnection) => void) {
  let connection: PeerConnection | null = null
  const open = (): PeerConnection => {
    const made = new (rtc().RTCPeerConnection)()
    const channel = made.createDataChannel('plain', { negotiated: true, id: 0 })
    channel.onopen = () => onOpen(new ChannelConnection(channel))
    connection = made
    return made
  }
  return {
    /** Resolves to our description, candidates included. */
    offer: async (): Promise<object | null> => {
      const made = open()
      await made.setLocalDescription(await made.createOffer())
      return described(made)
    },
    /** The same for the other side. */
    answer: async ({ offered }: { offered: object }): Promise<object | null> => {
      const made = open()
      await made.setRemoteDescription(offered)
      await made.setLocalDescription(await made.createAnswer())
      return described(made)
    },
    /** The other side has answered. */
    accept: async ({ answered }: { answered: object }): Promise<void> => {
      await connection?.setRemoteDescription(answered)
    }
  }
}

async function described(connection: PeerConnection): Promise<object | null> {
  while (connection.iceGatheringState !== 'complete')
    await new Promise<void>((resolve) => {
      connection.onicegatheringstatechange = resolve
    })
  return JSON.parse(JSON.stringify(connection.localDescription))
}
