"""Names and prices of the made-up enterprise. Constants only; people and firms are invented, product names are real."""

from __future__ import annotations

FIRM, BOUGHT, PARTNER, OUTSIDE = "nordbau.example", "atelier-fels.example", "planwerk.example", "freelance.example"
HARBOUR, RIVER, FIELD, FELS = "Harbour Studio", "River Works", "Field Office", "Fels Atelier"
TEAMS = (HARBOUR, RIVER, FIELD, FELS)
CONTRACTS = dict(zip(TEAMS, ("11000000001", "11000000002", "11000000003", "11000000004"), strict=True))
NORDBAU, ATELIER = "Nordbau AG", "Atelier Fels GmbH"
DEPARTMENTS = ("BIM", "Structures", "Roads", "Design")
SYLLABLES = ("ba", "do", "fi", "ga", "hu", "jo", "ke", "li", "mo", "nu", "pa", "ra", "se", "ti", "vo", "wi")
# Days of every month on which people work with their product. The last is the last day that any export of a month
# shows.
DAYS = (2, 4, 6, 9, 11, 13, 16, 18, 20, 23, 25, 27)
RARE_DAYS = (11, 25)
# The list of the first one's members is complete, and the company says so; of the second one nobody has said it.
COLLECTION, OPEN_COLLECTION = "aec_collection", "me_collection"
# name, key, price of a seat and year, tokens per day (None: a collection)
OFFERINGS: tuple[tuple[str, str, int, int | None], ...] = (
    ("AutoCAD", "autocad", 1800, 7),
    ("Revit", "revit", 2600, 10),
    ("Civil 3D", "civil_3d", 2500, 9),
    ("Maya", "maya", 1750, 6),
    ("3ds Max", "3ds_max", 1700, 6),
    ("Navisworks Manage", "navisworks_manage", 2200, 8),
    ("AutoCAD Plant 3D", "autocad_plant_3d", 3060, 8),
    ("Inventor Professional", "inventor_professional", 2400, 8),
    ("Vault Professional", "vault_professional", 900, 2),
    ("Architecture Engineering & Construction Collection", COLLECTION, 3400, None),
    ("Media & Entertainment Collection", OPEN_COLLECTION, 2400, None),
)
NAMES = {key: name for name, key, _, _ in OFFERINGS}
PRICES = {key: price for _, key, price, _ in OFFERINGS}
RATES = {key: rate for _, key, _, rate in OFFERINGS if rate}
MEMBERS = tuple((COLLECTION, member) for member in ("autocad", "revit", "civil_3d", "autocad_plant_3d"))
MEMBERS += tuple((OPEN_COLLECTION, member) for member in ("maya", "3ds_max"))
# Sold by the seat, and used in hubs; nobody has a seat of it.
CLOUD_OFFERING, CLOUD_NAME, CLOUD_PRICE = "forma_data_management", "Docs", 500
TOKEN_PRICE = 3
SINCE = "2020-01-01"
