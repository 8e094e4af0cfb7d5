// node --import ./to-native.mjs program.mjs: the name `hyperswarm` leads to @swarmway/swarm.
import { register } from 'node:module'

register('./hooks.mjs', { parentURL: import.meta.url, data: '@swarmway/swarm' })
