/** UDP sockets and the addresses of this host, in Bare. */
export { createSocket, type Socket } from 'bare-dgram'
export { networkInterfaces } from 'bare-os'
