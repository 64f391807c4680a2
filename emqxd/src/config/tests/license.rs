//! `license`

use super::*;

#[test]
fn the_section_is_read_whole_and_the_key_is_shown_nowhere() {
    let config = loaded(
        r#"
        license {
          key = "MjIw.c2VjcmV0"
          issuer_keys = ["/etc/emqx/ours.pub", "/etc/emqx/theirs.pub"]
          connection_low_watermark = "60%"
          connection_high_watermark = "82.5%"
          grace_days = 15
          dynamic_max_connections = 100
        }
        "#,
    );
    let license = &config.license;
    assert_eq!((license.key.as_str(), license.issuer_keys.len()), ("MjIw.c2VjcmV0", 2));
    let marks = &license.watermarks;
    assert_eq!((marks.low_per_mille, marks.high_per_mille), (600, 825));
    assert_eq!((license.grace_days, license.dynamic_max_connections), (15, 100));
    assert!(!format!("{license:?}").contains("c2Vjcm"));
    let error = load_text("license.key = [\"c2VjcmV0\"]").unwrap_err();
    assert!(!error.contains("c2Vjcm"), "{error}");
}

#[test]
fn the_high_watermark_has_to_be_above_the_low_one() {
    for text in [
        "license.connection_high_watermark = 75%",
        "license { connection_low_watermark = 90% }",
        "license { connection_low_watermark = 50%, connection_high_watermark = 40% }",
    ] {
        let error = load_text(text).unwrap_err();
        assert!(error.contains("must be above the low one"), "{text}: {error}");
    }
}

#[test]
fn the_spellings_of_emqx_4_are_read() {
    let config = loaded(
        "license.file = etc/emqx.lic\nlicense.connection_high_watermark_alarm = 90%\n\
         license.connection_low_watermark_alarm = 70%",
    );
    assert_eq!(config.license.file(), Some("etc/emqx.lic".into()));
    let marks = &config.license.watermarks;
    assert_eq!((marks.low_per_mille, marks.high_per_mille), (700, 900));
}
