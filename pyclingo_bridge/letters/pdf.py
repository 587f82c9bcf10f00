"""Makes a PDF of a letter's page, of nothing but the page itself."""

from __future__ import annotations

from pyclingo_bridge.base.errors import ExtraError, LetterError
from pyclingo_bridge.base.extras import need

NO_PANGO = (
    "PDF needs Pango, a library that is not on this system (Debian and Ubuntu: apt-get install "
    "libpango-1.0-0 libpangoft2-1.0-0; macOS: brew install pango); Markdown and HTML do without"
)


def need_pdf() -> None:
    """Refuse to go on where no PDF can be made.

    Errors: ExtraError where WeasyPrint, or the library that it sets text with, is not there.
    """
    try:
        need("letters", "weasyprint")
    except OSError:
        # WeasyPrint is there, and the system's library is not.
        raise ExtraError(NO_PANGO) from None


def as_pdf(html: str) -> bytes:
    """A page as PDF with tags, title and language (PDF/UA-1).

    Errors: as `need_pdf`; LetterError where the page would have to fetch another file.
    """
    need_pdf()
    from weasyprint import HTML
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    # A letter fetches nothing, neither from the network nor from this computer; the base is there so
    # that names of files are refused too, and not just left out.
    own = URLFetcher(allowed_protocols=("data",), fail_on_errors=True)
    page = HTML(string=html, url_fetcher=own, base_url="file:///")
    try:
        return bytes(page.write_pdf(pdf_variant="pdf/ua-1"))
    except FatalURLFetchingError as error:
        raise LetterError(
            f"{error}: a letter needs no other file; write a picture into the template as `data:`"
        ) from None
