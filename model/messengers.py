"""The three messengers: their names, the keys of their settings and their home markets."""

PLATFORMS = ("WeChat", "LINE", "KakaoTalk")
PLATFORM_KEYS = ("wechat", "line", "kakao")  # the same as the settings call them
LINE_KEY = ("JPN", "TWN", "THA", "IDN")  # LINE's four key markets, as the company calls them
HOME_TURF = {"WeChat": (), "LINE": LINE_KEY, "KakaoTalk": ("KOR",)}
HOME = {"WeChat": None, "LINE": "JPN", "KakaoTalk": "KOR"}  # WeChat's home is not a market here
