"""Lists as people save and name them: headers of other languages, lists of something else, what a spreadsheet makes of
a text and of a number, hidden sheets, currencies.
"""

from __future__ import annotations

import io
from datetime import datetime

import pytest
import xlsxwriter

from pipelines.contracts.aliases import fold_header
from pipelines.ingest.recognise.inputs import recognise
from tests.unit.ingest.judged import connection, judge

con = connection()

# Headers as they stand in lists of the language; the last one names the input.
LISTS = [
    ("Vorname;Nachname;E-Mail;Team;Produkt;Lizenzzuweisung;Zuweisungsdatum;Letzter Zugriff", "usage_report"),
    ("Prénom;Nom;E-mail;Équipe;Produit;Attribution de licence;Dernier accès", "usage_report"),
    ("Nombre;Apellidos;Correo electrónico;Equipo;Producto;Asignación de licencia", "usage_report"),
    ("Nome;Cognome;E-mail;Prodotto;Assegnazione licenza;Ultimo accesso", "usage_report"),
    ("Voornaam;Achternaam;E-mailadres;Product;Licentietoewijzing", "usage_report"),
    ("Imię;Nazwisko;Adres e-mail;Produkt;Przypisanie licencji", "usage_report"),
    ("E-Mail;Vorname;Nachname;Rolle;Produkt;Team", "users"),
    ("E-mail;Nome;Sobrenome;Função;Produto;Equipe", "users"),
    ("メールアドレス,名,姓,ロール,製品,チーム", "users"),
    ("Vertragsnummer;Produktname;Anzahl Arbeitsplätze;Startdatum;Enddatum", "subscriptions"),
    ("Contract number;Product;Seat quantity;Start date;End date", "subscriptions"),
    ("Numéro de contrat;Nom du produit;Nombre de postes;Date de début;Date de fin", "subscriptions"),
    ("Número de contrato;Producto;Número de licencias;Fecha de inicio;Fecha de fin", "subscriptions"),
    ("Verwendungstag;Produkt;E-Mail;Verwendete Token", "token_usage"),
    ("Jour d'utilisation;Produit;E-mail;Jetons utilisés", "token_usage"),
    ("Gruppe;E-Mail;Gruppentyp;Rolle", "groups"),
    ("Nom d’utilisateur principal;ID d’objet;Compte activé;Prénom;Nom", "directory_users"),
    ("Nombre principal de usuario;Bloquear credencial;Id. de objeto;Departamento", "directory_users"),
    ("社員番号,姓,名,メールアドレス,在籍状況,入社日,退職日", "hr_workers"),
    ("Matrícula;Nome;Sobrenome;E-mail corporativo;Situação;Data de admissão", "hr_workers"),
    ("E-mail;Azienda;Referente;Data inizio;Data fine", "contractors"),
    ("Numero di serie;Prodotto;Versione;Quantità;Tipo licenza", "perpetual_licences"),
    ("Numero fattura;Data fattura;Prodotto;Quantità;Prezzo unitario;Valuta", "invoices"),
]
OTHERS = [
    "Email;First name;Last name;Status;Subscribed on",  # a newsletter
    "E-Mail;Vorname;Nachname;Telefon;Durchwahl",  # telephones
    "Prénom;Nom;Courriel;Téléphone",
    "社員番号,氏名,内線番号",
    "メールアドレス,名,姓,電話番号",
    "Personalnummer;Status;Kennzeichen",  # parking
    "Employee ID;Name;Status;Amount;Date",  # expenses
    "Matricule;Statut;Véhicule",
    "Produkt;Menge;Preis",  # an offer
    "Produkt;Startdatum;Enddatum;Anzahl Plätze",  # subscriptions of something else, without a number
    "Contract number;Product;Start date;End date",
    "Vertragsnummer;Mieter;Startdatum;Enddatum",  # tenancies
    "Gruppe;Rolle;Beschreibung",
    "Team;Spieler;Punkte",
    "Verwendungstag;Fahrzeug;Kilometer",
    "Prodotto;Versione;Prezzo",
    "Numero fattura;Data fattura;Importo;Valuta",  # invoices without lines
    "Zespół;Nazwa projektu;Status",
    "Objekt-ID;Straße;Ort",
    "部署,会社,住所",
]


def separated(header: str) -> list[str]:
    return header.split(";" if ";" in header else ",")


@pytest.mark.parametrize(("header", "name"), LISTS)
def test_a_list_with_headers_of_another_language_is_recognised(header, name):
    match = recognise(separated(header))
    assert match is not None and match.contract.name == name
    assert not match.extra


@pytest.mark.parametrize("header", OTHERS)
def test_a_list_of_something_else_is_no_input(header):
    assert recognise(separated(header)) is None


def test_a_list_of_addresses_is_one_of_users_where_a_manifest_says_so(landing):
    landing.put("u.csv", "Email,First name,Last name,Phone\nada@f.example,A,B,1\n")
    landing.put("u.csv.manifest.yml", "input: users\n")
    landing.load()
    assert landing.register()["u.csv"][:3] == ("users", "loaded", 1)


@pytest.mark.parametrize(
    ("spelt", "same"),
    [
        ("Numero de contrato", "Número de contrato"),
        ("Enddatum ", "enddatum"),
        ("社員 番号", "社員番号"),
        ("ﾒｰﾙ", "メール"),
    ],
)
def test_accents_blanks_and_widths_do_not_make_another_header(spelt, same):
    of = ["Producto", "Número de licencias", "Fecha de inicio", "Fecha de fin"]
    assert fold_header(spelt) == fold_header(same) or recognise([spelt, *of]) is not None
    assert recognise(["Numero de contrato", *of]) is not None


def test_the_first_worker_below_headers_of_another_script_stays_a_worker(landing):
    landing.put("hr.csv", "社員番号,姓,名,在籍状況,部署\n1,山田,太郎,退職,設計部\n2,佐藤,花子,在職,設計部\n")
    landing.load()
    assert landing.con.execute("select employee_id, status from raw.hr_workers order by 1").fetchall() == [
        ("1", "terminated"),
        ("2", "active"),
    ]


# --- what a spreadsheet makes of a text ------------------------------------------------------------------------

PLAIN = ["id,userPrincipalName,accountEnabled,mail,department"] + [
    f'{n},p{n}@f.example,True,p{n}@f.example,"BIM, {n}"' for n in range(1, 6)
]


@pytest.mark.parametrize("saved", ["quoted", ";", ";;;", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_text_that_a_spreadsheet_with_another_separator_saved_is_read_as_it_was(landing, saved, end):
    lines = ['"' + p.replace('"', '""') + '"' for p in PLAIN] if saved == "quoted" else [p + saved for p in PLAIN]
    landing.put("u.csv", end.join(lines) + end)
    landing.load()
    assert landing.register()["u.csv"][:5] == ("directory_users", "loaded", 5, 5, 0)
    found = landing.con.execute("select mail, department from raw.directory_users order by _row_number").fetchall()
    assert found == [(f"p{n}@f.example", f"BIM, {n}") for n in range(1, 6)]
    assert "spreadsheet" in landing.register()["u.csv"][7]


def test_separators_in_a_last_cell_of_few_rows_are_its_own(landing):
    landing.put(
        "u.csv",
        "id,userPrincipalName,accountEnabled,otherMails\n1,a@f.example,True,x@f.example;\n2,b@f.example,True,\n",
    )
    landing.load()
    assert "spreadsheet" not in (landing.register()["u.csv"][7] or "")


def test_a_column_that_is_there_twice_is_told(landing):
    landing.put("u.csv", "id,userPrincipalName,accountEnabled,mail,Mail\n1,a@f.example,True,,b@f.example\n")
    landing.load()
    assert "more than one column is called mail: the first one was read" in landing.register()["u.csv"][7]


@pytest.mark.parametrize("cell", ["'ada@f.example", '"ada@f.example"', "'ada@f.example'", '"Ada A" <ada@f.example>'])
def test_quotes_around_an_address_are_no_part_of_it(cell):
    names = ["user_id", "user_principal_name", "account_enabled", "mail"]
    found = judge(con, "directory_users", names, [["1", cell, "true", cell], ["2", "o'neil@f.example", "true", ""]])
    assert [(r["user_principal_name"], r["mail"]) for r in found.rows] == [
        ("ada@f.example", "ada@f.example"),
        ("o'neil@f.example", None),
    ]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_read_without_its_mark(landing, encoding):
    landing.put("u.csv", "id,userPrincipalName,accountEnabled,givenName\n1,a@f.example,True,Zoë\n".encode(encoding))
    landing.load()
    assert landing.con.execute("select given_name from raw.directory_users").fetchall() == [("Zoë",)]
    assert landing.register()["u.csv"][6] == encoding


def test_the_code_page_of_the_mac_is_found(landing):
    words = ["Müller", "Großmann", "Zoë", "André", "Peña"]
    lines = ["employee_id,status,last_name", *(f"{n},active,{w}" for n, w in enumerate(words))]
    landing.put("hr.csv", "\r".join(lines).encode("mac_roman"))
    landing.load()
    assert landing.register()["hr.csv"][6] == "macintosh"
    assert {w for (w,) in landing.con.execute("select last_name from raw.hr_workers").fetchall()} == set(words)


# --- workbooks -------------------------------------------------------------------------------------------------


def workbook(sheets: dict[str, list[list]], hidden: str = "") -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for y, cells in enumerate(rows):
                for x, cell in enumerate(cells):
                    page.write(y, x, cell)
            if name == hidden:
                page.hide()
    return buffer.getvalue()


WORKERS = ["employee_id", "email", "status"]


def test_a_hidden_sheet_is_no_second_list_beside_the_one_that_is_seen(landing):
    seen, old = [WORKERS, ["1", "ada@f.example", "active"]], [WORKERS, ["1", "ada@f.example", "terminated"]]
    landing.put("hr.xlsx", workbook({"HR": seen, "Old": old}, hidden="Old"))
    landing.load()
    assert landing.register()["hr.xlsx#Old"][1] == "ignored"
    assert landing.con.execute("select status from raw.hr_workers").fetchall() == [("active",)]


def test_a_hidden_sheet_that_is_the_only_list_is_read_and_told(landing):
    landing.put("hr.xlsx", workbook({"Chart": [["Workers"]], "Raw": [WORKERS, ["1", "a@f.example", "active"]]}, "Raw"))
    landing.load()
    assert landing.register()["hr.xlsx#Raw"][:3] == ("hr_workers", "loaded", 1)
    assert "the sheet is hidden" in landing.register()["hr.xlsx#Raw"][7]


def test_a_number_of_which_a_spreadsheet_lost_digits_names_nothing(landing):
    ids = [110001234567, 123456789012345, 1100012345678901, 110001234568123456789]
    head = ["contract_number", "offering_name", "seat_quantity", "start_date", "end_date"]
    good = [[f"C{n}", "Revit", 1, "2026-01-01", "2026-12-31"] for n in range(40)]
    rows = [[n, "Revit", 1, "2026-01-01", "2026-12-31"] for n in ids]
    landing.put("s.xlsx", workbook({"S": [head, *good, *rows]}))
    landing.load()
    kept = landing.con.execute(
        "select contract_number from raw.subscriptions where _row_number > 40 order by 1"
    ).fetchall()
    assert [k for (k,) in kept] == ["110001234567", "1100012345678901", "123456789012345"]
    assert "scientific notation" in landing.con.execute("select reason from raw.rejected_rows").fetchall()[0][0]


def test_a_time_of_active_directory_stays_one_as_a_number_of_a_spreadsheet(landing):
    head = ["id", "userPrincipalName", "accountEnabled", "lastLogonTimestamp"]
    rows = [["1", "a@f.example", "True", 132981234567890000], ["2", "b@f.example", "True", 9223372036854775807]]
    landing.put("u.xlsx", workbook({"S": [head, *rows]}))
    landing.load()
    found = landing.con.execute("select last_sign_in_at from raw.directory_users order by user_id").fetchall()
    assert found == [(datetime(2022, 5, 27, 11, 10, 56, 789000),), (None,)]


# --- numbers, currencies, times ---------------------------------------------------------------------------------

INVOICE = ["invoice_number", "invoice_date", "offering_name", "quantity", "unit_price", "currency"]


def prices(*cells: str, quantity: str = "3", currency: str = "EUR"):
    rows = [[f"I{n}", "2026-10-01", "Revit", quantity, cell, currency] for n, cell in enumerate(cells)]
    return judge(con, "invoices", INVOICE, rows).rows


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (["1.785", "2,140"], [1.785, 2140]),
        (["12.50", "1.785", "2,140"], [12.5, 1.785, 2140]),
        (["12.50", "12,50", "1.785"], [12.5, 12.5, 1.785]),
        (["1,785.00", "1,785"], [1785, 1785]),
        (["12,50", "1.234.567", "7"], [12.5, 1234567, 7]),
        (["12,50", "1.785", "2,140"], [12.5, 1.785, 2140]),
    ],
)
def test_a_single_separator_before_three_digits_is_read_by_the_rule_whatever_other_cells_have(cells, read):
    assert [(r["_reason"], float(r["unit_price"])) for r in prices(*cells)] == [(None, n) for n in read]


@pytest.mark.parametrize(
    ("text", "code"), [("eur", "EUR"), ("€", "EUR"), ("Euro", "EUR"), ("US$", "USD"), ("zł", "PLN"), ("chf", "CHF")]
)
def test_a_currency_is_its_code(text, code):
    assert prices("12.50", currency=text)[0]["currency"] == code


@pytest.mark.parametrize("text", ["$", "kr", "¥", "XYZ"])
def test_a_sign_of_several_currencies_stays_as_it_is(text):
    assert prices("12.50", currency=text)[0]["currency"] == text


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("23.10.2026 um 11:05", datetime(2026, 10, 23, 11, 5)),
        ("23.10.2026 11:05 Uhr", datetime(2026, 10, 23, 11, 5)),
        ("Fri Oct 23 11:05:09 2026", datetime(2026, 10, 23, 11, 5, 9)),
        ("2026/10/23 午後11:05", datetime(2026, 10, 23, 23, 5)),
        ("2026/10/23 午前0:05", datetime(2026, 10, 23, 0, 5)),
        ("20261023110509", datetime(2026, 10, 23, 11, 5, 9)),
        ("Fri Oct 23 11:05:09 CEST 2026", None),
        ("23.10.2026 11:05 MESZ", None),
        ("20261323110509", None),
    ],
)
def test_times_as_programs_of_other_languages_write_them(text, read):
    names = ["user_id", "user_principal_name", "account_enabled", "last_sign_in_at"]
    found = judge(con, "directory_users", names, [["1", "a@f.example", "true", text]])
    assert found.rows[0]["last_sign_in_at"] == read
    assert (read is None) == ("last_sign_in_at" in found.unread)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("GROUP BIM ada bo\nINCLUDE 85785ACD_2014_0F GROUP BIM\nMAX 5 85785ACD_2014_0F GROUP BIM\n", "options file"),
        ("#REPORTLOG 1.0\nxx\n", "report log"),
    ],
)
def test_texts_of_the_licence_server_that_say_nothing_of_use_are_named(landing, text, words):
    landing.put("x.txt", text)
    landing.load()
    assert landing.register()["x.txt"][1] == "unrecognised" and words in landing.register()["x.txt"][7]
