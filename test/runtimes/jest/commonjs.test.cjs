const ProxyClient = require('@swarmway/proxy-client')
const Swarm = require('@swarmway/swarm')
const { meet } = require('./meet.cjs')

test('require returns the classes', () => {
  expect([ProxyClient.name, ProxyClient.ProxyClient, Swarm.name]).toEqual(['ProxyClient', ProxyClient, 'Swarm'])
})

test('meets the peer', async () => {
  expect(await meet(process.env.SERVER, 'jest-commonjs')).toBe('hello from node')
})
