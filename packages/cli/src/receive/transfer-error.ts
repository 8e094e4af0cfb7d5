/**
 * Why a transfer failed. INVALID_MESSAGE: the sender does not keep to the protocol. DAMAGED: a file is not what the
 * sender read. TAKEN: somebody else has received with the code.
 */
export type TransferErrorCode = 'INVALID_MESSAGE' | 'DAMAGED' | 'TAKEN'

/** Ends a transfer for good. Its message is a sentence for the user; what to do about it depends on where it is shown. */
export class TransferError extends Error {
  readonly code: TransferErrorCode

  constructor(code: TransferErrorCode, message: string) {
    super(message)
    this.name = 'TransferError'
    this.code = code
  }
}
