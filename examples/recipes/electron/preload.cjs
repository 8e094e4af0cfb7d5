// The page gets these functions and nothing else. What crosses the bridge is copied, so a swarm could not.
const { contextBridge, ipcRenderer } = require('electron')

contextBridge.exposeInMainWorld('room', {
  join: (name) => ipcRenderer.invoke('join', name),
  say: (text) => ipcRenderer.invoke('say', text),
  onMessage: (listener) => void ipcRenderer.on('message', (_event, text) => listener(text)),
  onPeers: (listener) => void ipcRenderer.on('peers', (_event, count) => listener(count))
})
