"""How an address and a number to reach somebody are written: the same in forms and in the API."""

MAIL_ADDRESS = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"
PHONE_NUMBER = r"\+?[0-9 ()/.-]{4,40}"
