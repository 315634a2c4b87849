"""Times in questions of nine other languages, seen from Wednesday, 15 May 2024."""

# ruff: noqa: RUF001
from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from coda_graphmem.language.foreign_periods import LANGUAGES, foreign_periods
from coda_graphmem.language.languages import language_of
from coda_graphmem.language.periods import time_spans

NOW = datetime(2024, 5, 15, 12, tzinfo=UTC)
YESTERDAY, LAST_WEEK, LAST_YEAR = (
    ("2024-05-14", "2024-05-15"),
    ("2024-05-06", "2024-05-13"),
    ("2023-01-01", "2024-01-01"),
)
THREE_DAYS_AGO, MARCH_2021, FIFTH_OF_MAY = (
    ("2024-05-12", "2024-05-13"),
    ("2021-03-01", "2021-04-01"),
    ("2022-05-05", "2022-05-06"),
)
MONDAY = ("2024-05-13", "2024-05-14")

QUESTIONS = {
    "Was haben wir gestern besprochen?": YESTERDAY,
    "Was habe ich letzte Woche gekocht?": LAST_WEEK,
    "Wer hat in der vergangenen Woche angerufen?": LAST_WEEK,
    "Wohin fuhren wir letztes Jahr?": LAST_YEAR,
    "Was hat Anna vor drei Tagen gesagt?": THREE_DAYS_AGO,
    "Wo waren wir im März 2021?": MARCH_2021,
    "Wer kam am 5. Mai 2022 zu uns?": FIFTH_OF_MAY,
    "Wen traf ich am Montag?": MONDAY,
    "Qui est venu hier ?": YESTERDAY,
    "Où étions-nous la semaine dernière ?": LAST_WEEK,
    "Qui ai-je vu il y a trois jours ?": THREE_DAYS_AGO,
    "Que s'est-il passé en mars 2021 ?": MARCH_2021,
    "Qui est né le 5 mai 2022 ?": FIFTH_OF_MAY,
    "¿Qué comí ayer?": YESTERDAY,
    "¿Qué hice la semana pasada?": LAST_WEEK,
    "¿A quién vi hace tres días?": THREE_DAYS_AGO,
    "¿Dónde estuvimos en marzo de 2021?": MARCH_2021,
    "¿Quién vino el 5 de mayo de 2022?": FIFTH_OF_MAY,
    "Che cosa ho mangiato ieri?": YESTERDAY,
    "Cosa ho fatto la settimana scorsa?": LAST_WEEK,
    "Chi ho visto tre giorni fa?": THREE_DAYS_AGO,
    "Dove eravamo a marzo 2021?": MARCH_2021,
    "Quem veio ontem?": YESTERDAY,
    "O que fiz na semana passada?": LAST_WEEK,
    "Quem vi há três dias?": THREE_DAYS_AGO,
    "Onde estivemos em março de 2021?": MARCH_2021,
    "Wat hebben we gisteren gegeten?": YESTERDAY,
    "Wat heb ik vorige week gedaan?": LAST_WEEK,
    "Wie zag ik drie dagen geleden?": THREE_DAYS_AGO,
    "Waar waren we in maart 2021?": MARCH_2021,
    "Кто приходил вчера?": YESTERDAY,
    "Что я делал на прошлой неделе?": LAST_WEEK,
    "Что было в прошлом году?": LAST_YEAR,
    "Кого я видел три дня назад?": THREE_DAYS_AGO,
    "Где мы были в марте 2021 года?": MARCH_2021,
    "Что случилось 5 мая 2022 года?": FIFTH_OF_MAY,
    "昨天谁来了？": YESTERDAY,
    "我上周做了什么？": LAST_WEEK,
    "我们去年去了哪里？": LAST_YEAR,
    "我三天前见了谁？": THREE_DAYS_AGO,
    "我们2021年3月在哪里？": MARCH_2021,
    "2022年5月5日发生了什么？": FIFTH_OF_MAY,
    "昨日誰が来ましたか？": YESTERDAY,
    "先週何をしましたか？": LAST_WEEK,
    "去年の夏はどこへ行った？": LAST_YEAR,
    "3日前に誰に会いましたか？": THREE_DAYS_AGO,
    "2021年3月にどこにいましたか？": MARCH_2021,
    "2022年5月5日に何があった？": FIFTH_OF_MAY,
}


def spans(text: str) -> list[tuple[str, str]]:
    return [
        (f"{datetime.fromtimestamp(one.start, UTC):%Y-%m-%d}", f"{datetime.fromtimestamp(one.end, UTC):%Y-%m-%d}")
        for one in time_spans(text, NOW.timestamp())
    ]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_time_is_read(question: str) -> None:
    assert spans(question) == [QUESTIONS[question]]


def test_questions_of_every_language_are_among_them() -> None:
    assert {language_of(question) for question in QUESTIONS} == LANGUAGES


@pytest.mark.parametrize(
    "question",
    [
        "Was esse ich am Morgen gern?",
        "¿Qué hago por la mañana?",
        "¿Cuántos hermanos tiene Marta?",
        "Wie heißt die Tochter von Jan?",
        "Quel est le nom de mon médecin ?",
        "O que a Segunda Guerra mudou para nós?",
        "Quem é o Marco de quem falei?",
        "他叫什么名字？",
        "Πού πήγα χθες;",
    ],
)
def test_where_no_time_is_none_is_read(question: str) -> None:
    assert spans(question) == []


def test_other_languages_have_none() -> None:
    assert foreign_periods("gdzie byłem wczoraj", "pl", NOW.replace(tzinfo=None)) == []


def test_english_needs_no_lists_of_others() -> None:
    code = (
        "import sys; from coda_graphmem.language.periods import time_spans\n"
        "assert time_spans('What did we do last week?', 1e9); assert 'dateparser' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
