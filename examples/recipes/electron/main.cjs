// The main process has the swarm: it has UDP, and pages must not have Node.
const { join } = require('node:path')
const { Swarm, topicFrom } = require('@swarmway/swarm')
const { app, BrowserWindow, ipcMain } = require('electron')

app.whenReady().then(() => {
  const preload = join(__dirname, 'preload.cjs')
  const window = new BrowserWindow({ webPreferences: { preload, contextIsolation: true, sandbox: true } })
  const tell = (channel, value) => {
    if (!window.isDestroyed()) window.webContents.send(channel, value)
  }

  const swarm = new Swarm()
  swarm.on('update', () => tell('peers', swarm.connections.size))
  swarm.on('connection', (connection) => {
    connection.on('data', (data) => tell('message', data.toString()))
  })

  // What comes from a page may be anything.
  ipcMain.handle('join', (_event, name) => swarm.join(topicFrom(String(name))).flushed())
  ipcMain.handle('say', (_event, text) => {
    for (const connection of swarm.connections) connection.write(String(text))
  })

  leaveBeforeQuitting(swarm)
  window.loadFile(join(__dirname, 'index.html'))
})

app.on('window-all-closed', () => app.quit())

/** Peers see us go at once, and the DHT forgets us, if we say goodbye. */
function leaveBeforeQuitting(swarm) {
  app.on('before-quit', (event) => {
    if (swarm.destroyed) return
    event.preventDefault()
    swarm.destroy().finally(() => app.quit())
  })
}
