import { ProxyClient, topicFrom } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { onTestFinished } from 'vitest'
import { startServer } from '../../../packages/proxy-client/test/browser/support/server.ts'

/** What the peer of a {@link startMeeting} answers. */
export const ANSWER = 'hello from node'

/** A proxy server, and a peer behind it that answers every greeting. */
export interface Meeting {
  readonly url: string
  /** What the peer was told. */
  readonly heard: readonly string[]
}

/** Starts a {@link Meeting} on 127.0.0.1 that lasts until the end of the test. */
export async function startMeeting(): Promise<Meeting> {
  const { url } = await startServer()
  const peer = new ProxyClient({ connect: websocket(url) })
  onTestFinished(() => peer.destroy())
  const heard: string[] = []
  peer.on('connection', (connection) => {
    connection.on('error', () => {})
    connection.on('data', (data) => {
      heard.push(data.toString())
      connection.write(ANSWER)
    })
  })
  await peer.join(topicFrom('runtimes')).flushed()
  return { url, heard }
}
