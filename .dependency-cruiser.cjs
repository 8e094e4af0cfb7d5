// The layers of the packages, held by `npm run layers`. Types count: a circle of types is a circle.

/** Files of `from` must not import files of `to`: folders of a package's src. */
const never = (comment, name, from, to, except) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, ...(except && { pathNot: except }) },
  to: { path: to }
})

const inside = (name, folders) => `^packages/${name}/src/(${folders.join('|')})/`

/** Each folder may import those to its left, and none to its right. */
const layers = (name, folders) =>
  folders
    .slice(0, -1)
    .map((folder, index) =>
      never(
        `In ${name}, ${folder} is below ${folders.slice(index + 1).join(', ')}.`,
        `${name}-${folder}-imports-nothing-above`,
        inside(name, [folder]),
        inside(name, folders.slice(index + 1))
      )
    )

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    never(
      'What the packages have in common imports none of them.',
      'runtime-is-the-ground',
      '^packages/runtime/src',
      '^packages/(swarm|proxy-protocol|proxy-server|proxy-client|cli)/'
    ),
    never(
      'The wire knows nothing of swarms.',
      'protocol-imports-no-swarm',
      '^packages/proxy-protocol/src',
      '^packages/(swarm|proxy-server|proxy-client|cli)/'
    ),
    never(
      'Interfaces of older systems are for applications.',
      'nobody-imports-compat',
      '^packages/[^/]+/src/',
      '^packages/[^/]+/src/compat/',
      '^packages/[^/]+/src/compat/'
    ),
    never(
      'Only native/ and its entry know HyperDHT.',
      'hyperdht-behind-one-entry',
      '^packages/swarm/src/',
      'node_modules/hyperdht/',
      '^packages/swarm/src/native/'
    ),
    ...layers('proxy-protocol', ['util', 'wire', 'link', 'delivery', 'streams', 'session']),
    ...layers('proxy-protocol', ['wire', 'delivery', 'requests', 'session']),
    ...layers('swarm', [
      'util',
      'network',
      'handshake',
      'discovery',
      'groups',
      'peers',
      'connections',
      'dialing',
      'swarm',
      'native'
    ]),
    ...layers('swarm', ['util', 'network', 'discovery', 'lan', 'swarm', 'native']),
    ...layers('swarm', ['util', 'network', 'peers', 'paths', 'swarm', 'native']),
    ...layers('proxy-server', ['client', 'dht', 'rendezvous', 'listening', 'dialing', 'sessions', 'websocket']),
    ...layers('proxy-server', ['client', 'dht', 'streams', 'listening', 'discovery', 'sessions', 'status']),
    ...layers('proxy-server', ['status/figures', 'status/http', 'status/access']),
    ...layers('proxy-server', ['status/figures', 'status/recording']),
    ...layers('proxy-client', ['uplink', 'node']),
    ...layers('proxy-client', ['uplink/links', 'uplink/session', 'uplink/tries', 'uplink/fleet']),
    ...layers('cli', ['shared', 'keys', 'tunnel']),
    ...layers('cli', ['shared', 'share', 'get']),
    ...layers('cli', ['shared', 'send', 'receive', 'page']),
    ...layers('cli', ['shared/terminal', 'shared/errors', 'shared/command', 'shared/network']),
    ...layers('cli', ['shared/terminal', 'shared/errors', 'shared/files'])
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['@swarmway/source', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.d.ts']
    }
  }
}
