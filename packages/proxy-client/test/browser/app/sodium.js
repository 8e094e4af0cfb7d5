// An application that also asks the client's own (single) sodium module whether WebAssembly is in use.
import { ProxyClient, topicFrom } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { hastenSodium } from '../../../dist/sodium/browser.js'

Object.assign(globalThis, { ProxyClient, topicFrom, websocket, hastenSodium })
