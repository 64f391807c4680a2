//! The exit codes of `emqx-ctl` and `emqxd`: one table for the programs, the man page and
//! `help exit-codes`. From 64 up they follow `sysexits.h`, 130 and 141 are 128 plus the signal.

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum ExitCode {
    /// Done.
    Done = 0,
    /// A check said no.
    NegativeAnswer = 1,
    /// Some parts succeeded, others did not.
    PartialSuccess = 3,
    /// The named object does not exist.
    NotFound = 4,
    /// The command line makes no sense.
    Usage = 64,
    /// Input data is bad.
    BadData = 65,
    /// An input file is missing.
    NoInput = 66,
    /// The daemon cannot be reached.
    Unavailable = 69,
    /// A bug.
    Internal = 70,
    /// An output file cannot be created.
    CannotCreate = 73,
    /// Input or output failed.
    Io = 74,
    /// Try again later.
    TryAgain = 75,
    /// The two sides speak different protocols.
    Protocol = 76,
    /// Not allowed.
    NoPermission = 77,
    /// The daemon's configuration or licence is at fault.
    Config = 78,
    /// Ended by Ctrl-C.
    Interrupted = 130,
    /// The reader of the output went away.
    BrokenPipe = 141,
}

impl ExitCode {
    /// Every code, in the order of its number.
    pub const ALL: [Self; 17] = [
        Self::Done,
        Self::NegativeAnswer,
        Self::PartialSuccess,
        Self::NotFound,
        Self::Usage,
        Self::BadData,
        Self::NoInput,
        Self::Unavailable,
        Self::Internal,
        Self::CannotCreate,
        Self::Io,
        Self::TryAgain,
        Self::Protocol,
        Self::NoPermission,
        Self::Config,
        Self::Interrupted,
        Self::BrokenPipe,
    ];

    /// The number the process exits with.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// A word for it, as `help exit-codes` and JSON show it.
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// One line for a reader.
    pub const fn meaning(self) -> &'static str {
        self.row().1
    }

    const fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::Done => ("done", "done (an empty list is 0)"),
            Self::NegativeAnswer => ("negative_answer", "negative answer: a check failed"),
            Self::PartialSuccess => ("partial_success", "partial success on several targets"),
            Self::NotFound => ("not_found", "object not found (client, listener, log handler)"),
            Self::Usage => ("usage", "wrong arguments"),
            Self::BadData => ("bad_data", "bad data (license, configuration file)"),
            Self::NoInput => ("no_input", "input file missing"),
            Self::Unavailable => ("unavailable", "daemon not reachable"),
            Self::Internal => ("internal", "internal error"),
            Self::CannotCreate => ("cannot_create", "cannot create output file"),
            Self::Io => ("io_error", "input or output error"),
            Self::TryAgain => ("try_again", "timeout, busy or still starting: try again"),
            Self::Protocol => ("protocol", "protocol or version mismatch"),
            Self::NoPermission => ("no_permission", "permission denied (socket or role)"),
            Self::Config => ("config", "daemon configuration or license problem"),
            Self::Interrupted => ("interrupted", "interrupted (SIGINT)"),
            Self::BrokenPipe => ("broken_pipe", "the reader of the output is gone (SIGPIPE)"),
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_its_names_are_distinct() {
        assert!(ExitCode::ALL.windows(2).all(|pair| pair[0] < pair[1]));
        let mut names: Vec<_> = ExitCode::ALL.iter().map(|code| code.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ExitCode::ALL.len());
    }
}
