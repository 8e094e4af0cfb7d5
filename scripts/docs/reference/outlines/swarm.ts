/** The contents of the reference pages about the swarm. */
import type { Outline } from '../render.ts'

const SWARM = 'swarm/src'

const swarm: Outline = {
  path: 'docs/reference/swarm.md',
  title: 'Swarm',
  intro:
    '`new Swarm(options)` from `@swarmway/swarm`: a swarm over HyperDHT. Everything here also holds for a ' +
    '[ProxyClient](proxy-client.md), except the options of the node. A bad option or argument is a ' +
    '`TypeError` with the code `INVALID_ARGUMENT` that names it. Durations are milliseconds. ' +
    '[Errors](../errors.md) explains the codes, [concepts](../concepts.md) the terms.',
  sections: [
    {
      heading: 'Options',
      kind: 'options',
      from: [
        [`${SWARM}/swarm/options.ts`, 'CoreOptions'],
        [`${SWARM}/groups/options.ts`, 'GroupOptions']
      ],
      intro: 'All are optional.'
    },
    {
      heading: 'Options of the node',
      kind: 'options',
      from: [[`${SWARM}/swarm/options.ts`, 'SwarmOptions']],
      intro: 'For `Swarm` only: the node of a proxied swarm is at the server.'
    },
    { heading: 'Options of lan', kind: 'options', from: [[`${SWARM}/lan/options.ts`, 'LanOptions']] },
    { heading: 'Options of direct', kind: 'options', from: [[`${SWARM}/paths/direct/options.ts`, 'DirectOptions']] },
    { heading: 'Events', kind: 'events', from: [[`${SWARM}/swarm/swarm-types.ts`, 'SwarmEvents']], intro: '' },
    { heading: 'A failed dial', kind: 'fields', from: [[`${SWARM}/dialing/failure.ts`, 'DialFailure']] },
    {
      heading: 'Methods',
      kind: 'methods',
      from: [[`${SWARM}/swarm/swarm-core.ts`, 'SwarmCore']],
      intro:
        '`await using swarm = new Swarm()` destroys it at the end of the block. For `join` see [joining](joining.md).'
    },
    {
      heading: 'Options of leave',
      kind: 'options',
      from: [[`${SWARM}/swarm/swarm-types.ts`, 'LeaveOptions']],
      intro: ''
    },
    {
      heading: 'Options of destroy',
      kind: 'options',
      from: [[`${SWARM}/swarm/swarm-types.ts`, 'DestroyOptions']],
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
      from: [[`${SWARM}/network/dht-node.ts`, 'SuspendOptions']],
      intro: ''
    },
    { heading: 'Properties', kind: 'properties', from: [[`${SWARM}/swarm/swarm-core.ts`, 'SwarmCore']] },
    { heading: 'Statistics', kind: 'fields', from: [[`${SWARM}/util/stats.ts`, 'SwarmStats']] },
    { heading: 'Statistics of direct paths', kind: 'fields', from: [[`${SWARM}/util/stats.ts`, 'DirectStats']] },
    {
      heading: 'Types and functions',
      kind: 'definitions',
      from: [
        [`${SWARM}/util/topic.ts`, 'topicFrom'],
        [`${SWARM}/util/keys.ts`, 'createKeyPair'],
        [`${SWARM}/connections/firewall.ts`, 'Firewall'],
        [`${SWARM}/swarm/options.ts`, 'RelayThrough'],
        [`${SWARM}/network/dht-node.ts`, 'RelayChoice'],
        [`${SWARM}/dialing/failure.ts`, 'DialStage']
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
        [`${SWARM}/swarm/swarm-types.ts`, 'JoinOptions']
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
      intro: '`swarm.status(topic)` and `swarm.topics()` return it. All sessions on a topic share one.'
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
    { heading: 'Properties', kind: 'properties', from: [[`${SWARM}/peers/peer-info.ts`, 'PeerInfo']] },
    { heading: 'Methods', kind: 'methods', from: [[`${SWARM}/peers/peer-info.ts`, 'PeerInfo']] },
    { heading: 'Events', kind: 'events', from: [[`${SWARM}/peers/peer-info.ts`, 'PeerInfoEvents']] }
  ]
}

const groups: Outline = {
  path: 'docs/reference/groups.md',
  title: 'Groups',
  intro: 'Restrict who may connect. [Groups](../groups.md) explains how they work.',
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

/** In the order of docs/README.md. */
export const SWARM_OUTLINES: readonly Outline[] = [swarm, joining, peerInfo, groups]
