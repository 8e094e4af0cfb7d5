/** Ends a test process when vitest is gone, even killed: its networks and agents end with it. */
process.once('disconnect', () => process.exit(1))
