/** @import { Point } from '../recording/history.js' */
import { milliseconds, number, rate, size } from './format.js'

/**
 * @typedef {object} Plot
 * @property {string} title
 * @property {(value: number) => string} format
 * @property {number} top least maximum of the axis
 * @property {number} step smallest step of the axis
 * @property {boolean} [isCount] counts between two points: bars instead of lines
 * @property {number} [base] steps of the axis are round numbers of this base: 2 or 10
 * @property {'maxClients' | 'maxBufferedBytes'} [limit] drawn as a line once the values come near it
 * @property {{ name: Exclude<keyof Point, 'at'>, label: string }[]} lines at most two
 */

/** What the page plots, in this order. @type {Plot[]} */
export const PLOTS = [
  {
    title: 'Traffic',
    format: rate,
    top: 1000,
    step: 1,
    lines: [
      { name: 'inPerSecond', label: 'from clients' },
      { name: 'outPerSecond', label: 'to clients' }
    ]
  },
  {
    title: 'Clients',
    format: number,
    top: 4,
    step: 1,
    limit: 'maxClients',
    lines: [{ name: 'clients', label: 'clients' }]
  },
  {
    title: 'Streams',
    format: number,
    top: 4,
    step: 1,
    lines: [
      { name: 'nativeStreams', label: 'native peers' },
      { name: 'splicedStreams', label: 'between clients' }
    ]
  },
  {
    title: 'Buffers and memory',
    format: size,
    top: 1024 * 1024,
    step: 1,
    base: 2,
    limit: 'maxBufferedBytes',
    lines: [
      { name: 'bufferedBytes', label: 'buffers' },
      { name: 'rssBytes', label: 'memory' }
    ]
  },
  {
    title: 'Refusals and resets',
    format: number,
    isCount: true,
    top: 4,
    step: 1,
    lines: [
      { name: 'refusals', label: 'refused' },
      { name: 'resets', label: 'streams reset' }
    ]
  },
  {
    title: 'Event loop delay',
    format: milliseconds,
    top: 50,
    step: 1,
    lines: [{ name: 'loopDelayMs', label: 'longest wait' }]
  }
]
