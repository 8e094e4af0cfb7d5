// An application as somebody writes it who has installed the package: plain names, nothing set up for the bundler.
import { ProxyClient, topicFrom } from '@swarmway/proxy-client'
import { messagePort } from '@swarmway/proxy-client/messageport'
import { websocket } from '@swarmway/proxy-client/websocket'

Object.assign(globalThis, { ProxyClient, topicFrom, messagePort, websocket })
