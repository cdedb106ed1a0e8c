"""The libraries and calls by which Python reads data from outside, by kind of source: names only, no rules."""

from __future__ import annotations

import re

from checks.facts.names import names

WEB_SERVICE, FILE, WEB_PAGE, DATABASE, BIG_DATA = "web-service", "file", "web-page", "database", "big-data"
KINDS = (WEB_SERVICE, FILE, WEB_PAGE, DATABASE, BIG_DATA)

HTTP_CALL = re.compile(
    r"^(requests|httpx|curl_cffi\.requests|cloudscraper\.create_scraper\(\)|requests_cache\.CachedSession\(\)|niquests)"
    r"(\.(Session|session|Client|AsyncClient)\(\))?\.(get|post|request|stream|send)$"
    r"|^aiohttp\.ClientSession\(\)\.(get|post|request)$"
    r"|^urllib\.request\.(urlopen|urlretrieve)$|^urllib3\.(PoolManager\(\)\.request|request)$|^wget\.download$"
)
LOOSE_HTTP = re.compile(
    r"(^|\.)(session|client|http|_session|_client|http_client|self\.session|self\.client)\.(get|post|request)$"
)
FEED = re.compile(
    r"^(feedparser\.parse|SPARQLWrapper\.(SPARQLWrapper|SPARQLWrapper2)|zeep\.Client|suds\.client\.Client|gql\.Client|atoma\.)"
)
DATA_CLIENTS = names(
    "yfinance tweepy praw asyncpraw googleapiclient spotipy garminconnect wikipedia wikipediaapi sodapy "
    "pytrends ccxt binance fredapi"
    "alpha_vantage newsapi openmeteo_requests meteostat tmdbv3api tmdbsimple eurostat pynsee arxiv instaloader telethon pyowm "
    "youtube_transcript_api googlemaps overpy osmnx nba_api fastf1 pokebase igdb stravalib fitbit "
    "pandas_datareader wbdata wbgapi"
    "cdsapi ucimlrepo openml sentinelsat pubmed Bio.Entrez serpapi tavily duckduckgo_search ddgs "
    "musicbrainzngs lyricsgenius discogs_client steam"
    "google.analytics ebooklib simple_salesforce notion_client pyairtable gspread github MetaTrader5 polygon finnhub pycoingecko "
    "coinmarketcapapi deezer jikanpy apify_client hubspot stripe shopify woocommerce jira"
)
READ_VERB = re.compile(
    r"(^|_)(get|fetch|search|list|download|history|query|retrieve|find|read|load|all|data|call|scrape|extract)", re.I
)
CREDENTIAL = re.compile(
    r"(key|secret|token|passw|email|user|login|client_id|credential|auth|jeton|mdp|identifiant|(^|_|')cle(_|'|$))", re.I
)
NO_DATA_CLIENT = names(
    "openai anthropic mistralai groq cohere langchain llama_index ollama litellm together transformers huggingface_hub "
    "sentence_transformers crewai autogen langgraph semantic_kernel dspy instructor guidance replicate deepseek vertexai "
    "psycopg psycopg2 pymysql MySQLdb mysql mariadb sqlalchemy sqlmodel pymongo motor redis asyncpg "
    "aiomysql aiosqlite neo4j elasticsearch"
    "opensearchpy cassandra chromadb qdrant_client pinecone weaviate supabase snowflake pyodbc cx_Oracle "
    "oracledb clickhouse_driver"
    "clickhouse_connect influxdb influxdb_client milvus pymilvus lancedb peewee tortoise mongoengine beanie databases "
    "fastapi flask django streamlit gradio dash starlette jose passlib jwt authlib itsdangerous pydantic pydantic_settings "
    "fastapi_users flask_login flask_jwt_extended bcrypt argon2 cryptography hvac keyring dotenv decouple environs dynaconf "
    "boto3 botocore azure docker kubernetes mlflow wandb comet_ml neptune clearml dvc evidently "
    "sentry_sdk prometheus_client langfuse langsmith"
    "opentelemetry loguru structlog logging_loki paramiko pysftp ftplib minio kafka confluent_kafka pika "
    "aiokafka celery rq dramatiq airflow prefect"
    "smtplib sendgrid twilio slack_sdk discord telegram mailjet_rest resend emails "
    "numpy pandas polars sklearn torch tensorflow keras scipy matplotlib seaborn plotly pyspark dask duckdb pyarrow "
    "requests httpx aiohttp urllib3 urllib bs4 scrapy selenium playwright lxml feedparser pytest locust faker "
    "google.generativeai google.genai google.cloud google.auth google.oauth2 langchain_openai langchain_groq langchain_mistralai"
)
PANDAS_FILE = re.compile(
    r"^(pandas|polars|geopandas|modin\.pandas|cudf|dask\.dataframe|vaex)\.(read|scan)_(csv|json|ndjson|excel"
    r"|xml|table|fwf|parquet|feather|ods|orc|spss|stata|sas|file)$"
    r"|^pandas\.(ExcelFile|io\.json\.read_json)$"
)
FILE_READER = re.compile(
    r"^(csv\.(reader|DictReader)|openpyxl\.load_workbook|xlrd\.open_workbook|xml\.etree\.ElementTree\.(parse"
    r"|iterparse)|xml\.etree\.cElementTree\.parse"
    r"|lxml\.etree\.(parse|iterparse)|ijson\.(items|parse|kvitems)|jsonlines\.open|pypdf\.PdfReader"
    r"|PyPDF2\.PdfReader|PyPDF2\.PdfFileReader|pdfplumber\.open"
    r"|fitz\.open|pymupdf\.open|docx\.Document|docx2txt\.process|camelot\.read_pdf|tabula\.read_pdf"
    r"|xmltodict\.parse|fiona\.open|rasterio\.open|xarray\.open_dataset"
    r"|datasets\.load_dataset|kagglehub\.(dataset_download|load_dataset)|numpy\.(loadtxt|genfromtxt)|netCDF4\.Dataset"
    r"|kaggle\.api\.dataset_download_files|kaggle\.api\.kaggle_api_extended\.KaggleApi\(\)\.\w*download\w*"
    r"|langchain_community\.document_loaders\.\w+|langchain\.document_loaders\.\w+|llama_index\.core\.SimpleDirectoryReader)$"
)
REMOTE_FILE = re.compile(
    r"^(paramiko\.(SFTPClient|SSHClient|Transport)|pysftp\.Connection|ftplib\.FTP(_TLS)?|ftputil\.FTPHost|smbclient\.\w+)"
)
JSON_READER = re.compile(r"^(json|orjson|ujson|simplejson)\.(load|loads)$")
OPENED = re.compile(r"^(open|io\.open|codecs\.open|gzip\.open|bz2\.open|pathlib\.Path\(\)\.(open|read_text))$")
PAGE_PARSER = re.compile(
    r"^(bs4\.BeautifulSoup|BeautifulSoup|lxml\.html\.(fromstring|parse|document_fromstring)|parsel\.Selector"
    r"|scrapy\.Selector|scrapy\.selector\.Selector|selectolax\.\w+\.\w+"
    r"|pyquery\.PyQuery|html5lib\.parse|newspaper\.(Article|build)|trafilatura\.(extract|fetch_url)"
    r"|pandas\.read_html|requests_html\.HTMLSession|mechanicalsoup\.\w+"
    r"|firecrawl\.\w+|crawl4ai\.\w+|scrapling\.\w+)"
)
FETCHING_PARSER = re.compile(
    r"^(newspaper\.|trafilatura\.fetch|pandas\.read_html|requests_html\.|mechanicalsoup\.|firecrawl\.|crawl4ai\.)"
)
BROWSER = re.compile(
    r"^(selenium\.webdriver\.(Chrome|Firefox|Edge|Remote|Safari)|undetected_chromedriver\.Chrome"
    r"|seleniumwire\.webdriver\.\w+|seleniumbase\.\w+"
    r"|playwright\.(sync|async)_api\.(sync|async)_playwright|pyppeteer\.launch|helium\.start_\w+|splinter\.Browser)"
)
SQL_FRAME = re.compile(
    r"^(pandas|polars|modin\.pandas|dask\.dataframe)\.read_(sql|sql_query|sql_table|database|database_uri)$"
    r"|^connectorx\.read_sql$"
)
DATABASE_DRIVERS = names(
    "sqlite3 psycopg psycopg2 pymysql MySQLdb mysql mariadb sqlalchemy sqlmodel asyncpg aiomysql "
    "aiosqlite pyodbc cx_Oracle oracledb databases"
)
DOCUMENT_STORES = names("pymongo motor mongoengine beanie neo4j elasticsearch redis firebase_admin couchdb tinydb supabase")
STORE_READ = names("find find_one aggregate distinct")
STORE_WRITE = names("insert_one insert_many update_one update_many replace_one bulk_write find_one_and_update")
BIG_DATA_READ = re.compile(
    r"^(pyspark\.|SparkSession|spark)\S*\.(csv|json|parquet|orc|text|load|table|jdbc|sql|read|readStream"
    r"|textFile|createDataFrame)$"
    r"|(^|\.)spark(Session)?(\(\))?\.(read\.\w+|read\.format\(\)\S*\.load|sql|table|readStream\S*)$"
    r"|^dask\.(dataframe|bag)\.read_\w+$|^google\.cloud\.bigquery\.Client\(\)\.(query|list_rows"
    r"|query_and_wait)$|^(pandas_gbq\.read_gbq|pandas\.read_gbq|bigframes\.\w+\.read_\w+)$"
    r"|^(pyhive\.\w+\.(connect|Connection)|impala\.dbapi\.connect|trino\.dbapi\.connect|prestodb\.\w+)"
    r"|^(hdfs\.\w+|pywebhdfs\.\w+|pyarrow\.(fs\.HadoopFileSystem|hdfs\.connect))"
    r"|^(kafka\.KafkaConsumer|confluent_kafka\.(Consumer|DeserializingConsumer)|aiokafka\.AIOKafkaConsumer"
    r"|pyflink\.\w+)|^snowflake\.connector\.connect|^(databricks\.sql\.connect)"
    r"|^cassandra\.cluster\.Cluster|^happybase\.Connection|^awswrangler\.\w+\.read_\w+|^pyathena\.connect"
    r"|^(deltalake\.DeltaTable|pyiceberg\.catalog\.load_catalog)|^ray\.data\.read_\w+"
)
SPARK = re.compile(
    r"(^|\.)(spark|SparkSession\S*|getOrCreate\(\)|sqlContext|sc|spark_session)(\(\))?\.(read|readStream|sql"
    r"|table|textFile|wholeTextFiles)\b"
)

OWN_HOST = re.compile(
    r"^https?://(localhost|127\.|0\.0\.0\.0|\[::1\]|testserver|host\.docker\.internal|192\.168\.|10\."
    r"|172\.(1[6-9]|2\d|3[01])\.|[\w-]+(:\d+|/|$))",
    re.I,
)
EXTERNAL_URL = re.compile(r"https?://[\w-]+(\.[\w-]+)+", re.I)
SERVICE_HOST = re.compile(
    r"(api\.openai|openai\.azure|anthropic\.com|mistral\.ai|groq\.com|api-inference\.huggingface"
    r"|router\.huggingface|cohere\.(ai|com)|openrouter\.ai|"
    r"generativelanguage\.googleapis|ollama|hooks\.slack|discord(app)?\.com/api/webhooks|api\.telegram"
    r"|sendgrid|mailgun|sentry\.io|langfuse|smith\.langchain|"
    r"grafana|prometheus|pushgateway|mlflow|dagshub|schema\.org|www\.w3\.org|fonts\.g|cdn\.|cdnjs|jsdelivr"
    r"|unpkg|shields\.io|example\.(com|org)|"
    r"cognitiveservices\.azure|api\.deepl|translate\.googleapis|oauth|accounts\.google|login\.microsoft)",
    re.I,
)
FILE_URL = re.compile(r"\.(csv|zip|xlsx?|parquet|gz|tsv|xml|ndjson|geojson|pdf)(\?|$)", re.I)
DATA_SUFFIX = re.compile(r"\.(csv|tsv|json|jsonl|ndjson|xlsx?|xml|log|txt|parquet|pdf|geojson|dat)\b", re.I)
RAW_SUFFIX = re.compile(r"\.(csv|tsv|jsonl|ndjson|xml|log|dat)\b", re.I)
NOT_DATA = re.compile(
    r"(config|setting|credential|secret|token|metric|param|label|classes|mapping|package|tsconfig|manifest"
    r"|schema|prompt|requirements|feature_names|"
    r"columns|metadata|report|result|score|threshold|version|translation|locale|cookie|state|history|version"
    r"|summary|session|stopword)",
    re.I,
)
OWN_URL_NAME = re.compile(
    r"(^|_)(api|backend|back|server|service|fastapi|django|model|predict|ia|ai|ml|app|base)_?(api|base)?_?(url"
    r"|uri|host|endpoint|base)",
    re.I,
)
ACCOUNTS = re.compile(
    r"(^|_|\.)(auth_?)?(user|utilisateur|admin|role|account|compte|api_?key|token|session|permission|group"
    r"|profile?|userprofile|audit|audit_logs?|logs?|db_user)s?$",
    re.I,
)
ENGINES = frozenset({"pyspark", "google.cloud.bigquery", "pyhive", "cassandra", "snowflake", "databricks", "trino"})
RUNS_SQL = re.compile(r"execute|cursor|read_sql|fetch")
