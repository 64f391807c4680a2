// Publishes or receives numbered messages with MQTT.js, for tests/tests/e2e/real_clients.rs.
//
//     mqttjs_client.js publish   HOST PORT VERSION QOS TOPIC COUNT
//     mqttjs_client.js subscribe HOST PORT VERSION QOS FILTER
//
// Arguments and output are those of paho_client.py.
'use strict';

const mqtt = require('mqtt');

const [role, host, port, version, qos, topic, count] = process.argv.slice(2);
const DEADLINE_MS = 60000;

const fail = (text) => {
  console.error(text);
  process.exit(1);
};
setTimeout(() => fail('not done in time'), DEADLINE_MS).unref();

const client = mqtt.connect({
  host,
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
