"""What the naive market's figures and holdings come to, counted anew each time."""

from fractions import Fraction

DAY_SECONDS = 24 * 3600
PLACES = 8


def figures(naive, market):
    """Ticker and statistics of one market."""
    trades = [it for it in naive.trades if it[0] == market]
    day = [(units, price) for *_, units, price, _, _, at in trades if naive.now - at < DAY_SECONDS]
    prices = [price for _, price in day]
    bids, asks = naive.waiting(market, "buy"), naive.waiting(market, "sell")
    return {
        "last price": trades[-1][4] if trades else None,
        "last quantity": trades[-1][3] if trades else None,
        "highest bid": bids[0].limit if bids else None,
        "lowest ask": asks[0].limit if asks else None,
        "units of the day": sum(units for units, _ in day),
        "value of the day": sum((units * price for units, price in day), Fraction(0)),
        "high": max(prices, default=None),
        "low": min(prices, default=None),
        "change": prices[-1] - prices[0] if prices else None,
        "units ever": sum(it[3] for it in trades),
    }


def holding(prices):
    """Units, cost and average of units by their prices."""
    cost = sum(prices, Fraction(0))
    return {
        "units": len(prices),
        "cost": cost,
        "average": round(cost / len(prices), PLACES) if prices else None,
    }
