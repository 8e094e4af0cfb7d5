/** A page with one end of a measured connection: Swarmway's, proxied or direct, or a plain data channel. */
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import b4a from 'b4a'
import { hastenSodium } from '../../packages/proxy-client/src/sodium/browser.ts'
import type { AnyConnection } from '../lib/modules.ts'
import { ChannelConnection, type PlainChannel } from '../lib/plain-channel.ts'
import { traffic, use } from '../lib/proxy-traffic.ts'
import type { TabCalls } from '../lib/tab.ts'

/** How a page meets a peer. */
export interface DirectTabParams {
  /** Of the server. */
  url: string
  isDirect: boolean
  /** The peer to dial, in hex; none to be dialled. */
  publicKey?: string
}

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

const { RTCPeerConnection } = globalThis as unknown as { RTCPeerConnection: new () => PeerConnection }

let current: { readonly path?: string } | null = null
let plain: PeerConnection | null = null

const calls: TabCalls = { ...traffic, meet, path, offer, answer, accept }
Object.assign(globalThis, { calls })

/** Resolves to the public key, in hex. */
async function meet({ isDirect, publicKey, url }: DirectTabParams): Promise<string> {
  await hastenSodium()
  const swarm = new ProxyClient({ connect: websocket(url), ...(isDirect ? {} : { direct: false }) })
  swarm.on('connection', (connection) => {
    current = connection
    use(connection as unknown as AnyConnection)
  })
  if (publicKey === undefined) await swarm.listen()
  else swarm.joinPeer(b4a.from(publicKey, 'hex'))
  return b4a.toString(swarm.keyPair.publicKey, 'hex')
}

/** The path of the connection, null if there is none. */
function path(): string | null {
  return current?.path ?? null
}

/** Resolves to our description, candidates included. */
async function offer(): Promise<object | null> {
  plain = open()
  await plain.setLocalDescription(await plain.createOffer())
  return described(plain)
}

/** The same for the other side. */
async function answer({ offered }: { offered: object }): Promise<object | null> {
  plain = open()
  await plain.setRemoteDescription(offered)
  await plain.setLocalDescription(await plain.createAnswer())
  return described(plain)
}

/** The other side has answered. */
async function accept({ answered }: { answered: object }): Promise<void> {
  await plain?.setRemoteDescription(answered)
}

function open(): PeerConnection {
  const connection = new RTCPeerConnection()
  const channel = connection.createDataChannel('plain', { negotiated: true, id: 0 })
  channel.onopen = () => use(new ChannelConnection(channel))
  return connection
}

async function described(connection: PeerConnection): Promise<object | null> {
  while (connection.iceGatheringState !== 'complete')
    await new Promise<void>((resolve) => {
      connection.onicegatheringstatechange = resolve
    })
  return JSON.parse(JSON.stringify(connection.localDescription))
}
