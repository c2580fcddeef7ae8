"""The people of the sample organization and its customers. Every name is made up of words for trees, light and water;
addresses are under names that are reserved for examples, telephone numbers in ranges that nobody is given."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

SALES, SUPPORT, BILLING, DELIVERY, CORPORATE = "sales", "support", "billing", "delivery", "corporate"

DIVISIONS = {
    SALES: "Penjualan",
    SUPPORT: "Dukungan Teknis",
    BILLING: "Penagihan",
    DELIVERY: "Pengiriman",
    CORPORATE: "Akun Korporat",
}

ADMIN_NAME = "Arum Cendana"
ADMIN_EMAIL = "admin@example.com"


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works there. The first two are supervisors."""

    name: str
    email: str
    divisions: tuple[str, ...] = ()


SUPERVISORS = (
    Colleague("Bayu Pelita", "supervisor@example.com", tuple(DIVISIONS)),
    Colleague("Laras Samudra", "laras.samudra@example.com", (BILLING, CORPORATE)),
)
AGENTS = (
    Colleague("Danu Rimba", "agent@example.com", (SALES,)),
    Colleague("Sekar Lentera", "sekar.lentera@example.com", (SALES,)),
    Colleague("Tirta Kenanga", "tirta.kenanga@example.com", (SALES, SUPPORT)),
    Colleague("Gilang Bahtera", "gilang.bahtera@example.com", (SUPPORT,)),
    Colleague("Wulan Embun", "wulan.embun@example.com", (SUPPORT,)),
    Colleague("Jaka Telaga", "jaka.telaga@example.com", (SUPPORT, DELIVERY)),
    Colleague("Ratri Mahoni", "ratri.mahoni@example.com", (BILLING,)),
    Colleague("Panji Senja", "panji.senja@example.com", (BILLING,)),
    Colleague("Intan Purnama", "intan.purnama@example.com", (DELIVERY,)),
    Colleague("Bima Dermaga", "bima.dermaga@example.com", (DELIVERY,)),
    Colleague("Citra Gelombang", "citra.gelombang@example.com", (DELIVERY, SALES)),
    Colleague("Nadi Pinus", "nadi.pinus@example.com", (CORPORATE,)),
    Colleague("Melati Cakrawala", "melati.cakrawala@example.com", (CORPORATE, BILLING)),
)

_FIRST = (
    "Banyu", "Puspa", "Raka", "Kirana", "Lintang", "Surya", "Mega", "Damar", "Ayu", "Satria", "Ratna", "Galuh",
    "Wira", "Anggun", "Bagas", "Cempaka", "Dewa", "Kencana", "Pandu", "Tiara", "Rangga", "Seruni", "Yudha", "Mawar",
)  # fmt: skip
_LAST = (
    "Angin Timur", "Batu Karang", "Bukit Hijau", "Cahaya", "Daun Jati", "Gunung Awan", "Hujan", "Kabut", "Kapuas",
    "Kembang", "Matahari", "Muara", "Padi", "Pelangi", "Rembulan", "Sungai", "Teluk", "Tebing", "Ombak", "Fajar",
)  # fmt: skip
_ENGLISH = (
    "Robin Lakewater", "Sam Cloudfield", "Alex Riverstone", "Kim Lanternhill", "Jo Harbourlight", "Max Fernleaf",
    "Charlie Moonbridge", "Dana Saltmarsh",
)  # fmt: skip
# What a list has to bear: other scripts, both directions of writing, marks on letters, an apostrophe, great length.
UNUSUAL = (
    "Raden Ayu Kusumaningrat Wijayaningsih Sastrodiharjo Rembulan Cahaya Matahari binti Wirahadikusumah Gunung Awan",
    "見本 太郎",
    "보기 하나",
    "ตัวอย่าง ใจดี",
    "مثال النهر",
    "Пример Озеров",
    "ꦱꦼꦏꦂ ꦕꦤ꧀ꦝꦤ",
    "Ørjan Åfjord-Ćwiczenie",
    "D'Angelo O’Ombak",
    "X",
    "PT Contoh Sejahtera Abadi Makmur Sentosa Bersama Nusantara Raya Cabang Pembantu Pelabuhan Timur (Tbk.)",
)

_NOBODY = ("+62 000-0555-01{:02}", "+62 000-0555-01{:02}", "+1-202-555-01{:02}", "+1-415-555-01{:02}")


@dataclass(frozen=True, slots=True)
class Contact:
    """A customer, and where the channel reaches them."""

    name: str
    address: str | None


def contact(random: Random, channel: str, language: str, name: str | None = None) -> Contact:
    """A customer of a channel; `name` where it has to be a given one."""
    if name is None:
        name = random.choice(_ENGLISH) if language == "en" else f"{random.choice(_FIRST)} {random.choice(_LAST)}"
    return Contact(name, _address(random, channel, name))


def _address(random: Random, channel: str, name: str) -> str | None:
    handle = "".join(letter if "a" <= letter <= "z" else "." for letter in name.lower())[:30].strip(".") or "tamu"
    if channel == "whatsapp":
        return random.choice(_NOBODY).format(random.randrange(100))
    if channel == "email":
        return f"{handle.replace('..', '.')}@{random.choice(('example.com', 'example.net', 'example.org'))}"
    if channel == "instagram":
        return f"@{handle.replace('.', '_')}_contoh"
    if channel == "messenger":
        return f"{handle}.contoh"
    return None  # a visitor of the web site
