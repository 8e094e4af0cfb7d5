export default { serverExternalPackages: ['sodium-native'] }
