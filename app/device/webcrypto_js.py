"""What a page does itself to seal words, in its own language; apart, so that a test runs just this."""

# (county's point, words, info, version) as Uint8Arrays -> fresh point, nonce and box in one.
SEAL = """async (county, words, info, version) => {
  const subtle = crypto.subtle
  const curve = {name: 'ECDH', namedCurve: 'P-256'}
  const joined = (...parts) => {
    const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
    let at = 0
    for (const part of parts) { whole.set(part, at); at += part.length }
    return whole
  }
  const fresh = await subtle.generateKey(curve, false, ['deriveBits'])
  const point = new Uint8Array(await subtle.exportKey('raw', fresh.publicKey))
  const theirs = await subtle.importKey('raw', county, curve, false, [])
  const shared = await subtle.deriveBits({name: 'ECDH', public: theirs}, fresh.privateKey, 256)
  const secret = await subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey'])
  const key = await subtle.deriveKey(
    {name: 'HKDF', hash: 'SHA-256', salt: joined(point, county), info},
    secret, {name: 'AES-GCM', length: 256}, false, ['encrypt'])
  const nonce = crypto.getRandomValues(new Uint8Array(12))
  const box = await subtle.encrypt(
    {name: 'AES-GCM', iv: nonce, additionalData: joined(version, point)}, key, words)
  return joined(point, nonce, new Uint8Array(box))
}"""
