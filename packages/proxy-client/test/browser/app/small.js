// The least that an application imports.
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'

Object.assign(globalThis, { ProxyClient, websocket })
