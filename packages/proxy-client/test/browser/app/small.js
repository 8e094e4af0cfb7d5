// The smallest import an application can make.
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'

Object.assign(globalThis, { ProxyClient, websocket })
