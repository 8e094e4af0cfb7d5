// An application, and a look at the client's own module, of which there is one: has WebAssembly come in?
import { ProxyClient, topicFrom } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { hastenSodium } from '../../../dist/sodium/browser.js'

Object.assign(globalThis, { ProxyClient, topicFrom, websocket, hastenSodium })
