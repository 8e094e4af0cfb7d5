// A sandboxed preload script: it may require nothing but `electron`, so it is bundled. With context isolation, the page gets
// only what the bridge copies: functions and plain values, never a swarm.
const { contextBridge } = require('electron')
const { meet } = require('./meet.cjs')

contextBridge.exposeInMainWorld('meet', (url, name) => meet(url, name))
