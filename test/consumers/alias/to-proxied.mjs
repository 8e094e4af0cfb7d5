// node --import ./to-proxied.mjs program.mjs: the name `hyperswarm` leads to a swarm behind a proxy.
import { register } from 'node:module'

register('./hooks.mjs', { parentURL: import.meta.url, data: './proxied.mjs' })
