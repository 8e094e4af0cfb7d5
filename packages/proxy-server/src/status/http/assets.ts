import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Answer } from './answer.js'
import { STYLE } from './style.js'

/** The page's scripts, by file name. They are JavaScript in the sources too, so they are served unchanged. */
const SCRIPTS = [
  'banner',
  'client-table',
  'dom',
  'fleet-table',
  'format',
  'main',
  'plot-list',
  'plots',
  'poller',
  'reasons',
  'series',
  'tables',
  'tiles'
] as const

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0072b2"/>' +
  '<path d="M2.5 10l3-4 3 3 5-5.500" fill="none" stroke="#fff" stroke-width="2"/></svg>'

/** What the page loads, by path below the page; the same for all visitors. */
export function loadAssets(): ReadonlyMap<string, Answer> {
  const assets = new Map<string, Answer>([
    ['/style.css', { type: 'css', body: STYLE }],
    ['/icon.svg', { type: 'svg', body: ICON }],
    ['/uplot.css', { type: 'css', body: readPackageFile('uplot/dist/uPlot.min.css') }],
    ['/uplot.js', { type: 'js', body: readPackageFile('uplot/dist/uPlot.iife.min.js') }]
  ])
  for (const name of SCRIPTS) assets.set(`/${name}.js`, { type: 'js', body: readScript(name) })
  return assets
}

function readScript(name: string): Buffer {
  return readFileSync(new URL(`../page/${name}.js`, import.meta.url))
}

function readPackageFile(specifier: string): Buffer {
  return readFileSync(createRequire(import.meta.url).resolve(specifier))
}
