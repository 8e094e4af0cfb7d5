export { type BorrowedRtc, borrowRtc } from './borrow.js'
export { type LendTarget, lendRtc, type PostsMessages } from './lend.js'
