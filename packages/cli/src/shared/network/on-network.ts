import type { CoreOptions } from '@swarmway/swarm'
import { interruptible, unlessAborted } from '../command/interrupt.js'
import { EXIT } from '../errors/exit-codes.js'
import type { Status } from '../terminal/status.js'
import { openNetwork } from './open.js'
import type { NetworkOptions } from './options.js'
import type { Network } from './types.js'
import { sayIfLate, watchReach } from './waiting.js'

/**
 * Runs a task on a network once that is reached, and closes the network however the task ends. `signal` fires
 * when the process is asked to stop, or the proxy server no longer accepts us; the task is not awaited then.
 */
export function onNetwork<T>(
  options: NetworkOptions,
  swarmOptions: CoreOptions,
  status: Status,
  task: (network: Network, signal: AbortSignal) => Promise<T>
): Promise<T> {
  return interruptible(async (controller) => {
    const network = await openNetwork(options, swarmOptions, {
      onLost: ({ exitCode, message }) =>
        status.say(
          exitCode === EXIT.denied ? `${message} Trying again.` : 'The link to the proxy server is down; trying again.'
        ),
      onBack: () => status.say('The link to the proxy server is back.'),
      onKeyLost: ({ message }) => status.tell(`Nobody can reach us through the proxy server: ${message}.`),
      onRefused: (error) => controller.abort(error)
    })
    try {
      await unlessAborted(reach(network, status, controller.signal), controller.signal)
      watchReach(network, status)
      return await unlessAborted(task(network, controller.signal), controller.signal)
    } finally {
      await network.destroy()
    }
  })
}

function reach(network: Network, status: Status, signal: AbortSignal): Promise<void> {
  const server = network.isProxied ? 'the proxy server' : 'the DHT'
  return sayIfLate(network.ready(), `Waiting for ${server} to answer.`, status, signal)
}
