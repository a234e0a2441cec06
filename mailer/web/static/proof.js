/** Proof of work: solves the challenges of ALTCHA (https://altcha.org, version 2, PBKDF2) with the browser's own code. */

const TRIES_AT_ONCE = 16; // the browser spreads them over its threads

const bytes = (hex) => Uint8Array.from(hex.match(/../g), (byte) => parseInt(byte, 16));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * The value of the field `altcha` for a challenge. Rejects where the browser has no WebCrypto: it is there only on
 * https and on localhost.
 */
export async function solve(challenge) {
  const { algorithm, nonce, salt, cost, keyLength, keyPrefix } = challenge.parameters;
  const kdf = { name: "PBKDF2", hash: algorithm.slice("PBKDF2/".length), salt: bytes(salt), iterations: cost };
  const derive = async (counter) => {
    const password = new Uint8Array(20);
    password.set(bytes(nonce));
    new DataView(password.buffer).setUint32(16, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    return { counter, derivedKey: hex(await crypto.subtle.deriveBits(kdf, key, keyLength * 8)) };
  };
  for (let first = 0; ; first += TRIES_AT_ONCE) {
    const tries = await Promise.all(Array.from({ length: TRIES_AT_ONCE }, (_, k) => derive(first + k)));
    const solution = tries.find(({ derivedKey }) => derivedKey.startsWith(keyPrefix));
    if (solution) return btoa(JSON.stringify({ challenge, solution }));
  }
}
