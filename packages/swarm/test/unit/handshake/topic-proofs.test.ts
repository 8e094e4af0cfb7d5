import b4a from 'b4a'
import { expect, test } from 'vitest'
import { MAX_PROOFS, PROOF_BYTES } from '../../../src/handshake/extension.js'
import { MAX_HASHES, provenTopics, topicProof, topicProofs } from '../../../src/handshake/topic-proofs.js'
import { topicFrom } from '../../../src/util/topic.js'
import { bytes32 } from '../../support/fake-swarm.js'

const keys = { initiator: bytes32(1), responder: bytes32(2) }
const [one, two, three] = [topicFrom('one'), topicFrom('two'), topicFrom('three')]

test('proofs match the test vectors', () => {
  // From Python: hashlib.blake2b(b'swarmway topic proof' + direction + initiator + responder, digest_size=32,
  // key=topic).digest()[:16], for the topic of 32 bytes 07.
  const hex = (direction: 'initiator' | 'responder') => b4a.toString(topicProof(bytes32(7), direction, keys), 'hex')
  expect(hex('initiator')).toBe('dbd7c81f8fc2d029c1e346e4d80e9296')
  expect(hex('responder')).toBe('af9b79eaf1a943aee5be44929810fbd8')
})

test('a proof is bound to the topic, to both keys and to the direction', () => {
  const proofs = [
    topicProof(one, 'initiator', keys),
    topicProof(two, 'initiator', keys),
    topicProof(one, 'responder', keys),
    topicProof(one, 'initiator', { ...keys, initiator: bytes32(3) }),
    topicProof(one, 'initiator', { ...keys, responder: bytes32(3) }),
    topicProof(one, 'initiator', { initiator: keys.responder, responder: keys.initiator })
  ]
  expect(new Set(proofs.map((proof) => b4a.toString(proof, 'hex'))).size).toBe(proofs.length)
})

test("a peer that knows a topic recognizes only that topic's proof", () => {
  const proofs = topicProofs([one, two], 'initiator', keys)
  expect(provenTopics(proofs, [two, three], 'initiator', keys)).toEqual([two])
  expect(provenTopics(proofs, [three], 'initiator', keys)).toEqual([])
  expect(provenTopics([], [one], 'initiator', keys)).toEqual([])
})

test('an overheard proof proves nothing under other keys or in the other direction', () => {
  const overheard = topicProofs([one], 'initiator', keys)
  expect(provenTopics(overheard, [one], 'responder', keys)).toEqual([])
  expect(provenTopics(overheard, [one], 'initiator', { ...keys, initiator: bytes32(9) })).toEqual([])
})

test('a proof contains no part of the topic, and differs between two handshakes about one topic', () => {
  const proof = b4a.toString(topicProof(one, 'initiator', keys), 'hex')
  const again = b4a.toString(topicProof(one, 'initiator', { ...keys, responder: bytes32(5) }), 'hex')
  const topic = b4a.toString(one, 'hex')
  for (let at = 0; at + 8 <= proof.length; at += 2) expect(topic).not.toContain(proof.slice(at, at + 8))
  expect(again).not.toBe(proof)
})

test('no more proofs are made than a handshake has room for', () => {
  const topics = Array.from({ length: 20 }, (_, i) => topicFrom(`topic ${i}`))
  const proofs = topicProofs(topics, 'initiator', keys)
  expect(proofs).toHaveLength(MAX_PROOFS)
  for (const proof of proofs) expect(proof).toHaveLength(PROOF_BYTES)
  expect(provenTopics(proofs, topics, 'initiator', keys)).toEqual(topics.slice(0, MAX_PROOFS))
})

// A stranger's made-up proof was compared with every topic: 330 bytes cost a swarm of 10,000 topics 18 ms or more.
test('a handshake is compared with a bounded number of topics', () => {
  let taken = 0
  function* topics() {
    for (;;) yield bytes32(taken++ % 256)
  }
  expect(provenTopics([bytes32(0).subarray(0, PROOF_BYTES)], topics(), 'initiator', keys)).toEqual([])
  expect(taken).toBe(MAX_HASHES + 1)
  const [proof] = topicProofs([three], 'initiator', keys)
  const all = [one, two, three]
  expect(provenTopics([proof as Uint8Array], all, 'initiator', keys, 2)).toEqual([])
  expect(provenTopics([proof as Uint8Array], all, 'initiator', keys, 3)).toEqual([three])
})
