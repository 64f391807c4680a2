// Connects with MQTT.js by enhanced authentication (MQTT 5, 4.12) with SCRAM-SHA-256 or SCRAM-SHA-512 (RFC 5802), for
// tests/tests/e2e/authn_scram.rs.
//
//     mqttjs_scram.js HOST PORT METHOD USER PASSWORD
//
// Prints `connected` once the server has shown in CONNACK that it knows the password too, or `refused CODE`.
'use strict';

const crypto = require('crypto');
const mqtt = require('mqtt');

const [host, port, method, user, password] = process.argv.slice(2);
const hash = method === 'SCRAM-SHA-512' ? 'sha512' : 'sha256';
const length = hash === 'sha512' ? 64 : 32;
const DEADLINE_MS = 60000;

const end = (text, code) => {
  console.log(text);
  process.exit(code);
};
setTimeout(() => end('not done in time', 1), DEADLINE_MS).unref();

const hmac = (key, text) => crypto.createHmac(hash, key).update(text).digest();
const nonce = crypto.randomBytes(18).toString('base64');
const firstBare = `n=${user},r=${nonce}`;
let serverSignature;

const client = mqtt.connect({
  host,
  port: Number(port),
  protocolVersion: 5,
  clientId: 'mqttjs-scram',
  reconnectPeriod: 0,
  properties: {
    authenticationMethod: method,
    authenticationData: Buffer.from(`n,,${firstBare}`),
  },
});

client.handleAuth = (packet, done) => {
  const serverFirst = packet.properties.authenticationData.toString();
  const fields = Object.fromEntries(serverFirst.split(',').map((field) => [field[0], field.slice(2)]));
  if (!fields.r.startsWith(nonce)) {
    end('a nonce that is not ours', 1);
  }
  const salt = Buffer.from(fields.s, 'base64');
  const salted = crypto.pbkdf2Sync(password, salt, Number(fields.i), length, hash);
  const clientKey = hmac(salted, 'Client Key');
  const storedKey = crypto.createHash(hash).update(clientKey).digest();
  const withoutProof = `c=biws,r=${fields.r}`;
  const authMessage = `${firstBare},${serverFirst},${withoutProof}`;
  const signature = hmac(storedKey, authMessage);
  const proof = Buffer.from(clientKey.map((byte, place) => byte ^ signature[place]));
  serverSignature = hmac(hmac(salted, 'Server Key'), authMessage).toString('base64');
  done(null, {
    cmd: 'auth',
    reasonCode: 0x18,
    properties: {
      authenticationMethod: method,
      authenticationData: Buffer.from(`${withoutProof},p=${proof.toString('base64')}`),
    },
  });
};

client.on('connect', (connack) => {
  const data = connack.properties && connack.properties.authenticationData;
  const isRight = data && data.toString() === `v=${serverSignature}`;
  end(isRight ? 'connected' : 'the server does not know the password', isRight ? 0 : 1);
});
client.on('error', (error) => end(`refused ${error.code}`, 0));
