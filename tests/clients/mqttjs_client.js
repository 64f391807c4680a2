// Publishes or receives numbered messages with MQTT.js, for tests/tests/e2e/real_clients.rs.
//
//     mqttjs_client.js publish   HOST PORT VERSION QOS TOPIC COUNT
//     mqttjs_client.js subscribe HOST PORT VERSION QOS FILTER
//
// Arguments and output are those of paho_client.py. HOST may be a URL such as wss://127.0.0.1; MQTT_CA names the file
// with the CA to trust, MQTT_CERT and MQTT_KEY those of a certificate to show.
'use strict';

const mqtt = require('mqtt');

const [role, host, port, version, qos, topic, count] = process.argv.slice(2);
const DEADLINE_MS = 60000;

const fail = (text) => {
  console.error(text);
  process.exit(1);
};
setTimeout(() => fail('not done in time'), DEADLINE_MS).unref();

const address = host.includes('://')
  ? { protocol: host.split('://')[0], host: host.split('://')[1], path: '/mqtt' }
  : { host };
const fs = require('fs');
const ca = process.env.MQTT_CA;
const cert = process.env.MQTT_CERT;

const client = mqtt.connect({
  ...address,
  ...(ca ? { ca: fs.readFileSync(ca) } : {}),
  ...(cert ? { cert: fs.readFileSync(cert), key: fs.readFileSync(process.env.MQTT_KEY) } : {}),
  port: Number(port),
  protocolVersion: Number(version),
  protocolId: version === '3' ? 'MQIsdp' : 'MQTT',
  clientId: `mqttjs-${role}-${version}-${qos}`,
  reconnectPeriod: 0,
});
client.on('error', (error) => fail(error.message));

const options = { qos: Number(qos) };

// Before MQTT 5 a broker cannot say how many messages it takes at a time; Paho keeps to the same number.
const INFLIGHT_MAX = 20;

async function publish() {
  const inflight = [];
  for (let number = 0; number <= Number(count); number += 1) {
    if (inflight.length === INFLIGHT_MAX) {
      await inflight.shift();
    }
    const payload = number === Number(count) ? 'end' : String(number);
    inflight.push(client.publishAsync(topic, payload, options));
  }
  await Promise.all(inflight);
  await client.endAsync();
  console.log(`published ${count}`);
}

function subscribe() {
  client.on('message', (_topic, payload) => {
    console.log(payload.toString());
    if (payload.toString() === 'end') {
      client.end();
    }
  });
  client.subscribe(topic, options, (error) => (error ? fail(error.message) : console.log('subscribed')));
}

client.once('connect', () => (role === 'publish' ? publish().catch((error) => fail(error.message)) : subscribe()));
