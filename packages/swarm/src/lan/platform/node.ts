/** UDP sockets and the addresses of this host, in Node. */
export { createSocket, type Socket } from 'node:dgram'
export { networkInterfaces } from 'node:os'
