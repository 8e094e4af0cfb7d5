/** What stands on which page of docs/reference. */
import type { Outline } from './render.ts'

const SWARM = 'swarm/src'
const CLIENT = 'proxy-client/src'
const SERVER = 'proxy-server/src'

const swarm: Outline = {
  path: 'docs/reference/swarm.md',
  title: 'Swarm',
  intro:
    '`new Swarm(options)` from `@swarmway/swarm`: a swarm over HyperDHT. All that stands here holds for a ' +
    '[ProxyClient](proxy-client.md) as well, but for the options of the node. A bad option or argument is a ' +
    '`TypeError` with the code `INVALID_ARGUMENT` that names it. Durations are milliseconds. ' +
    'Codes are explained in [errors](../errors.md), words in [concepts](../concepts.md).',
  sections: [
    {
      heading: 'Options',
      kind: 'options',
      from: [
        [`${SWARM}/options.ts`, 'CoreOptions'],
        [`${SWARM}/groups/options.ts`, 'GroupOptions']
      ],
      intro: 'All are optional.'
    },
    {
      heading: 'Options of the node',
      kind: 'options',
      from: [[`${SWARM}/options.ts`, 'SwarmOptions']],
      intro: 'For `Swarm` only: a proxied swarm has its node at the server.'
    },
    { heading: 'Options of lan', kind: 'options', from: [[`${SWARM}/lan/options.ts`, 'LanOptions']] },
    { heading: 'Events', kind: 'events', from: [[`${SWARM}/swarm-types.ts`, 'SwarmEvents']], intro: '' },
    { heading: 'A failed dial', kind: 'fields', from: [[`${SWARM}/context.ts`, 'DialFailure']] },
    {
      heading: 'Methods',
      kind: 'methods',
      from: [[`${SWARM}/swarm.ts`, 'SwarmCore']],
      intro:
        '`await using swarm = new Swarm()` destroys it at the end of the block. For `join` see [joining](joining.md).'
    },
    { heading: 'Options of leave', kind: 'options', from: [[`${SWARM}/swarm-types.ts`, 'LeaveOptions']], intro: '' },
    {
      heading: 'Options of destroy',
      kind: 'options',
      from: [[`${SWARM}/swarm-types.ts`, 'DestroyOptions']],
      intro: ''
    },
    {
      heading: 'Options of connect',
      kind: 'options',
      from: [[`${SWARM}/dialing/waiters.ts`, 'ConnectCallOptions']],
      intro: ''
    },
    {
      heading: 'Options of suspend and resume',
      kind: 'options',
      from: [[`${SWARM}/dht-node.ts`, 'SuspendOptions']],
      intro: ''
    },
    { heading: 'Properties', kind: 'properties', from: [[`${SWARM}/swarm.ts`, 'SwarmCore']] },
    { heading: 'Statistics', kind: 'fields', from: [[`${SWARM}/stats.ts`, 'SwarmStats']] },
    {
      heading: 'Types and functions',
      kind: 'definitions',
      from: [
        [`${SWARM}/topic.ts`, 'topicFrom'],
        [`${SWARM}/keys.ts`, 'createKeyPair'],
        [`${SWARM}/options.ts`, 'Firewall'],
        [`${SWARM}/options.ts`, 'RelayThrough'],
        [`${SWARM}/dht-node.ts`, 'RelayChoice'],
        [`${SWARM}/context.ts`, 'DialStage']
      ]
    }
  ]
}

const joining: Outline = {
  path: 'docs/reference/joining.md',
  title: 'Joining topics',
  intro:
    '`swarm.join(topic, options)` returns a session: one use of the topic. Several sessions on one topic share its ' +
    'discovery, and the topic is left when the last one is destroyed.',
  sections: [
    {
      heading: 'Options of join',
      kind: 'options',
      from: [
        [`${SWARM}/discovery/session.ts`, 'DiscoveryMode'],
        [`${SWARM}/swarm-types.ts`, 'JoinOptions']
      ]
    },
    {
      heading: 'Methods of a session',
      kind: 'methods',
      from: [[`${SWARM}/discovery/session.ts`, 'PeerDiscoverySession']]
    },
    {
      heading: 'Properties of a session',
      kind: 'properties',
      from: [[`${SWARM}/discovery/session.ts`, 'PeerDiscoverySession']]
    },
    {
      heading: 'The discovery of a topic: methods',
      kind: 'methods',
      from: [[`${SWARM}/discovery/peer-discovery.ts`, 'PeerDiscovery']],
      intro: '`swarm.status(topic)` and `swarm.topics()` give it: what all sessions on a topic have in common.'
    },
    {
      heading: 'The discovery of a topic: properties',
      kind: 'properties',
      from: [[`${SWARM}/discovery/peer-discovery.ts`, 'PeerDiscovery']]
    }
  ]
}

const peerInfo: Outline = {
  path: 'docs/reference/peer-info.md',
  title: 'PeerInfo',
  intro: 'What a swarm knows about a peer: the second argument of `connection`, and the values of `swarm.peers`.',
  sections: [
    { heading: 'Properties', kind: 'properties', from: [[`${SWARM}/peer-info.ts`, 'PeerInfo']] },
    { heading: 'Methods', kind: 'methods', from: [[`${SWARM}/peer-info.ts`, 'PeerInfo']] },
    { heading: 'Events', kind: 'events', from: [[`${SWARM}/peer-info.ts`, 'PeerInfoEvents']] }
  ]
}

const groups: Outline = {
  path: 'docs/reference/groups.md',
  title: 'Groups',
  intro: 'Who may be connected to. [Groups](../groups.md) explains how they work.',
  sections: [
    {
      heading: 'Making a group',
      kind: 'definitions',
      from: [[`${SWARM}/groups/group.ts`, 'createGroup']]
    },
    {
      heading: 'Options of createGroup',
      kind: 'options',
      from: [[`${SWARM}/groups/group.ts`, 'CreateGroupOptions']],
      intro: ''
    },
    { heading: 'Methods of a Group', kind: 'methods', from: [[`${SWARM}/groups/group.ts`, 'Group']] },
    { heading: 'Options of invite', kind: 'options', from: [[`${SWARM}/groups/group.ts`, 'InviteOptions']], intro: '' },
    { heading: 'Properties of a Group', kind: 'properties', from: [[`${SWARM}/groups/group.ts`, 'Group']] },
    { heading: 'Methods of a Membership', kind: 'methods', from: [[`${SWARM}/groups/membership.ts`, 'Membership']] },
    {
      heading: 'Properties of a Membership',
      kind: 'properties',
      from: [[`${SWARM}/groups/membership.ts`, 'Membership']]
    }
  ]
}

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
      intro: 'One of `connect` and `connection` has to be given.'
    },
    { heading: 'Events', kind: 'events', from: [[`${CLIENT}/client.ts`, 'ProxyClientEvents']], intro: '' },
    { heading: 'Methods', kind: 'methods', from: [[`${CLIENT}/client.ts`, 'ProxyClient']] },
    { heading: 'Properties', kind: 'properties', from: [[`${CLIENT}/client.ts`, 'ProxyClient']] },
    { heading: 'Link statistics', kind: 'fields', from: [['proxy-protocol/src/session-stats.ts', 'SessionStats']] },
    {
      heading: 'Links',
      kind: 'definitions',
      from: [
        [`${CLIENT}/options.ts`, 'Connect'],
        [`${CLIENT}/websocket.ts`, 'websocket'],
        [`${CLIENT}/messageport.ts`, 'messagePort']
      ],
      intro:
        '`websocket` is in `@swarmway/proxy-client/websocket`, `messagePort` in `@swarmway/proxy-client/messageport`.'
    }
  ]
}

const proxyServer: Outline = {
  path: 'docs/reference/proxy-server.md',
  title: 'ProxyServer',
  intro:
    '`new ProxyServer(options)` from `@swarmway/proxy-server`: carries the swarms of its clients over any duplex. ' +
    'How to run one is in [production](../production.md).',
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
      intro: "There is no 'error' event: a fault of a client is the end of that client."
    },
    { heading: 'Methods', kind: 'methods', from: [[`${SERVER}/server.ts`, 'ProxyServer']] },
    { heading: 'Options of handleStream', kind: 'options', from: [[`${SERVER}/server.ts`, 'StreamInfo']], intro: '' },
    {
      heading: 'Options of connectClientsTo',
      kind: 'options',
      from: [[`${SERVER}/server.ts`, 'ConnectClientsOptions']],
      intro: ''
    },
    { heading: 'Properties', kind: 'properties', from: [[`${SERVER}/server.ts`, 'ProxyServer']] },
    {
      heading: 'authenticate',
      kind: 'definitions',
      from: [
        [`${SERVER}/authenticate.ts`, 'Authenticate'],
        [`${SERVER}/authenticate.ts`, 'AuthResult']
      ]
    },
    { heading: 'What authenticate is told', kind: 'fields', from: [[`${SERVER}/authenticate.ts`, 'ClientHello']] },
    { heading: 'What authenticate may grant', kind: 'options', from: [[`${SERVER}/authenticate.ts`, 'AuthGrant']] },
    { heading: 'Statistics', kind: 'fields', from: [[`${SERVER}/server-stats.ts`, 'ServerStats']] },
    {
      heading: 'A client: properties',
      kind: 'properties',
      from: [[`${SERVER}/client-session.ts`, 'ClientSession']],
      intro: 'The members of `server.clients`, and what `client` events bring: one session each.'
    },
    { heading: 'A client: methods', kind: 'methods', from: [[`${SERVER}/client-session.ts`, 'ClientSession']] },
    {
      heading: 'A client: statistics',
      kind: 'fields',
      from: [[`${SERVER}/client-stats.ts`, 'ClientStats']],
      intro: 'These, and those of the [session](proxy-client.md#link-statistics).'
    },
    { heading: 'A link', kind: 'properties', from: [[`${SERVER}/client-link.ts`, 'ClientLink']] }
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
      heading: 'What it resolves to',
      kind: 'fields',
      from: [[`${SERVER}/websocket/index.ts`, 'WebSocketListener']],
      intro: ''
    }
  ]
}

const limits: Outline = {
  path: 'docs/reference/limits.md',
  title: 'Limits',
  intro:
    'Everything that a client can make a server count, keep or do has a limit, and so has a client against its ' +
    'server. What goes beyond is refused, or ends that one session; never the server, and never another client. ' +
    'A limit that is unknown, not a whole number or out of range is a `TypeError` that names it.',
  sections: [
    { heading: 'Of one client', kind: 'options', from: [[`${SERVER}/limits.ts`, 'ClientLimits']] },
    {
      heading: 'Of a server',
      kind: 'options',
      from: [[`${SERVER}/limits.ts`, 'ServerLimits']],
      intro: 'The option `limits` of a `ProxyServer` takes these, those of one client, and those of the wire.'
    },
    {
      heading: 'Of the wire',
      kind: 'options',
      from: [['proxy-protocol/src/limits.ts', 'ProtocolLimits']],
      intro:
        'The option `limits` of a `ProxyClient` takes these, the option of a `ProxyServer` all but `maxStreams`. "The ' +
        'peer" is the other end of the link.'
    }
  ]
}

/** All pages that are made from the sources. */
export const OUTLINES: readonly Outline[] = [
  swarm,
  joining,
  peerInfo,
  groups,
  proxyClient,
  proxyServer,
  websocket,
  limits
]
