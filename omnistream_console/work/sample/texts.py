"""What customers and agents of the sample organization write to each other, in Indonesian and English.

In braces stand the order, the thing, the place and the sum that a conversation is about.
"""

from __future__ import annotations

from dataclasses import dataclass

from .people import BILLING, CORPORATE, DELIVERY, SALES, SUPPORT


@dataclass(frozen=True, slots=True)
class Topic:
    """What a conversation is about, and its lines in the order in which they are said."""

    division: str
    language: str
    subject: str
    opening: str
    answer: str
    turns: tuple[tuple[str, str], ...]  # (customer, agent), after the first answer
    note: str


THINGS = ("rak buku jati", "lampu meja", "kompor listrik", "sepeda lipat", "rice cooker", "kursi kerja", "blender kaca")
THINGS_EN = ("bookshelf", "desk lamp", "electric stove", "folding bike", "rice cooker", "office chair", "glass blender")
PLACES = ("Bandung", "Surabaya", "Makassar", "Medan", "Denpasar", "Balikpapan", "Jayapura", "Pontianak")
SUMS = ("Rp149.000", "Rp325.500", "Rp899.000", "Rp1.250.000", "Rp2.475.000")

TOPICS = (
    Topic(
        SALES, "id", "Stok {thing}",
        "Halo, {thing} yang warna hitam masih ada stoknya?",
        "Halo Kak, terima kasih sudah menghubungi kami. Masih ada 4 unit di gudang {place}.",
        (
            ("Kalau pesan dua, dapat potongan ongkir?", "Bisa, Kak. Untuk dua unit ongkirnya kami tanggung setengah."),
            ("Oke, saya pesan lewat situs ya.", "Siap. Nomor pesanannya nanti {order}, kami pantau dari sini."),
        ),
        "Pelanggan lama, tiga pesanan bulan ini.",
    ),
    Topic(
        SALES, "id", "Tukar ukuran sebelum dikirim",
        "Min, saya salah pilih ukuran di pesanan {order}. Bisa diganti sebelum dikirim?",
        "Bisa, Kak. Pesanannya belum masuk pengepakan. Mau diganti ke ukuran apa?",
        (
            ("Yang lebih besar satu tingkat.", "Sudah kami ganti. Selisihnya {sum}, tautan pembayarannya kami kirim."),
            ("Sudah saya bayar barusan.", "Pembayarannya sudah masuk. Pesanan lanjut ke pengepakan."),
        ),
        "Selisih harga sudah dicocokkan dengan gudang.",
    ),
    Topic(
        SALES, "id", "Harga grosir {thing}",
        "Selamat siang, untuk pembelian 20 {thing} ada harga khusus tidak?",
        "Selamat siang. Mulai 12 unit ada potongan 8 persen. Boleh kami tahu kota tujuannya?",
        (
            ("Dikirim ke {place}.", "Baik, penawarannya kami susun dan kirim sore ini."),
            ("Ditunggu. Kalau bisa sekalian faktur pajaknya.", "Tentu, faktur pajak kami sertakan."),
        ),
        "Tanyakan ke kepala gudang dulu sebelum menjanjikan tanggal.",
    ),
    Topic(
        SALES, "en", "Is the {thing} available?",
        "Hi! Do you still have the {thing}, and do you ship it to {place}?",
        "Hello, and thank you for asking. Yes, we have three left and we do ship to {place}.",
        (
            ("How long would that take?", "Four working days as a rule, six at most."),
            ("Great, please keep one for me until tomorrow.", "One is set aside under {order} until tomorrow evening."),
        ),
        "Set aside on the blue shelf.",
    ),
    Topic(
        SUPPORT, "id", "{thing} tidak menyala",
        "Barang baru sampai kemarin, {thing} sudah tidak mau menyala. Gimana ini?",
        "Mohon maaf atas kendalanya, Kak. Boleh dikirim foto nomor seri di bagian bawahnya?",
        (
            ("Ini fotonya, nomor serinya agak kabur.", "Terbaca, Kak. Lepas kabelnya 30 detik, lalu coba lagi."),
            ("Tetap tidak bisa.", "Baik, unitnya kami ganti. Kurir kami jemput besok di {place}."),
            ("Berapa lama penggantinya sampai?", "Dua hari kerja setelah unit lama kami terima."),
        ),
        "Seri ini sudah lima kali kembali, sampaikan ke bagian mutu.",
    ),
    Topic(
        SUPPORT, "id", "Tidak bisa masuk akun",
        "Saya lupa kata sandi, kode verifikasinya tidak pernah masuk.",
        "Kami bantu, Kak. Apakah nomor yang terdaftar masih aktif?",
        (
            ("Masih, yang ini juga.", "Kode baru sudah kami kirim, berlaku sepuluh menit."),
            ("Sudah masuk, terima kasih!", "Sama-sama. Jangan berikan kodenya kepada siapa pun, ya."),
        ),
        "Kode terlambat sejak pagi, sudah dilaporkan ke tim aplikasi.",
    ),
    Topic(
        SUPPORT, "id", "Aplikasi menutup sendiri",
        "Aplikasinya keluar sendiri tiap kali saya buka halaman pesanan {order}.",
        "Terima kasih laporannya. Ponselnya tipe apa dan versi aplikasinya berapa?",
        (
            ("Ponsel lama sih, versinya 4.2.", "Versi 4.3 memperbaiki hal ini. Boleh dicoba perbarui dulu, Kak?"),
            ("Sudah, sekarang lancar.", "Syukurlah. Kalau terulang, balas pesan ini saja."),
        ),
        "Sama dengan laporan hari Senin.",
    ),
    Topic(
        SUPPORT, "en", "The {thing} makes a strange noise",
        "My {thing} hums loudly since this morning. Is it safe to keep using it?",
        "Please unplug it for now. Could you send us a short recording and the serial number?",
        (
            ("Attached, the serial number is on the photo.", "Thank you. That is the fan; a new one is on its way."),
            ("Can I fit it myself?", "Yes, two screws. The sheet in the box shows how. Your number is {order}."),
        ),
        "Known fan problem of the spring batch.",
    ),
    Topic(
        BILLING, "id", "Terdebit dua kali",
        "Saya terdebit dua kali untuk pesanan {order}, masing-masing {sum}. Tolong dikembalikan.",
        "Mohon maaf, Kak. Boleh dikirim tangkapan layar mutasinya? Kami cocokkan dengan catatan bank.",
        (
            ("Ini mutasinya.", "Terima kasih. Satu pembayaran memang ganda dan kami ajukan pengembaliannya hari ini."),
            ("Berapa hari sampai masuk?", "Paling lama tiga hari kerja ke rekening yang sama."),
        ),
        "Pengembalian diajukan, menunggu persetujuan keuangan.",
    ),
    Topic(
        BILLING, "id", "Faktur pajak {order}",
        "Mohon faktur pajak untuk pesanan {order} atas nama perusahaan kami.",
        "Baik, Bapak/Ibu. Mohon nama dan alamat perusahaan seperti pada dokumen resminya.",
        (
            ("Sudah saya lampirkan.", "Terima kasih, fakturnya terbit besok pagi."),
            ("Sudah kami terima, terima kasih.", "Sama-sama, senang bisa membantu."),
        ),
        "Alamatnya berbeda dengan data lama, sudah diperbarui.",
    ),
    Topic(
        BILLING, "id", "Pengembalian dana belum masuk",
        "Katanya dana {sum} kembali dalam 3 hari, ini sudah seminggu!",
        "Kami mengerti kekesalannya, Kak. Kami telusuri sekarang juga ke bagian keuangan.",
        (
            ("Tolong kabari hari ini.", "Pengembaliannya tertahan di bank penerima. Kami kirim ulang siang ini."),
            ("Sudah masuk. Lain kali tolong dikabari.", "Terima kasih atas kesabarannya, masukannya kami catat."),
        ),
        "Bank penerima menolak karena nama berbeda satu huruf.",
    ),
    Topic(
        BILLING, "en", "Refund for order {order}",
        "I returned the {thing} last week. When will I get my {sum} back?",
        "Thank you for writing. The parcel arrived on Tuesday; the refund is being approved.",
        (
            ("To the same card, please.", "To the same card, within three banking days."),
            ("Got it, thanks a lot.", "You are welcome."),
        ),
        "Return was complete, nothing missing.",
    ),
    Topic(
        DELIVERY, "id", "Paket {order} belum sampai",
        "Paket {order} statusnya sudah dikirim sejak Senin tapi belum sampai di {place}.",
        "Halo Kak, kami cek ke kurir. Posisi terakhirnya di gudang transit {place}.",
        (
            ("Sampai kapan di sana?", "Menurut kurir diantar besok sebelum pukul 15.00."),
            ("Besok saya di rumah, mohon ditelepon dulu.", "Catatan untuk kurir sudah kami tambahkan."),
            ("Barangnya sudah saya terima.", "Terima kasih kabarnya, Kak. Selamat menikmati."),
        ),
        "Kurir mitra kekurangan armada di {place} pekan ini.",
    ),
    Topic(
        DELIVERY, "id", "Ubah alamat pengiriman",
        "Alamat pesanan {order} salah, seharusnya ke rumah orang tua saya di {place}.",
        "Bisa kami bantu selama belum keluar gudang. Mohon alamat lengkapnya, Kak.",
        (
            ("Jalan Contoh nomor 12, {place}.", "Sudah kami ubah. Ongkirnya tetap sama."),
            ("Mantap, makasih.", "Sama-sama!"),
        ),
        "Label sudah dicetak ulang.",
    ),
    Topic(
        DELIVERY, "id", "Dus penyok, isi pecah",
        "Dusnya penyok dan {thing} di dalamnya pecah. Ada videonya.",
        "Mohon maaf sekali, Kak. Videonya boleh dikirim ke sini, klaim ke kurir kami yang urus.",
        (
            ("Sudah saya kirim videonya.", "Lengkap, terima kasih. Mau dikirim ulang atau dananya kembali?"),
            ("Kirim ulang saja.", "Pengganti berangkat hari ini dengan pengemasan kayu."),
        ),
        "Klaim kurir nomor kedua bulan ini untuk rute {place}.",
    ),
    Topic(
        DELIVERY, "en", "Where is my parcel {order}?",
        "Tracking of {order} has not moved for three days. Is it lost?",
        "We are sorry for the wait. It is not lost: it missed a ferry and leaves {place} tonight.",
        (
            ("Will it be here before Friday?", "Thursday evening at the latest. We keep an eye on it."),
            ("It arrived. Thank you for the follow-up!", "Thank you for telling us."),
        ),
        "Ferry to the eastern islands resumed.",
    ),
    Topic(
        CORPORATE, "id", "Kontrak pengiriman bulanan {place}",
        "Selamat pagi, kami ingin menambah rute {place} pada kontrak bulanan kami.",
        "Selamat pagi. Rute {place} bisa dimulai tanggal 1. Berapa perkiraan volumenya?",
        (
            ("Sekitar 300 paket sebulan.", "Baik, lampiran kontraknya kami kirim hari ini untuk ditinjau."),
            ("Sudah ditinjau, mohon revisi pasal 4.", "Revisi pasal 4 sudah kami unggah."),
        ),
        "Kontrak utama berakhir bulan depan, bicarakan perpanjangan.",
    ),
    Topic(
        CORPORATE, "id", "Laporan pengantaran bulan lalu",
        "Laporan pengantaran bulan lalu belum kami terima, padahal harus masuk audit pekan ini.",
        "Mohon maaf atas keterlambatannya. Laporannya kami siapkan dan kirim sebelum pukul 16.00.",
        (
            ("Mohon sertakan bukti terima juga.", "Bukti terima kami lampirkan per cabang."),
            ("Diterima, terima kasih.", "Terima kasih kembali, Bapak/Ibu."),
        ),
        "Laporan otomatis gagal sejak tanggal 3.",
    ),
    Topic(
        CORPORATE, "id", "Pesanan massal untuk cabang",
        "Kami perlu 45 {thing} untuk cabang baru di {place}, paling lambat Jumat. Apakah sanggup?",
        "Stoknya cukup, 30 dari gudang utama dan 15 dari {place}. Kami kirim konfirmasinya.",
        (
            ("Mohon satu faktur saja.", "Bisa, satu faktur {order} untuk dua pengiriman."),
            ("Baik, kami tunggu kurirnya.", "Kurir berangkat pukul 10.00."),
        ),
        "Pelanggan utama: beri kabar setiap pagi sampai selesai.",
    ),
    Topic(
        CORPORATE, "en", "Access for a new colleague",
        "Please give our new buyer access to the ordering portal, and remove the former one.",
        "Good morning. Gladly; please confirm the new buyer's work address.",
        (
            ("It is buyer@example.net.", "The invitation is out and the former account is closed."),
            ("She can order now, thanks.", "Perfect, have a good day."),
        ),
        "Checked against the list of signatories.",
    ),
)  # fmt: skip

# A subject that no list has room for.
LONG_SUBJECT = (
    "Keluhan gabungan atas pesanan {order}: barang terlambat, dus penyok, isi tidak sesuai, tagihan terdebit dua kali, "
    "kode verifikasi tidak pernah masuk, dan jawaban sebelumnya dari tiga kanal berbeda saling bertentangan, mohon "
    "ditangani satu orang saja sampai tuntas"
)

BOT = {
    "id": "Terima kasih, pesan Anda sudah kami terima. Petugas kami segera membalas.",
    "en": "Thank you, we have received your message. A colleague will be with you shortly.",
}
FOLLOW_UP = {
    "id": ("Halo? Masih di sana?", "Ada kabar untuk {order}?", "Saya tunggu ya.", "Mohon segera dibantu."),
    "en": ("Hello? Anybody there?", "Any news about {order}?", "Still waiting.", "Please help soon."),
}
ASSURANCE = {
    "id": ("Masih kami cek, mohon ditunggu.", "Kami kabari begitu ada jawaban dari gudang.", "Baik, kami catat."),
    "en": ("We are still checking.", "We will tell you as soon as the warehouse answers.", "Noted, thank you."),
}
REACHING_OUT = {
    "id": "Halo, kami dari Contoh Nusantara. Ada yang perlu kami tanyakan tentang pesanan {order}.",
    "en": "Hello, this is Contoh Nusantara. We have a question about your order {order}.",
}
AGAIN = {
    "id": "Maaf, masalahnya muncul lagi setelah kemarin katanya selesai.",
    "en": "Sorry, the problem you solved is back again.",
}
HANDED_OVER = {
    "id": "Bukan bagian kami, dialihkan ke yang berwenang.",
    "en": "Not ours to decide, handed over to the right team.",
}
