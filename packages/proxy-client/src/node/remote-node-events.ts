import type { ProxyError } from '@swarmway/proxy-protocol'

/** Events of a `RemoteNode`. */
export interface RemoteNodeEvents {
  'network-change': []
  'network-update': []
  /** A link is up; `resumed` tells whether the previous session continues. */
  connected: [state: { resumed: boolean }]
  /** The link is down or could not be made. `retryMs` is null if no retry follows. */
  disconnected: [state: { error: ProxyError; retryMs: number | null }]
  /** The server does not listen on a key for us (any more). */
  'key-lost': [loss: KeyLoss]
  /** The server listens on the key again. */
  'key-regained': []
  /** The server has ended a topic. */
  'topic-denied': [denial: TopicDenial]
  /** The server does not report newcomers on a topic, because we watch too many. */
  'watch-refused': [refusal: { topic: Uint8Array; error: ProxyError }]
}

/** Why a proxy server has ended a topic for us. */
export interface TopicDenial {
  /** The topic. */
  readonly topic: Uint8Array
  /** AUTH_DENIED: its `authenticate` no longer allows the topic. AUTH_TIMEOUT: it did not decide in time. */
  readonly code: string
  /** The server's message. */
  readonly error: ProxyError
}

/** Why a proxy server does not listen on a key for us. */
export interface KeyLoss {
  /** The key. */
  readonly publicKey: Uint8Array
  /** KEY_TAKEN: a newer session has proved that it holds the key. WRONG_SERVER: the proof names another server. */
  readonly code: string
  /** The server's message. */
  readonly error: ProxyError
}
