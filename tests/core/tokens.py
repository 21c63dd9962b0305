"""Made-up secrets in the formats of real ones.

Put together at run time, so that no scanner takes this file for a leak.
"""

GITHUB = "ghp_" + "a1B2" * 9
TOKENS = {
    "AWS": "AKIA" + "ABCDEFGH12345678",
    "Anthropic": "sk-ant-" + "api03-" + "x1Y2" * 8,
    "Azure": "AccountKey=" + "a1B2" * 21 + "abcd",
    "GitHub": GITHUB,
    "GitHub, fine-grained": "github_pat_" + "11ABCDEFG0" * 4,
    "GitLab": "glpat-" + "a1B2c3D4e5F6g7H8i9J0",
    "Google": "AIza" + "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q",
    "HubSpot": "pat-" + "na1-12345678-1234-1234-1234-123456789012",
    "JWT": "eyJ" + "hbGciOiJIUzI1NiJ9" + ".eyJ" + "zdWIiOiIxIn0" + ".c2lnbmF0dXJl",
    "Mailchimp": "0123456789abcdef" * 2 + "-us12",
    "Notion": "ntn_" + "A1b2" * 11,
    "OpenAI": "sk-" + "proj-" + "a1B2c3D4e5F6g7H8i9J0a1B2",
    "private key": "-----BEGIN " + "RSA PRIVATE KEY-----\nMIIEow\nabc\n-----END RSA PRIVATE KEY-----",
    "SendGrid": "SG." + "a1B2" * 5 + "ab" + "." + "c3D4" * 10 + "abc",
    "Slack": "xoxb-" + "123456789012-" + "abcdefABCDEF1234",
    "Slack webhook": "https://hooks.slack.com/services/" + "T0123ABCD/B0123ABCD/a1b2c3d4e5f6g7h8i9j0",
    "Stripe": "sk_live_" + "a1B2c3D4e5F6g7H8i9J0k1L2",
    "Telegram": "123456789:" + "AAE1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q",
}
