"""Agrège les pesées par minute, au fil de l'eau, et les range dans l'entrepôt."""

import os

from pyspark.sql import SparkSession
from pyspark.sql.functions import col, from_json, sum as somme, window
from pyspark.sql.types import DoubleType, StringType, StructField, StructType, TimestampType

PESEE = StructType(
    [
        StructField("marche", StringType()),
        StructField("produit", StringType()),
        StructField("poids", DoubleType()),
        StructField("moment", TimestampType()),
    ]
)


def ranger(lot, numero):
    """Écrit un lot dans l'entrepôt."""
    lot.write.jdbc(os.environ["ENTREPOT_JDBC"], "pesees_minute", mode="append")


def main():
    spark = SparkSession.builder.appName("pesees").master("spark://spark:7077").getOrCreate()
    brut = spark.readStream.format("kafka").option("kafka.bootstrap.servers", "kafka:9092").option("subscribe", "pesees").load()
    pesees = brut.select(from_json(col("value").cast("string"), PESEE).alias("p")).select("p.*")
    valides = pesees.filter((col("poids") > 0) & (col("poids") < 2000))
    par_minute = (
        valides.withWatermark("moment", "10 minutes")
        .groupBy(window("moment", "1 minute"), "marche", "produit")
        .agg(somme("poids").alias("poids"))
    )
    par_minute.writeStream.foreachBatch(ranger).option("checkpointLocation", "/data/reprise").start().awaitTermination()


if __name__ == "__main__":
    main()
