export * from './codecs.js'
export * from './listen-proof.js'
export * from './ops.js'
