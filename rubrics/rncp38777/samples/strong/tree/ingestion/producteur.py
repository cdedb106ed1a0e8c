"""Envoie les pesées d'un quai dans Kafka, une ligne JSON par pesée lue sur l'entrée standard."""

import json
import os
import sys

from kafka import KafkaProducer

SUJET = "pesees"


def envoyer(lignes, producteur):
    """Envoie chaque pesée, rangée par marché pour que l'ordre d'un quai soit gardé."""
    for ligne in lignes:
        pesee = json.loads(ligne)
        producteur.send(SUJET, key=pesee["marche"].encode(), value=json.dumps(pesee).encode())
    producteur.flush()


def main():
    producteur = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA", "kafka:9092"), acks="all", retries=5)
    envoyer(sys.stdin, producteur)


if __name__ == "__main__":
    main()
