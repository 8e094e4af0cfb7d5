// An application as a user of the installed package writes it: plain names, no bundler configuration.
import { ProxyClient, topicFrom } from '@swarmway/proxy-client'
import { messagePort } from '@swarmway/proxy-client/messageport'
import { websocket } from '@swarmway/proxy-client/websocket'

Object.assign(globalThis, { ProxyClient, topicFrom, messagePort, websocket })
