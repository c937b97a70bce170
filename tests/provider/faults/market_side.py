"""What other people do at the market."""

from decimal import Decimal

from thegrid.core.model import NewOrder

SYMBOL = "text-prime"
TICK = Decimal("0.0001")
DAY = 86400
SETTINGS = "/self/system-settings"


def best_bid(client):
    """Return the price at which a bid comes before all others without trading."""
    book = client.order_book(client.market_of(SYMBOL).id)
    return book.asks[0].price - TICK


def sell_to_best_bid(seller, price, quantity):
    """Let somebody who has units sell at once."""
    book = seller.market_of(SYMBOL).id
    sold = NewOrder(book, "sell", quantity, Decimal(price), time_in_force="ioc")
    seller.place_order(sold)
