"""A catalog made up on the spot: always the same one, with faulty rows among the good ones."""

import random

from akeneo_jobs.io import CsvWriter

SEED = 1886
PRODUCTS = 3000
FAMILIES = {  # Code → name and required attributes.
    "lamps": ("Lamps", ["color", "power"]),
    "chairs": ("Chairs", ["color", "material"]),
    "teapots": ("Teapots", ["color", "capacity"]),
    "kites": ("Kites", ["span"]),
    "lanterns": ("Lanterns", ["material"]),
}
VALUES = {
    "color": ["Amber", "Coral", "Indigo", "Moss", "Slate"],
    "material": ["Ash", "Bamboo", "Brass", "Linen"],
    "power": ["5 W", "9 W", "14 W"],
    "capacity": ["0.4 l", "0.8 l", "1.2 l"],
    "span": ["90 cm", "140 cm", "210 cm"],
}
CATEGORIES = [  # Code, parent, name.
    ("home", "", "Home"),
    ("living", "home", "Living room"),
    ("kitchen", "home", "Kitchen"),
    ("outdoor", "", "Outdoor"),
    ("garden", "outdoor", "Garden"),
    ("play", "outdoor", "Play"),
]
PLACES = {
    "lamps": "living",
    "chairs": "living,garden",
    "teapots": "kitchen",
    "kites": "play",
    "lanterns": "garden",
}
RULES = [  # Code, label, family, attribute, value, whether it is enabled.
    ("lamp_power", "Lamps have 9 W unless said otherwise", "lamps", "power", "9 W", True),
    ("chair_material", "Chairs are made of ash", "chairs", "material", "Ash", True),
    ("teapot_color", "Teapots come in slate", "teapots", "color", "Slate", True),
    ("kite_span", "Kites are small", "kites", "span", "90 cm", False),
]
PROJECTS = [  # Code, label, family.
    ("lamps_complete", "Lamps for the autumn catalog", "lamps"),
    ("chairs_complete", "Chairs for the web shop", "chairs"),
    ("teapots_complete", "Teapots for the tea fair", "teapots"),
]
MAGENTO_MAPPING = """\
attribute_set_code = family
product_online = enabled
additional_attributes = attributes
store_view_code = -
product_websites = -
website_id = -
created_at = -
updated_at = -
gift_message_available = -
"""
PROFILES = [  # Code, label, job type, parameters.
    ("demo_products", "Demo products", "csv_product_import", {}),
    ("magento_products", "Magento products", "csv_product_import", {"mapping": MAGENTO_MAPPING}),
    ("bestbuy_categories", "BestBuy categories", "csv_category_import", {"delimiter": ";"}),
    ("products_csv", "Products in CSV", "csv_product_export", {}),
    ("products_xlsx", "Products in XLSX", "xlsx_product_export", {}),
]
COLUMNS = ["sku", "name", "family", "categories", "price", "enabled", *VALUES]
SYLLABLES = ["ba", "dor", "fi", "gul", "ka", "lem", "mi", "nor", "pe", "ru", "sol", "ta", "vin"]
FAULTS = [  # What makes a row faulty: the cells that are wrong.
    {"sku": ""},
    {"name": ""},
    {"sku": "lamps-00001"},  # Stands in the first row.
    {"price": "on request"},
    {"price": "-5.00"},
    {"price": "1.234"},
    {"enabled": "maybe"},
    {"name": "very long " * 30},
]
FAULT_EVERY = 115  # Rows.


def products():
    """Yield the rows of the demo catalog."""
    chance = random.Random(SEED)
    faults = 0
    for number in range(1, PRODUCTS + 1):
        row = _product(chance, number)
        if number % FAULT_EVERY == 0:
            row |= FAULTS[faults % len(FAULTS)]
            faults += 1
        yield row


def write_products(stream):
    """Write the demo catalog as CSV."""
    with CsvWriter(stream, COLUMNS) as writer:
        for row in products():
            writer.write(row)


def write_categories(stream):
    """Write the demo categories as CSV, children before their parents."""
    with CsvWriter(stream, ["code", "parent", "label-en_US"], delimiter=";") as writer:
        for code, parent, name in reversed(CATEGORIES):
            writer.write({"code": code, "parent": parent, "label-en_US": name})


def _product(chance, number):
    family = list(FAMILIES)[(number - 1) % len(FAMILIES)]
    label, required = FAMILIES[family]
    word = "".join(chance.choices(SYLLABLES, k=3)).capitalize()
    return {
        "sku": f"{family}-{number:05}",
        "name": f"{label.removesuffix('s')} {word}",
        "family": family,
        "categories": PLACES[family],
        "price": f"{chance.randint(500, 30_000) / 100:.2f}",
        "enabled": chance.random() < 0.9,
        **{name: chance.choice(VALUES[name]) for name in required if chance.random() < 0.95},
    }
