import sqlite3

from fastapi import FastAPI

app = FastAPI()


@app.get("/films")
def films():
    base = sqlite3.connect("films.db")
    return base.execute("SELECT * FROM films").fetchall()


@app.get("/film/{titre}")
def film(titre):
    base = sqlite3.connect("films.db")
    return base.execute("SELECT * FROM films WHERE titre = '" + titre + "'").fetchone()


@app.delete("/film/{numero}")
def supprimer(numero: int):
    base = sqlite3.connect("films.db")
    base.execute("DELETE FROM films WHERE id = ?", (numero,))
    base.commit()
    return "ok"
