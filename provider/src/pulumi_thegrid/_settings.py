"""The keys of the settings that programs and stacks give, and nothing that uses them."""

CONFIGURATION = {
    "access_token": "accessToken",
    "platform_url": "platformUrl",
    "trading_url": "tradingUrl",
    "consumption_url": "consumptionUrl",
    "messages_url": "messagesUrl",
    "platform_prefix": "platformPrefix",
    "profile": "profile",
    "own_profile": "ownProfile",
    "refresh_token": "refreshToken",
}
"""The settings, and the key of each in the configuration namespace `thegrid`.

`own_profile` is the profile that an explicit provider was given itself; it comes first.
"""

ROTATION_KEY = "rotation"
ROTATION_MODES = ("clock", "hold")
