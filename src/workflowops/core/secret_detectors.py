"""The detectors of detect-secrets, used in memory: their patterns, never their questions to a vendor's server."""

import importlib
import re
from collections.abc import Callable, Iterable
from functools import cache

_BY_SHAPE = {
    "aws": "AWSKeyDetector",
    "azure_storage_key": "AzureStorageKeyDetector",
    "discord": "DiscordBotTokenDetector",
    "gitlab_token": "GitLabTokenDetector",
    "jwt": "JwtTokenDetector",
    "mailchimp": "MailchimpDetector",
    "npm": "NpmDetector",
    "openai": "OpenAIDetector",
    "pypi_token": "PypiTokenDetector",
    "sendgrid": "SendGridDetector",
    "slack": "SlackDetector",
    "square_oauth": "SquareOAuthDetector",
    "stripe": "StripeDetector",
    "telegram_token": "TelegramBotTokenDetector",
    "twilio": "TwilioKeyDetector",
}
"""Module and class of each detector that knows a vendor's own format.

Left out on purpose: the two for high entropy (document ids of Google and Microsoft are as random as keys: over 100
false alarms in 338 real workflows); public IP addresses (no secrets); Artifactory, Cloudant, IBM and SoftLayer (short
or generic patterns, services that n8n hardly meets); and those that match only a part of the secret and are therefore
written anew in `secret_shapes`: GitHub tokens, private keys, passwords in addresses.
"""


@cache
def shapes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Answer the patterns of secrets that have a format of their own, each with the name of the secret.

    Loading them takes about 200 ms, because detect-secrets imports an HTTP client; nothing here uses it.
    """
    return tuple(
        (str(detector.secret_type), pattern)
        for module, name in _BY_SHAPE.items()
        for detector in (getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), name),)
        for pattern in detector.denylist
    )


@cache
def keyword_detector() -> Callable[[str], Iterable[str]]:
    """Answer the function that finds values assigned to names such as `password` in a line of code."""
    from detect_secrets.plugins.keyword import KeywordDetector

    find: Callable[[str], Iterable[str]] = KeywordDetector().analyze_string
    return find
