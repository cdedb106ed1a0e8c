import requests
from bs4 import BeautifulSoup

page = requests.get("https://films.example.org/classement")
soup = BeautifulSoup(page.text, "html.parser")
films = []
for bloc in soup.find_all("div", class_="film"):
    films.append([bloc.h2.text, bloc.find("span", class_="note").text])
print(films)
