//! Public keys, and tokens that `openssl` signed with their private halves, which are gone.
//!
//! `openssl genpkey -algorithm RSA ...`, `openssl dgst -sha256 -sign KEY MESSAGE`, for PS256 with
//! `-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32`, for EdDSA `openssl pkeyutl -sign -rawin`; ECDSA's DER was
//! turned into two numbers of equal length. All claim `{"username":"u","exp":4102444800,"is_superuser":true}`.

/// 2048 bits.
pub(super) const RSA: &str = "-----BEGIN PUBLIC KEY-----\n\
    MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwqvgsgdnlsfg2unIsOuO\n\
    N4sJpeHFgS3n/wI8P3KISS4SRVUs/GD1z0DUG7D0qkAa9O2wPLnknmQpZI0SmrgP\n\
    0PyOt/AuAl6EEDwEEWdgvEZGBhmgiRyqMFIeQEmQPu/ORbDIiRPuonsks3TLPlET\n\
    Bva5gJaueiFk5UHbnG6Ag1HSOLMayRtllQtgkw0vNwDe3su6kOs775D9rmAC5+w5\n\
    13N6wyCJoDAlwz1rRrZPDxkAwc7gg2rOWgWEzj9tasvdIgg44KBCE77vfX+1iXBo\n\
    BjwjYQFt5qTmN0WqQebBCm3vAJML+yNrErN4m8RopVaCIvf2Y8KgwJdayPpIKCR8\n\
    ewIDAQAB\n\
    -----END PUBLIC KEY-----";

/// 1024 bits: too few.
pub(super) const RSA_1024: &str = "-----BEGIN PUBLIC KEY-----\n\
    MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCs1P9YtoGsWmBE35UxGFoX2ElY\n\
    9ALWTJtp/g73061k5XJJGv9AU6OS2gNSk1eaNCCqHNGYh9x/avXu4riq5Y6dbz11\n\
    QTPrQ1xYYMntL2JqqKbn9dBk2iRCZ1SsqXpUq8bARX/qU3dTtgkNekAfA3eCepe8\n\
    6Dm1B5S6R/GPZN5aBwIDAQAB\n\
    -----END PUBLIC KEY-----";

/// `n` of the key of 1024 bits.
pub(super) const RSA_1024_N: &str = "rNT_WLaBrFpgRN-VMRhaF9hJWPQC1kybaf4O99OtZOVySRr_QFOjktoDUpNXmjQgqhzRmIfcf2r17uK4quWOnW89dUEz\
    60NcWGDJ7S9iaqim5_XQZNokQmdUrKl6VKvGwEV_6lN3U7YJDXpAHwN3gnqXvOg5tQeUukfxj2TeWgc";

/// 2047 bits: too few by one.
pub(super) const RSA_2047: &str = "-----BEGIN PUBLIC KEY-----\n\
    MIIBITANBgkqhkiG9w0BAQEFAAOCAQ4AMIIBCQKCAQBg8uyfWXNhq9wua2Zo/h1S\n\
    C2NpgniHx9jRVL090yDIiVy+Ify7BPsTweGGVKEDPk3A0QFU21M+ZQ026QHtYWp9\n\
    BnVl6NZbubK/lHJevAr3ulq5iGZd4Ji6TGB0MiVsFXhUaarxZ/o9A51EPddyMcos\n\
    /AqC6xmqMp+SMYEIvagaksTQkpkZliCHShP3Bco2DRJbhKW+qi1cV04fO4UHUH+f\n\
    6eU3zDA/X+Y2Q+h/jjq10Io4JyvglPNIeV+GgazMTZU9JE7UujRmF3v9Fa8tdBPn\n\
    0syHE2cbhmT0x2WOR21n3ujWxp8zDSpwK4GUvXPB1lfpbHuaNSXFZlmhQWC6/NQX\n\
    AgMBAAE=\n\
    -----END PUBLIC KEY-----";

/// ECDSA.
pub(super) const P256: &str = "-----BEGIN PUBLIC KEY-----\n\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEggROJ+82OBcFLZwJsvMY8Lij4Gwy\n\
    L8RT68hsLeL8PQIzkojNV9O66fF96+HZhRNWQWHk/gkT4tGie3lb31DJ6A==\n\
    -----END PUBLIC KEY-----";

/// ECDSA.
pub(super) const P384: &str = "-----BEGIN PUBLIC KEY-----\n\
    MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEIkkk6Uk/YSzqnRLEnXFTrFEiNVNaTjSV\n\
    1Ow3FtFdPEUceTZld9uVFaxPHiS0RhWhfB48c+u7Zs3JTdqtYSUx98lAqYY8WTjc\n\
    Q5waH/qtYa5oIVPWZDAg3aVtf1tiDjMe\n\
    -----END PUBLIC KEY-----";

/// EdDSA.
pub(super) const ED25519: &str = "-----BEGIN PUBLIC KEY-----\n\
    MCowBQYDK2VwAyEATJNpK/N1XTkG2zQD8+z+Ca0dQPKmpqOK8ZG/gSRnIEg=\n\
    -----END PUBLIC KEY-----";

/// A curve that is not taken.
pub(super) const P521: &str = "-----BEGIN PUBLIC KEY-----\n\
    MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQAF8HpJ0KjLBawfBeO75eimch3CvEr\n\
    nlz/PeS6zZbmC2iKvUB8Y1beQHA4RZ+yoTJ/WLqD4GRhUDXmmRCjqV6RL0EA0QWR\n\
    frTC/rS15nkRUZFU9q7u6D56k/gVRVIch/W7JBFFMXDdRViOR4qzJcDJgn079U+g\n\
    Yqvldu9ABLROiSKEVu4=\n\
    -----END PUBLIC KEY-----";

/// Signed with RS256.
pub(super) const TOKEN_RS256: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYS0xIn0.eyJ1c2VybmFtZSI6InUiLCJleHAiOjQxMDI0NDQ4MDAsImlzX3N1\
    cGVydXNlciI6dHJ1ZX0.hFp8mcF6P1vcr0DjnTtmXAtZK4P-WbtWqwGKl0F9WwOyJEHEGBD2B-5BxBpP56OnkH93wuB_\
    Gvne26nV-w_FLyvW3OmdP4wWVs8YsQ6ILq5l5WLrosWNC_gS3MiN96Gguqohl8mneiz63xhFNsaURwUPkqJPROy5q1Ql\
    nVwjP9R0ziDabc4-h9gmUoNX2BGXcM-royPcVyPnqseGp8TSkVIaLbb_wysDzaVaDcSdKgpxilxG-3Yw4tsK1POGrbfS\
    cGo_zjDsH5iyroiXy8KcaXiIPTDaaPsM98co2FAPQ1Wzp7-JxoBFobGUKdc_ecKseDcg2Dnmp3isHJtTh1Umlg";

/// Signed with RS512.
pub(super) const TOKEN_RS512: &str = "eyJhbGciOiJSUzUxMiJ9.eyJ1c2VybmFtZSI6InUiLCJleHAiOjQxMDI0NDQ4MDAsImlzX3N1cGVydXNlciI6dHJ1ZX0\
    .FGhRptQs9tynMyyU2MjhpCkMVkkQL277AG5jIXfA4VGJ9PDFDI8BozsKpC4KSTyJKow_U2_O3K8O9cT6dpGu-1MzVvA\
    04p6aIWnkudGiYsFpIrdPKClqDIG_l6L3i-gJkV94m_w6hj4rED63C_qGOALVwHqfONRowOxPYubmwfoh-GPwdjpdBvU\
    oqcuHjSOK3pUWqNgc2ryNWaGLDQ7j-qru81RzVuRtDMAIkdluqgAN0keb4BlXRXSwxIGuR9PluPMV8mB4-Qqa6mmAqoj\
    _AsmXqxFvIJfD9nBKCt_0IWFSCIUyrBH97lFyB7vvJSDX9h7jaQodSCU0gi7x-xQMyA";

/// Signed with PS256.
pub(super) const TOKEN_PS256: &str = "eyJhbGciOiJQUzI1NiJ9.eyJ1c2VybmFtZSI6InUiLCJleHAiOjQxMDI0NDQ4MDAsImlzX3N1cGVydXNlciI6dHJ1ZX0\
    .vWCTJCjcfT96cNNhFkRTjoBvRzVm583aB4HV2g_bJ9dVzSHUPr-BKLYLAxqJobwoXitGSWpPrpsczRP0cXfI2rVNj_f\
    E1DHWaDXt4IzXi_AGgcKDhPUTQcl0-ane4F2IGN5n93EoHfpdYd-8HbVSFvcJ8MTCccOkM5ONnJ7IUq7UvESASD4i-fM\
    COdbcJHMyZlFyOTt3cyRZunOrH3BTqz2_tpzBsyr95VGotlgeBCT_oEg2zVdTLmLvtv1UEMuG9w9Tk2OG8_F1GCegXy1\
    QBHmF7fxbICeWzyWuKrDZ34LVpUQYFXtxzCwqaycNQuDfiCjM2QamQ5IANibc5CROtA";

/// Signed with ES256.
pub(super) const TOKEN_ES256: &str = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjLTEifQ.eyJ1c2VybmFtZSI6InUiLCJleHAiOjQxMDI0NDQ4MDAsImlzX3N1c\
    GVydXNlciI6dHJ1ZX0.dIqUVID6TnthHQHdQ2phZHknGuc_rnqDL3pRiQlxWV2H7QOjlNpDbaGMNA1rQfryvjJ9GL0zz\
    1oeizfmmVyC-g";

/// Signed with ES384.
pub(super) const TOKEN_ES384: &str = "eyJhbGciOiJFUzM4NCJ9.eyJ1c2VybmFtZSI6InUiLCJleHAiOjQxMDI0NDQ4MDAsImlzX3N1cGVydXNlciI6dHJ1ZX0\
    .JJCZhWwsYHK_Ox-g7BxSNnmJ_84BaDrxBZPMK__ljQBx0kUJzBUAQKkVkbjgjhvF6u3wjYf2ACFMgCpjpozdgwcnNVG\
    1kG-ikucOPvONafNms5yPGEpquovPnzDOee4x";

/// Signed with EdDSA.
pub(super) const TOKEN_EDDSA: &str = "eyJhbGciOiJFZERTQSJ9.eyJ1c2VybmFtZSI6InUiLCJleHAiOjQxMDI0NDQ4MDAsImlzX3N1cGVydXNlciI6dHJ1ZX0\
    .Ukp9kp2H5pMsG-Hwhc471Wfz4tyTGJX2RCrh0ATjs3Pg0K0WXh1kH0M47zYOXkRVc9EFDuFDMRO74yfjrrQUDQ";

/// `n` of the RSA key.
pub(super) const RSA_N: &str = "wqvgsgdnlsfg2unIsOuON4sJpeHFgS3n_wI8P3KISS4SRVUs_GD1z0DUG7D0qkAa9O2wPLnknmQpZI0SmrgP0PyOt_Au\
    Al6EEDwEEWdgvEZGBhmgiRyqMFIeQEmQPu_ORbDIiRPuonsks3TLPlETBva5gJaueiFk5UHbnG6Ag1HSOLMayRtllQtg\
    kw0vNwDe3su6kOs775D9rmAC5-w513N6wyCJoDAlwz1rRrZPDxkAwc7gg2rOWgWEzj9tasvdIgg44KBCE77vfX-1iXBo\
    BjwjYQFt5qTmN0WqQebBCm3vAJML-yNrErN4m8RopVaCIvf2Y8KgwJdayPpIKCR8ew";

/// `x` and `y` of the P-256 key.
pub(super) const P256_XY: [&str; 2] = [
    "ggROJ-82OBcFLZwJsvMY8Lij4GwyL8RT68hsLeL8PQI",
    "M5KIzVfTuunxfevh2YUTVkFh5P4JE-LRont5W99Qyeg",
];

/// `x` of the Ed25519 key.
pub(super) const ED25519_X: &str = "TJNpK_N1XTkG2zQD8-z-Ca0dQPKmpqOK8ZG_gSRnIEg";
