"""The reference folder of an invented estate."""

from __future__ import annotations

from typing import Any

from tests.oracle.invented_writer import NAMES, OFFERINGS, Writer


class ReferenceFiles(Writer):
    """Settings, prices, aliases, offerings, approvals."""

    def reference(self) -> None:
        """The company's own tables."""
        put, r = self.put, self.r
        put(
            "reference/settings.csv",
            "key value",
            [("use_defaults", "false"), ("currency", "EUR"), ("organisation", "Invented")],
        )
        aliases = [
            (name.lower().replace(" - ", "_").replace(" ", "_"), key) for key, names in NAMES.items() for name in names
        ]
        put("reference/product_aliases.csv", "alias offering_key valid_from", [(*a, "2020-01-01") for a in aliases])
        kinds = {"aec": "collection", "me": "collection", "docs": "cloud"}
        metric = {"vault": "perpetual"}
        known = [o for o in OFFERINGS if o != "site"]
        rows = [(o, NAMES[o][0], kinds.get(o, "product"), metric.get(o, "named_user")) for o in known]
        put("reference/offerings.csv", "offering_key name kind licence_metric", rows)
        members = [("aec", m, "2020-01-01", None) for m in ("autocad", "revit", "civil_3d")]
        members += [("me", "maya", "2020-01-01", None), ("me", "autocad", "2020-01-01", self.some(None, "2026-08-15"))]
        # A product that brings another with it, as no collection does.
        members += [("autocad", "site", "2020-01-01", None), ("autocad", "revit", "2020-01-01", None)]
        put("reference/collection_members.csv", "collection_key member_key valid_from valid_to", members)
        if self.chance(0.7):
            put(
                "reference/collection_coverage.csv",
                "collection_key complete valid_from",
                [("aec", "yes", self.some("2020-01-01", "2026-07-10"))],
            )
        if self.chance(0.7):
            put(
                "reference/collection_exclusions.csv",
                "collection_key offering_key valid_from",
                [("me", self.some("revit", "site"), "2020-01-01")],
            )
        prices = []
        for o in OFFERINGS:
            base = r.randint(300, 3400)
            currency = self.some("EUR", "EUR", "EUR", "JPY", "USD")
            base *= 163 if currency == "JPY" else 1
            if self.chance(0.9):
                prices.append((o, "list", None, base * 1.1 // 1, currency, "2020-01-01"))
            if self.chance(0.6):
                prices.append((o, "contract", None, base + 0.005, currency, "2020-01-01"))
            if self.chance(0.4):
                currency = self.some("EUR", currency)
                prices.append(
                    (
                        o,
                        "contract",
                        self.some("C1", "C2"),
                        base - 10.3333,
                        currency,
                        self.some("2020-01-01", "2026-09-01"),
                    )
                )
        put("reference/prices.csv", "offering_key basis contract_number amount currency valid_from", prices)
        parameters = [
            ("LRT-10", "days", 3),
            ("LRT-04", "devices:autocad", 2),
            ("USE-01", "days:revit", 60),
            ("USE-02", "days", self.some(30, 45)),
            ("IDN-06", "min_members", 3),
            ("FLX-09", "min_persons", 3),
            ("ENT-02", "min_stock:maya", 2),
        ]
        put("reference/rule_parameters.csv", "rule_id parameter value", parameters)
        tokens: list[tuple[Any, ...]] = [(None, self.some(3, 2.75), "EUR", "2020-01-01")]
        tokens += [("C1", self.some(2.5, 4), self.some("EUR", "USD"), "2020-01-01")] if self.chance(0.5) else []
        put("reference/token_prices.csv", "contract_number amount currency valid_from", tokens)
        rates = [("USD", "0.9137", "2026-01-01")] + ([("JPY", "0.0061", "2026-01-01")] if self.chance(0.7) else [])
        put("reference/exchange_rates.csv", "currency per_unit valid_from", rates)
        flex = [(o, r.randint(2, 12), "2020-01-01") for o in OFFERINGS if self.chance(0.85)]
        flex += [(flex[0][0], flex[0][1] + 1, "2026-08-10")]
        put("reference/flex_rates.csv", "offering_key tokens_per_day valid_from", flex)
        put(
            "reference/version_support.csv",
            "offering_key oldest_eligible newest_covered valid_from",
            [
                ("autocad", 2023, 2026, "2020-01-01"),
                ("autocad", 2024, 2026, "2026-08-01"),
                ("revit", 2022, None, "2020-01-01"),
            ],
        )
        put(
            "reference/feature_requirements.csv",
            "feature required_offering_key kind valid_from",
            [
                ("cloud_render", "maya", "cloud", "2020-01-01"),
                ("dream", self.some("revit", "docs"), "ai", "2020-01-01"),
            ],
        )
        contracts = [
            (c, "subscription", f"2024-{m:02d}-11", e, e, measure, territory)
            for (c, m, e, measure, territory) in (
                ("C1", 7, "2027-01-15", "high_water", "DE;AT"),
                ("C2", 2, "2026-12-20", self.some("snapshot", "rolling_mean"), None),
                ("C3", 9, "2027-06-30", "unknown", "FR"),
            )
        ]
        put(
            "reference/contracts.csv",
            "contract_number kind start_date end_date renewal_date true_up_measure territory",
            contracts,
        )
        put("reference/person_aliases.csv", "alias_email email", [(f"old.{p}", p) for p in self.persons[::9]])
        put(
            "reference/sso_domains.csv",
            "domain kind",
            [
                ("corp.example", "corporate"),
                ("bought.example", "acquired"),
                ("partner.example", "partner"),
            ],
        )
        put(
            "reference/group_rules.csv",
            "team_alias group offering_key intended valid_from",
            [
                ("North", "G1", "autocad", "department in ('BIM', 'Roads') and not legal_entity = 'Two'", "2020-01-01"),
                ("North", "G2", "autocad", None, "2020-01-01"),
                ("North", "G2", "aec", "department <> 'Roads' or country like 'D%'", "2020-01-01"),
                ("South", "G1", "maya", "department = 'BIM'", self.some("2020-01-01", "2026-09-05")),
            ],
        )
        approved: list[tuple[Any, ...]] = [
            (p, self.some("Primary admin", "Secondary admin"), self.some("North", "South", None), "2020-01-01")
            for p in r.sample(self.persons, 6)
        ]
        put("reference/approved_admins.csv", "email role team_alias valid_from", approved)
