/** The contents of the reference pages about the proxy. */
import type { Outline } from '../render.ts'

const CLIENT = 'proxy-client/src'
const SERVER = 'proxy-server/src'

const proxyClient: Outline = {
  path: 'docs/reference/proxy-client.md',
  title: 'ProxyClient',
  intro:
    '`new ProxyClient(options)` from `@swarmway/proxy-client`: a [swarm](swarm.md) whose network is a proxy server. It ' +
    'has the options, events, methods and properties of a swarm, without the options of the node, and these.',
  sections: [
    {
      heading: 'Options',
      kind: 'options',
      from: [[`${CLIENT}/options.ts`, 'ProxyClientOptions']],
      intro: 'Either `connect` or `connection` is required.'
    },
    {
      heading: 'Events',
      kind: 'events',
      from: [
        [`${CLIENT}/client.ts`, 'LinkEvents'],
        [`${CLIENT}/client.ts`, 'ProxyClientEvents']
      ],
      intro: ''
    },
    { heading: 'Methods', kind: 'methods', from: [[`${CLIENT}/client.ts`, 'ProxyClient']] },
    { heading: 'Properties', kind: 'properties', from: [[`${CLIENT}/client.ts`, 'ProxyClient']] },
    {
      heading: 'Link statistics',
      kind: 'fields',
      from: [['proxy-protocol/src/session/session-stats.ts', 'SessionStats']]
    },
    {
      heading: 'The node',
      kind: 'definitions',
      from: [
        [`${CLIENT}/node/remote-dht.ts`, 'RemoteDht'],
        [`${CLIENT}/node/remote-dht.ts`, 'RemoteDhtServer'],
        [`${CLIENT}/node/hyperdht-members.ts`, 'RemoteDhtStats']
      ],
      intro: '`client.dht`, for packages made for a HyperDHT node.'
    },
    {
      heading: 'Links',
      kind: 'definitions',
      from: [
        [`${CLIENT}/options.ts`, 'Connect'],
        [`${CLIENT}/transports/websocket.ts`, 'websocket'],
        [`${CLIENT}/transports/messageport.ts`, 'messagePort']
      ],
      intro:
        '`websocket` is in `@swarmway/proxy-client/websocket`, `messagePort` in `@swarmway/proxy-client/messageport`.'
    },
    {
      heading: 'WebRTC in workers',
      kind: 'definitions',
      from: [
        [`${CLIENT}/worker-rtc/lend.ts`, 'lendRtc'],
        [`${CLIENT}/worker-rtc/lend.ts`, 'LendTarget'],
        [`${CLIENT}/worker-rtc/lend.ts`, 'PostsMessages'],
        [`${CLIENT}/worker-rtc/borrow.ts`, 'borrowRtc'],
        [`${CLIENT}/worker-rtc/borrow.ts`, 'BorrowedRtc']
      ],
      intro:
        'In `@swarmway/proxy-client/worker-rtc`, see [in a worker](../../packages/proxy-client/README.md#in-a-worker).'
    }
  ]
}

const proxyServer: Outline = {
  path: 'docs/reference/proxy-server.md',
  title: 'ProxyServer',
  intro:
    '`new ProxyServer(options)` from `@swarmway/proxy-server`: carries the swarms of its clients over any duplex. ' +
    '[Production](../production.md) explains how to run one.',
  sections: [
    {
      heading: 'Options',
      kind: 'options',
      from: [[`${SERVER}/options.ts`, 'ProxyServerOptions']],
      intro: 'All are optional.'
    },
    {
      heading: 'Events',
      kind: 'events',
      from: [[`${SERVER}/server.ts`, 'ProxyServerEvents']],
      intro: "There is no 'error' event: an error of a client ends only that client."
    },
    { heading: 'Methods', kind: 'methods', from: [[`${SERVER}/server.ts`, 'ProxyServer']] },
    {
      heading: 'Options of handleStream',
      kind: 'options',
      from: [[`${SERVER}/sessions/stream-info.ts`, 'StreamInfo']],
      intro: ''
    },
    {
      heading: 'Options of connectClientsTo',
      kind: 'options',
      from: [[`${SERVER}/server.ts`, 'ConnectClientsOptions']],
      intro: ''
    },
    {
      heading: 'Options of StunResponder.listen',
      kind: 'options',
      from: [[`${SERVER}/stun/responder.ts`, 'StunOptions']],
      intro:
        '`const stun = await StunResponder.listen({ port: 3478 })` answers STUN; pass `stun.port` as `stunPort`, and ' +
        '`await stun.close()` at the end.'
    },
    { heading: 'Properties', kind: 'properties', from: [[`${SERVER}/server.ts`, 'ProxyServer']] },
    {
      heading: 'authenticate',
      kind: 'definitions',
      from: [
        [`${SERVER}/sessions/authenticate.ts`, 'Authenticate'],
        [`${SERVER}/sessions/authenticate.ts`, 'AuthResult']
      ]
    },
    {
      heading: 'Arguments of authenticate',
      kind: 'fields',
      from: [[`${SERVER}/sessions/authenticate.ts`, 'ClientHello']]
    },
    {
      heading: 'Result of authenticate',
      kind: 'options',
      from: [[`${SERVER}/sessions/authenticate.ts`, 'AuthGrant']]
    },
    { heading: 'Statistics', kind: 'fields', from: [[`${SERVER}/stats/server-stats.ts`, 'ServerStats']] },
    {
      heading: 'A client: properties',
      kind: 'properties',
      from: [[`${SERVER}/sessions/client-session.ts`, 'ClientSession']],
      intro: 'The members of `server.clients`, and the argument of `client` events. Each is one session.'
    },
    {
      heading: 'A client: methods',
      kind: 'methods',
      from: [[`${SERVER}/sessions/client-session.ts`, 'ClientSession']]
    },
    {
      heading: 'A client: statistics',
      kind: 'fields',
      from: [[`${SERVER}/stats/client-stats.ts`, 'ClientStats']],
      intro: 'These, and those of the [session](proxy-client.md#link-statistics).'
    },
    { heading: 'A link', kind: 'properties', from: [[`${SERVER}/sessions/client-link.ts`, 'ClientLink']] },
    {
      heading: 'Options of a fleet',
      kind: 'options',
      from: [[`${SERVER}/fleet/options.ts`, 'FleetOptions']],
      intro: '[A fleet](../fleet.md) is several servers that act as one.'
    },
    {
      heading: 'Options of nats',
      kind: 'options',
      from: [[`${SERVER}/nats/index.ts`, 'NatsFleetOptions']],
      intro: '`nats` of `@swarmway/proxy-server/nats`: these, and those of a fleet except `presence`.'
    },
    {
      heading: 'Options of brokerPresence',
      kind: 'options',
      from: [[`${SERVER}/fleet/presence/broker-presence.ts`, 'BrokerPresenceOptions']],
      intro: ''
    },
    { heading: 'Statistics of a fleet', kind: 'fields', from: [[`${SERVER}/fleet/fleet-stats.ts`, 'FleetStats']] },
    {
      heading: 'Statistics of another server',
      kind: 'fields',
      from: [[`${SERVER}/fleet/fleet-stats.ts`, 'FleetServerStats']]
    }
  ]
}

const websocket: Outline = {
  path: 'docs/reference/websocket.md',
  title: 'listen',
  intro: '`@swarmway/proxy-server/websocket`: WebSockets as links of a proxy server.',
  sections: [
    { heading: 'Function', kind: 'definitions', from: [[`${SERVER}/websocket/index.ts`, 'listen']] },
    {
      heading: 'Options',
      kind: 'options',
      from: [[`${SERVER}/websocket/options.ts`, 'ListenOptions']],
      intro: 'All are optional.'
    },
    {
      heading: 'The listener',
      kind: 'fields',
      from: [[`${SERVER}/websocket/index.ts`, 'WebSocketListener']],
      intro: ''
    },
    { heading: 'A web server', kind: 'definitions', from: [[`${SERVER}/websocket/web-server.ts`, 'createWebServer']] },
    {
      heading: 'Options of a web server',
      kind: 'options',
      from: [[`${SERVER}/websocket/web-server.ts`, 'WebServerOptions']],
      intro: 'All are optional.'
    }
  ]
}

const statusPage: Outline = {
  path: 'docs/reference/status-page.md',
  title: 'Status page',
  intro:
    '`@swarmway/proxy-server/status`: shows the state of a proxy server in a browser. `swarmway proxy --status` serves ' +
    'it on its admin port.',
  sections: [
    {
      heading: 'Functions',
      kind: 'definitions',
      from: [
        [`${SERVER}/status/listen.ts`, 'listenStatus'],
        [`${SERVER}/status/status-page.ts`, 'statusPage'],
        [`${SERVER}/status/http/status-server.ts`, 'createStatusServer']
      ]
    },
    {
      heading: 'Options',
      kind: 'options',
      from: [[`${SERVER}/status/options.ts`, 'StatusPageOptions']],
      intro: 'All are optional.'
    },
    {
      heading: 'More options of listenStatus',
      kind: 'options',
      from: [[`${SERVER}/status/listen.ts`, 'ListenStatusOptions']],
      intro: ''
    },
    {
      heading: 'Result of listenStatus',
      kind: 'fields',
      from: [[`${SERVER}/status/listen.ts`, 'StatusListener']],
      intro: ''
    },
    {
      heading: 'Result of statusPage',
      kind: 'fields',
      from: [[`${SERVER}/status/status-page.ts`, 'StatusPage']],
      intro: ''
    }
  ]
}

const limits: Outline = {
  path: 'docs/reference/limits.md',
  title: 'Limits',
  intro:
    'There is a limit to everything that a client can make a server count, keep or do, and likewise for a server and ' +
    'its clients. Anything beyond a limit is refused or ends that session, but never affects the server or other ' +
    'clients. A limit that is unknown, not a whole number or out of range is a `TypeError` that names it.',
  sections: [
    { heading: 'Limits of one client', kind: 'options', from: [[`${SERVER}/limits.ts`, 'ClientLimits']] },
    {
      heading: 'Limits of a server',
      kind: 'options',
      from: [[`${SERVER}/limits.ts`, 'ServerLimits']],
      intro: 'The option `limits` of a `ProxyServer` takes these, those of one client, and those of the protocol.'
    },
    {
      heading: 'Limits of the protocol',
      kind: 'options',
      from: [['proxy-protocol/src/limits.ts', 'ProtocolLimits']],
      intro:
        'The option `limits` of a `ProxyClient` takes these; that of a `ProxyServer` takes all except `maxStreams`. "The ' +
        'peer" is the other end of the link.'
    }
  ]
}

/** In the order of docs/README.md. */
export const PROXY_OUTLINES: readonly Outline[] = [proxyClient, proxyServer, websocket, statusPage, limits]
