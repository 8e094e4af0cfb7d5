import { expect, test } from 'vitest'
import { Conversation } from '../../room/conversation.ts'

function line(author: string, id: string, timeMs: number) {
  return { author, id, timeMs, text: id, nickname: author, hue: 0 }
}

test('lines are in order of time, however they arrive, and a line that arrives twice is kept once', () => {
  const conversation = new Conversation()
  expect(conversation.add(line('ada', '2', 20))).toBe(true)
  expect(conversation.add(line('grace', '1', 10))).toBe(true)
  expect(conversation.add(line('ada', '2', 20))).toBe(false)
  expect(conversation.add(line('grace', '2', 30))).toBe(true)
  expect(conversation.lines.map(({ author, id }) => author + id)).toEqual(['grace1', 'ada2', 'grace2'])
  expect(conversation.by('grace').map(({ id }) => id)).toEqual(['1', '2'])
})

test('the newest 200 lines of each author are kept, and no author displaces the lines of another', () => {
  const conversation = new Conversation()
  conversation.add(line('ada', 'first', 0))
  for (let i = 0; i < 250; i++) conversation.add(line('flood', String(i), i))
  expect(conversation.by('ada')).toHaveLength(1)
  expect(conversation.by('flood').map(({ id }) => id)).toEqual(Array.from({ length: 200 }, (_, i) => String(i + 50)))
  expect(conversation.add(line('flood', 'older than all', 1))).toBe(false)
})

test('even a peer that keeps making new keys cannot fill the memory', () => {
  const conversation = new Conversation()
  for (let i = 0; i < 2500; i++) {
    conversation.add({ id: 'x', text: 'hello', timeMs: i, author: `author ${i}`, nickname: 'x', hue: 0 })
  }
  expect(conversation.lines).toHaveLength(2000)
  expect(conversation.lines.at(-1)?.timeMs).toBe(2499)
})
