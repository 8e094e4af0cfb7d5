/** What the tier runs: packages of the ecosystem, each by its own tests if it ships any, and by a program of ours. */

/** A package, and how it is tried. */
export interface Row {
  /** As in the table. */
  readonly name: string
  /** The packages that are installed for it; the first one's version is shown. */
  readonly packages: readonly string[]
  /** A program of ours in `programs/`, without its extension. */
  readonly program: string
  /** Path of the package's own tests, below `node_modules`. */
  readonly tests?: string
  /** What the program does, for the table. */
  readonly what: string
}

export const ROWS: readonly Row[] = [
  {
    name: 'blind-pairing',
    packages: ['blind-pairing'],
    program: 'blind-pairing',
    what: 'a candidate is paired by a member'
  },
  {
    name: 'hyperswarm-stats',
    packages: ['hyperswarm-stats', 'prom-client'],
    program: 'hyperswarm-stats',
    what: 'every number, before, during and after a connection'
  },
  {
    name: 'drives',
    packages: ['drives'],
    program: 'drives',
    what: 'the command: one process seeds, another gets a file'
  },
  {
    name: 'autopass',
    packages: ['autopass', 'corestore', 'brittle', 'test-tmp', 'blind-encryption-sodium@1'],
    program: 'autopass',
    tests: 'autopass/test.js',
    what: 'a device is invited, both write, one is suspended'
  },
  {
    name: 'hyper-sdk',
    packages: ['hyper-sdk', 'test-tmp', 'tmp-promise'],
    program: 'hyper-sdk',
    tests: 'hyper-sdk/test.js',
    what: 'a drive and a core, found by key'
  },
  {
    name: 'hyperdrive',
    packages: ['hyperdrive', 'corestore'],
    program: 'hyperdrive',
    what: 'read, mirrored, and read again after a change'
  },
  {
    name: 'autobase',
    packages: ['autobase', 'corestore'],
    program: 'autobase',
    what: 'two writers on Corestore'
  },
  { name: 'hypercore', packages: ['hypercore'], program: 'hypercore', what: '200 blocks, then one more, live' },
  {
    name: '@hyperswarm/rpc',
    packages: ['@hyperswarm/rpc', 'protomux-rpc'],
    program: 'rpc',
    what: 'requests between nodes, and with protomux-rpc on a connection'
  },
  {
    name: 'hypertele',
    packages: ['hypertele'],
    program: 'hypertele',
    what: 'the commands: HTTP through a tunnel by `dht.connect`'
  }
]
