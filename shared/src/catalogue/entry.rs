//! The shape of one entry of the catalogue.

/// One word, and what an operator should know about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// What the word belongs to.
    pub kind: Kind,
    /// The word as EMQX, MQTT or the system writes it.
    pub term: &'static str,
    /// Other spellings, and the names that EMQX 4 and older use for the same.
    pub aliases: &'static [&'static str],
    /// The MQTT 5 reason code of this name, if there is one.
    pub code: Option<u8>,
    english: Text,
    chinese: Text,
}

/// What a word belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Why a connection ended: in `shutdown_count`, in `why` and in the log. Some are the names
    /// of reason codes too.
    DisconnectReason,
    /// A reason code of MQTT 5 that does not end connections under its own name.
    ReasonCode,
    /// Words of a log line.
    LogKeyword,
    /// An error of the operating system.
    Errno,
    /// An alert or error of the TLS handshake.
    TlsAlert,
    /// A client that looks for open brokers.
    Scanner,
    /// The exit code of `emqxd` or `emqx-ctl`.
    ExitCode,
    /// A check of `emqx-ctl doctor`, by its id.
    DoctorCheck,
}

/// The language an entry is shown in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Simplified Chinese.
    Chinese,
}

/// An entry in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// A line that names the matter.
    pub title: &'static str,
    /// What happened.
    pub meaning: &'static str,
    /// What usually leads to it.
    pub causes: &'static str,
    /// What to do next.
    pub next: &'static str,
}

impl Entry {
    /// The entry in `language`.
    #[must_use]
    pub const fn text(&self, language: Language) -> &Text {
        match language {
            Language::English => &self.english,
            Language::Chinese => &self.chinese,
        }
    }

    /// Term and aliases.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.term).chain(self.aliases.iter().copied())
    }
}

impl Kind {
    /// What the kind is called, for a heading.
    #[must_use]
    pub const fn title(self, language: Language) -> &'static str {
        let (english, chinese) = match self {
            Self::DisconnectReason => ("disconnect reason", "断开原因"),
            Self::ReasonCode => ("MQTT reason code", "MQTT 原因码"),
            Self::LogKeyword => ("log keyword", "日志关键字"),
            Self::Errno => ("system error", "系统错误"),
            Self::TlsAlert => ("TLS alert", "TLS 告警"),
            Self::Scanner => ("scanner", "扫描器"),
            Self::ExitCode => ("exit code", "退出码"),
            Self::DoctorCheck => ("check of emqx-ctl doctor", "emqx-ctl doctor 检查项"),
        };
        match language {
            Language::English => english,
            Language::Chinese => chinese,
        }
    }
}

impl Language {
    /// The language of a locale as in `LANG`: `zh_CN.UTF-8` is Chinese, all others English.
    #[must_use]
    pub fn from_locale(locale: &str) -> Self {
        match locale.split(['_', '.', '-', '@']).next() {
            Some("zh") => Self::Chinese,
            _ => Self::English,
        }
    }
}

/// An entry without a reason code.
pub(super) const fn entry(
    kind: Kind,
    term: &'static str,
    aliases: &'static [&'static str],
    english: Text,
    chinese: Text,
) -> Entry {
    Entry {
        kind,
        term,
        aliases,
        code: None,
        english,
        chinese,
    }
}

/// An entry that is the name of a reason code.
pub(super) const fn coded(
    kind: Kind,
    code: u8,
    term: &'static str,
    aliases: &'static [&'static str],
    english: Text,
    chinese: Text,
) -> Entry {
    Entry {
        kind,
        term,
        aliases,
        code: Some(code),
        english,
        chinese,
    }
}

/// The four texts of an entry.
pub(super) const fn text(title: &'static str, meaning: &'static str, causes: &'static str, next: &'static str) -> Text {
    Text {
        title,
        meaning,
        causes,
        next,
    }
}
