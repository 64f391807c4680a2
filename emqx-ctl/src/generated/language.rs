//! The two languages of the manual: headings, the words between what the program says of itself, and its help texts in
//! Chinese.
//!
//! A help text that has no Chinese yet stands in the page in English; a translation whose text is gone is an error.

use std::path::Path;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, Command};
use emqx_shared::ExitCode;
use emqx_shared::catalogue::{self, Language};

use super::markup::BREAKS;

/// What stands between the generated parts.
pub struct Words {
    pub language: Language,
    /// Below `man/`, and below the folder of the hand-written parts.
    pub folder: &'static str,
    pub manual: &'static str,
    pub also_called: [&'static str; 2],
    pub explained_in: [&'static str; 2],
    pub look: &'static str,
    pub change: &'static str,
    pub no_role: &'static str,
    pub more_codes: &'static str,
    pub full_stop: &'static str,
    pub comma: &'static str,
}

pub const ENGLISH: Words = Words {
    language: Language::English,
    folder: "",
    manual: "EMQX operation",
    also_called: ["Also called ", "."],
    explained_in: [
        "They stand before or after the name of a command, and are explained in emqx-ctl(1): ",
        ".",
    ],
    look: "With the role read-only: ",
    change: "With the role admin, each use with a line in the audit log: ",
    no_role: "No role of the control socket is needed.",
    more_codes: "emqx-ctl(1) has the whole list and says who has which role.",
    full_stop: ".",
    comma: ", ",
};

pub const CHINESE: Words = Words {
    language: Language::Chinese,
    folder: "zh_CN/",
    manual: "EMQX 运维手册",
    also_called: ["别名：", "。"],
    explained_in: ["可写在命令名之前或之后，说明见 emqx-ctl(1)：", "。"],
    look: "只读（read-only）角色可用：",
    change: "需要管理员（admin）角色，每次使用都会写入审计日志：",
    no_role: "不需要控制套接字的任何角色。",
    more_codes: "完整列表以及角色的划分见 emqx-ctl(1)。",
    full_stop: "。",
    comma: "、",
};

/// The headings of the manual in Chinese.
const HEADINGS: [(&str, &str); 18] = [
    ("NAME", "名称"),
    ("SYNOPSIS", "概要"),
    ("DESCRIPTION", "描述"),
    ("OPTIONS", "选项"),
    ("OPTIONS OF EVERY COMMAND", "通用选项"),
    ("COMMANDS", "命令"),
    ("EXIT STATUS", "退出状态"),
    ("ENVIRONMENT", "环境变量"),
    ("FILES", "文件"),
    ("SECURITY", "安全"),
    ("NOTES", "注意"),
    ("EXAMPLES", "示例"),
    ("SIGNALS", "信号"),
    ("REASONS", "断开原因"),
    ("SEE ALSO", "参见"),
    ("LICENCES", "许可证"),
    ("FOLLOWING", "跟踪的记录"),
    ("SYSTEMD", "SYSTEMD"),
];

/// What clap and clap_mangen write by themselves.
const FIXED: [(&str, &str); 8] = [
    ("\\fIPossible values:\\fR", "可选值："),
    ("Possible values:", "可选值："),
    ("[possible values: ", "[可选值："),
    ("[default: ", "[默认："),
    ("[OPTIONS]", "[选项]"),
    ("<COMMAND>", "<命令>"),
    ("[COMMAND]", "[命令]"),
    ("\\fIcommand\\fR", "\\fI命令\\fR"),
];

impl Words {
    pub fn is_chinese(&self) -> bool {
        self.language == Language::Chinese
    }

    pub fn heading(&self, english: &str) -> String {
        let found = HEADINGS
            .iter()
            .find(|(heading, _)| self.is_chinese() && *heading == english);
        found.map_or(english, |(_, chinese)| chinese).to_owned()
    }

    /// What was generated from a translated command, without its last English words.
    pub fn generated(&self, roff: String) -> String {
        if !self.is_chinese() {
            return roff;
        }
        let roff = FIXED
            .iter()
            .fold(roff, |roff, (english, chinese)| roff.replace(english, chinese));
        // Where a line may end, see `markup::escape`; what was escaped already has that.
        let broken = BREAKS
            .iter()
            .fold(roff, |roff, mark| roff.replace(*mark, &format!("{mark}\\:")));
        broken.replace("\\:\\:", "\\:")
    }

    /// The meaning of an exit code.
    pub fn exit_code(&self, code: ExitCode) -> String {
        if !self.is_chinese() {
            return code.meaning().to_owned();
        }
        let term = format!("exit-{}", code.number());
        let entry = catalogue::all().find(|entry| entry.term == term);
        entry
            .map_or(code.meaning(), |entry| entry.text(Language::Chinese).title)
            .to_owned()
    }

    /// The program with its help texts in this language.
    pub fn program(&self, program: Command) -> Command {
        match self.is_chinese() {
            true => translated(program, &phrases()),
            false => program,
        }
    }
}

/// The help texts in Chinese, one `English = Chinese` a line; remarks begin with `#`.
pub fn phrases() -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/generated/zh_CN/phrases.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let phrase = |line: &str| {
        let (english, chinese) = line.split_once(" = ").unwrap_or_else(|| panic!("no ` = ` in: {line}"));
        (english.to_owned(), chinese.to_owned())
    };
    lines.map(phrase).collect()
}

fn translated(command: Command, phrases: &[(String, String)]) -> Command {
    let mut command = command;
    if let Some(about) = command.get_about().map(ToString::to_string) {
        command = command.about(said(&about, phrases));
    }
    if let Some(about) = command.get_long_about().map(ToString::to_string) {
        command = command.long_about(said(&about, phrases));
    }
    let names: Vec<String> = command
        .get_subcommands()
        .map(|below| below.get_name().to_owned())
        .collect();
    command = command.mut_args(|argument| translated_argument(argument, phrases));
    for name in names {
        command = command.mut_subcommand(name, |below| translated(below, phrases));
    }
    command
}

fn translated_argument(argument: Arg, phrases: &[(String, String)]) -> Arg {
    let heading = argument.get_help_heading().map(str::to_owned);
    let mut argument = argument;
    if let Some(help) = argument.get_help().map(ToString::to_string) {
        argument = argument.help(said(&help, phrases));
    }
    if let Some(help) = argument.get_long_help().map(ToString::to_string) {
        argument = argument.long_help(said(&help, phrases));
    }
    if heading.as_deref() == Some("Options of every command") {
        argument = argument.help_heading("通用选项");
    }
    let values = argument.get_possible_values();
    if argument.get_action().takes_values() && !values.is_empty() {
        let values = values
            .into_iter()
            .map(|value| match value.get_help().map(ToString::to_string) {
                Some(help) => value.help(said(&help, phrases)),
                None => value,
            });
        let values: Vec<PossibleValue> = values.collect();
        argument = argument.value_parser(PossibleValuesParser::new(values));
    }
    argument
}

fn said(english: &str, phrases: &[(String, String)]) -> String {
    let one_line = english.split_whitespace().collect::<Vec<_>>().join(" ");
    let found = phrases.iter().find(|(phrase, _)| *phrase == one_line);
    found.map_or(english, |(_, chinese)| chinese).to_owned()
}

/// Every help text of these commands and what is below them.
pub fn texts_of(command: &Command, out: &mut Vec<String>) {
    let mut add = |text: Option<String>| {
        if let Some(text) = text.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")) {
            out.push(text);
        }
    };
    add(command.get_about().map(ToString::to_string));
    add(command.get_long_about().map(ToString::to_string));
    for argument in command.get_arguments() {
        add(argument.get_help().map(ToString::to_string));
        add(argument.get_long_help().map(ToString::to_string));
        for value in argument.get_possible_values() {
            add(value.get_help().map(ToString::to_string));
        }
    }
    for below in command.get_subcommands() {
        texts_of(below, out);
    }
}
