"""Publishes or receives numbered messages with Eclipse Paho, for tests/tests/e2e/real_clients.rs.

    paho_client.py publish   HOST PORT VERSION QOS TOPIC COUNT
    paho_client.py subscribe HOST PORT VERSION QOS FILTER

HOST may be a URL such as wss://127.0.0.1; MQTT_CA names the file with the CA to trust,
MQTT_CERT and MQTT_KEY those of a certificate to show.

VERSION is 3 (MQTT 3.1), 4 (3.1.1) or 5. The publisher sends "0" to COUNT-1, then "end", and prints
"published COUNT" once all are acknowledged. The subscriber prints "subscribed", then each payload on
a line up to and including "end".
"""

import os
import sys
import threading
import time

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

DEADLINE_S = 60


def main():
    role, host, port, version, qos, topic = sys.argv[1:7]
    scheme, _, host = host.rpartition("://")
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2,
        client_id=f"paho-{role}-{version}-{qos}",
        protocol=int(version),
        transport="websockets" if scheme in ("ws", "wss") else "tcp",
    )
    if scheme in ("mqtts", "wss"):
        client.tls_set(
            ca_certs=os.environ["MQTT_CA"],
            certfile=os.environ.get("MQTT_CERT"),
            keyfile=os.environ.get("MQTT_KEY"),
        )
    if role == "publish":
        publish(client, host, int(port), topic, int(qos), int(sys.argv[7]))
    else:
        subscribe(client, host, int(port), topic, int(qos))


def publish(client, host, port, topic, qos, count):
    connected = threading.Event()
    client.on_connect = lambda *_: connected.set()
    client.connect(host, port)
    client.loop_start()
    if not connected.wait(DEADLINE_S):
        sys.exit("not connected")
    deadline = time.monotonic() + DEADLINE_S
    infos = [client.publish(topic, str(number), qos) for number in range(count)]
    infos.append(client.publish(topic, "end", qos))
    for info in infos:
        info.wait_for_publish(max(0.001, deadline - time.monotonic()))
        if not info.is_published():
            sys.exit("not acknowledged in time")
    client.disconnect()
    client.loop_stop()
    print(f"published {count}", flush=True)


def subscribe(client, host, port, topic, qos):
    finished = threading.Event()

    def on_message(_client, _userdata, message):
        print(message.payload.decode(), flush=True)
        if message.payload == b"end":
            finished.set()

    client.on_connect = lambda *_: client.subscribe(topic, qos)
    client.on_subscribe = lambda *_: print("subscribed", flush=True)
    client.on_message = on_message
    client.connect(host, port)
    client.loop_start()
    if not finished.wait(DEADLINE_S):
        sys.exit("no end in time")
    client.disconnect()
    client.loop_stop()


main()
