"""What a page does itself to seal and open a file, in its own language; apart, so that a test runs this."""

# (encrypt or decrypt, digits of the code, rounds, head, content) -> Uint8Array; the rest as envelope.py.
CIPHER = """async (act, digits, rounds, head, content) => {
  const subtle = crypto.subtle
  const secret = await subtle.importKey('raw', digits, 'PBKDF2', false, ['deriveKey'])
  const key = await subtle.deriveKey(
    {name: 'PBKDF2', hash: 'SHA-256', salt: head.slice(8, 24), iterations: rounds},
    secret, {name: 'AES-GCM', length: 256}, false, [act])
  const how = {name: 'AES-GCM', iv: head.slice(24, 36), additionalData: head}
  return new Uint8Array(await subtle[act](how, key, content))
}"""
