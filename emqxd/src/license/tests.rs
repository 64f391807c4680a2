//! Which licence is found, and what an update does to state, copy and clock mark.

use std::fs;

use emqx_license::{Algorithm, CustomerType, LicenseType, SigningKey, Terms};

use super::*;

/// A data folder, an issuer, and settings that trust it.
struct Place {
    data: tempfile::TempDir,
    key: SigningKey,
    settings: LicenseSettings,
}

impl Place {
    fn new() -> Self {
        let key = SigningKey::generate(Algorithm::EcdsaP256).unwrap();
        let settings = LicenseSettings {
            issuer_keys: vec![key.public_pem().unwrap()],
            ..LicenseSettings::default()
        };
        Self {
            data: tempfile::tempdir().unwrap(),
            key,
            settings,
        }
    }

    fn license(&self, max_sessions: u64) -> String {
        let terms = Terms {
            license_type: LicenseType::Trial,
            customer_type: CustomerType(1),
            customer: "Acme".to_owned(),
            start: Date::of_unix(unix_ms_now() / 1000),
            days: 100,
            max_sessions,
            ..Terms::built_in()
        };
        self.key.issue(&terms).unwrap()
    }

    fn start(&self) -> Result<Licensing, LicenseError> {
        let state = ReplicatedState::open(self.data.path(), "emqx@127.0.0.1").unwrap();
        Licensing::start(self.settings.clone(), self.data.path(), state, Vec::new())
    }

    /// What is found: sessions and source.
    fn found(&self) -> (u64, &'static str) {
        let licensing = self.start().unwrap();
        let in_force = licensing.in_force();
        (in_force.verdict.max_sessions, in_force.source.words())
    }

    async fn update(&self, text: &str) -> Result<Updated, UpdateError> {
        self.start().unwrap().update(text, "uid 0".to_owned()).await
    }
}

#[tokio::test]
async fn the_state_decides_then_the_configuration_then_the_copy() {
    let mut place = Place::new();
    assert_eq!(place.found(), (10_000_000, "built in"));
    place.settings.key = place.license(10);
    assert_eq!(place.found(), (10, "license.key"));
    place.update(&place.license(20)).await.unwrap();
    assert_eq!(place.found(), (20, "license update"));

    let copy = place.data.path().join("license/emqx.lic");
    fs::write(&copy, place.license(30)).unwrap();
    assert_eq!(
        place.found(),
        (20, "license update"),
        "the copy follows, it does not lead"
    );
    assert_ne!(fs::read_to_string(&copy).unwrap().trim(), place.license(30));

    fs::remove_dir_all(place.data.path().join("state")).unwrap();
    assert_eq!(place.found(), (10, "license.key"));
    place.settings.key = "default".to_owned();
    assert_eq!(place.found(), (20, "the copy in the data folder"));
    // Whoever joins this node now gets it with the state.
    let state = ReplicatedState::open(place.data.path(), "emqx@127.0.0.1").unwrap();
    assert!(state.facts().license.is_some());
    drop(state);
    assert_eq!(place.found(), (20, "the copy in the data folder"));
}

#[tokio::test]
async fn a_licence_that_cannot_be_used_leaves_the_one_before_in_force() {
    let mut place = Place::new();
    let licensing = place.start().unwrap();
    licensing.update(&place.license(10), "uid 0".to_owned()).await.unwrap();
    for bad in ["", "xyz", "YQ==.YQ==", &format!("{}A", place.license(99))] {
        let refused = licensing.update(bad, "uid 0".to_owned()).await;
        assert!(matches!(refused, Err(UpdateError::Parse(_))), "{bad}");
    }
    assert_eq!(licensing.in_force().verdict.max_sessions, 10);
    drop(licensing);

    // Somebody wrote a damaged one into the state: the one before it is used.
    let state = ReplicatedState::open(place.data.path(), "emqx@127.0.0.1").unwrap();
    let damaged = Command::SetLicense {
        license: "damaged".to_owned(),
        set_at_ms: 1,
        by: "a test".to_owned(),
    };
    state.apply(damaged).await.unwrap();
    drop(state);
    assert_eq!(place.found().0, 10);

    place.settings.key = "xyz".to_owned();
    assert_eq!(place.found().0, 10, "a good one outlives a bad configuration");
    let fresh = Place {
        data: tempfile::tempdir().unwrap(),
        ..place
    };
    assert!(matches!(fresh.start(), Err(LicenseError::Key(_))));
}

#[tokio::test]
async fn of_two_licences_set_in_one_millisecond_the_second_holds_and_its_copy_follows() {
    let place = Place::new();
    let licensing = place.start().unwrap();
    for sessions in [10, 20] {
        let command = Command::SetLicense {
            license: place.license(sessions),
            set_at_ms: 1,
            by: "uid 0".to_owned(),
        };
        licensing.state.apply(command).await.unwrap();
        assert!(licensing.adopt().await);
        assert_eq!(licensing.in_force().verdict.max_sessions, sessions);
    }
    assert!(!licensing.adopt().await, "there is nothing new");
    keep_copy(&licensing.folder, &licensing.state.facts());
    let copy = fs::read_to_string(place.data.path().join("license/emqx.lic")).unwrap();
    assert_eq!(copy.trim(), licensing.state.facts().license.as_ref().unwrap().license);
}

#[tokio::test]
async fn one_that_cannot_be_used_is_tried_and_reported_once() {
    let place = Place::new();
    let licensing = place.start().unwrap();
    let damaged = Command::SetLicense {
        license: "damaged".to_owned(),
        set_at_ms: 1,
        by: "a test".to_owned(),
    };
    licensing.state.apply(damaged).await.unwrap();
    assert_eq!([licensing.adopt().await, licensing.adopt().await], [true, false]);
    assert_eq!(licensing.in_force().source.words(), "built in");
    drop(licensing);
    let licensing = place.start().unwrap();
    assert!(!licensing.adopt().await, "the start has tried it");
}

#[tokio::test]
async fn other_settings_find_the_licence_anew_and_bad_ones_change_nothing() {
    let place = Place::new();
    let licensing = place.start().unwrap();
    let with_key = |key: &str| LicenseSettings {
        key: key.to_owned(),
        ..place.settings.clone()
    };
    licensing.reconfigure(with_key(&place.license(10))).await.unwrap();
    assert_eq!(licensing.in_force().verdict.max_sessions, 10);
    assert!(matches!(
        licensing.reconfigure(with_key("xyz")).await,
        Err(LicenseError::Key(_))
    ));
    assert_eq!(licensing.in_force().verdict.max_sessions, 10);

    licensing.update(&place.license(20), "uid 0".to_owned()).await.unwrap();
    licensing.reconfigure(with_key(&place.license(30))).await.unwrap();
    assert_eq!(licensing.in_force().verdict.max_sessions, 20, "the state decides");
    // Whoever is no issuer any more has none in force any more.
    licensing.reconfigure(LicenseSettings::default()).await.unwrap();
    assert_eq!(licensing.in_force().source, Source::BuiltIn);
}

#[tokio::test]
async fn a_key_that_goes_from_the_configuration_leaves_the_copy_in_the_data_folder_in_force() {
    let mut place = Place::new();
    let trusting = place.settings.clone();
    place.settings.key = place.license(10);
    let licensing = place.start().unwrap();
    let folder = place.data.path().join("license");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("emqx.lic"), place.license(20)).unwrap();
    licensing.reconfigure(place.settings.clone()).await.unwrap();
    assert_eq!(
        licensing.in_force().verdict.max_sessions,
        10,
        "what is configured goes first"
    );
    licensing.reconfigure(trusting).await.unwrap();
    let in_force = licensing.in_force();
    let found = (in_force.verdict.max_sessions, in_force.source.words());
    assert_eq!(found, (20, "the copy in the data folder"));
    assert!(
        licensing.state.facts().license.is_some(),
        "whoever joins gets it, as after a start"
    );
}

#[tokio::test]
async fn a_clock_set_back_revives_nothing_until_the_licence_is_set_anew() {
    const DAY_MS: u64 = 86_400_000;
    let place = Place::new();
    let text = place.license(10);
    let licensing = place.start().unwrap();
    licensing.update(&text, "uid 0".to_owned()).await.unwrap();
    assert!(!licensing.in_force().verdict.is_overdue);

    licensing.judge_anew(unix_ms_now() + 101 * DAY_MS).await;
    assert!(licensing.in_force().verdict.is_overdue);
    licensing.judge_anew(unix_ms_now()).await;
    assert!(licensing.in_force().verdict.is_overdue, "the clock was set back");
    drop(licensing);
    let licensing = place.start().unwrap();
    assert!(licensing.in_force().verdict.is_overdue, "the day is on disk");

    assert!(!licensing.preview(&text).unwrap().verdict.is_overdue);
    licensing.update(&text, "uid 0".to_owned()).await.unwrap();
    assert!(!licensing.in_force().verdict.is_overdue);
}

#[tokio::test]
async fn a_file_of_the_configuration_is_read_again() {
    let mut place = Place::new();
    let file = place.data.path().join("my.lic");
    fs::write(&file, place.license(10)).unwrap();
    place.settings.key = format!("file://{}", file.display());
    let licensing = place.start().unwrap();
    fs::write(&file, place.license(20)).unwrap();
    licensing.read_file_again().await;
    assert_eq!(licensing.in_force().verdict.max_sessions, 20);
    fs::write(&file, "torn").unwrap();
    licensing.read_file_again().await;
    assert_eq!(licensing.in_force().verdict.max_sessions, 20);

    fs::write(&file, place.license(30)).unwrap();
    let reloaded = licensing.reload("uid 0".to_owned()).await.unwrap();
    assert_eq!(reloaded.in_force.verdict.max_sessions, 30);
    let copy = fs::read_to_string(reloaded.copy.unwrap()).unwrap();
    assert_eq!(copy, fs::read_to_string(&file).unwrap() + "\n");
}
