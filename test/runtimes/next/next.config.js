export default { serverExternalPackages: ['@swarmway/proxy-client'] }
