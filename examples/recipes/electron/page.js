// The page: `room` comes from the preload script.
const { room } = globalThis
const [peers, messages, text] = ['peers', 'messages', 'text'].map((id) => document.getElementById(id))

room.onPeers((count) => {
  peers.textContent = `${count} peers`
})
room.onMessage(show)
text.addEventListener('change', () => {
  room.say(text.value)
  show(`me: ${text.value}`)
  text.value = ''
})
room.join('kitchen')

function show(line) {
  messages.append(Object.assign(document.createElement('li'), { textContent: line }))
}
