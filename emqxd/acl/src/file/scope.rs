//! What a rule is about: actions with their options, and topics.

use super::terms::{at, list, text, word, wrong};
use crate::ActionSet;
use crate::erlang::{Kind, SyntaxError, Term};
use crate::rule::Topics;
use crate::topic_pattern::TopicPattern;

const TOPIC_FORMS: &str = "topics are `\"a/+/b\"` or `{eq, \"a/#\"}`, in a list, or `all`";

/// `publish`, or `{publish, [{qos, 1}, {retain, true}]}`.
pub(super) fn actions(term: &Term) -> Result<ActionSet, SyntaxError> {
    const HINT: &str = "write `publish`, `subscribe` or `all`, or `{publish, [{qos, [0, 1]}, {retain, true}]}`";
    let unknown = |term: &Term| wrong(term, "`publish`, `subscribe` or `all`", HINT);
    let parse = |term: &Term| {
        word(term)
            .and_then(|word| word.parse::<ActionSet>().ok())
            .ok_or_else(|| unknown(term))
    };
    let Kind::Tuple(parts) = &term.kind else {
        return parse(term);
    };
    let [kind, options] = &**parts else {
        return Err(unknown(term));
    };
    let set = parse(kind)?;
    let mut levels: Option<Vec<u8>> = None;
    let mut retain = None;
    for option in list(options, "a list of options")? {
        match &option.kind {
            Kind::Tuple(pair) => match &**pair {
                [name, value] if word(name) == Some("qos") => {
                    levels.get_or_insert_default().extend(qos_levels(value)?);
                }
                [name, value] if word(name) == Some("retain") && retain.is_none() && set.may_publish() => {
                    retain = Some(match word(value) {
                        Some("true") => Some(true),
                        Some("false") => Some(false),
                        Some("all") => None,
                        _ => return Err(wrong(value, "`true`, `false` or `all`", HINT)),
                    });
                }
                _ => {
                    return Err(wrong(
                        option,
                        "one `{qos, ..}` or one `{retain, ..}` of `publish`",
                        HINT,
                    ));
                }
            },
            _ => return Err(wrong(option, "`{qos, ..}` or `{retain, ..}`", HINT)),
        }
    }
    let set = match levels {
        Some(levels) => set.with_qos(&levels).map_err(at(options))?,
        None => set,
    };
    Ok(match retain.flatten() {
        Some(retain) => set.with_retain(retain),
        None => set,
    })
}

fn qos_levels(term: &Term) -> Result<Vec<u8>, SyntaxError> {
    let one = |term: &Term| match term.kind {
        Kind::Integer(level @ 0..=2) => Ok(level as u8),
        _ => Err(wrong(term, "a QoS of 0, 1 or 2", "write `{qos, 1}` or `{qos, [0, 1]}`")),
    };
    match &term.kind {
        Kind::List(levels) => levels.iter().map(one).collect(),
        _ => one(term).map(|level| vec![level]),
    }
}

pub(super) fn topics(term: &Term) -> Result<Topics, SyntaxError> {
    match &term.kind {
        Kind::Atom(word) if word == "all" => Ok(Topics::All),
        Kind::List(patterns) => patterns.iter().map(topic).collect::<Result<_, _>>().map(Topics::Listed),
        // EMQX 4 takes one topic without a list.
        Kind::Text(_) | Kind::Tuple(_) => Ok(Topics::Listed([topic(term)?].into())),
        _ => Err(wrong(term, "topics", TOPIC_FORMS)),
    }
}

fn topic(term: &Term) -> Result<TopicPattern, SyntaxError> {
    match &term.kind {
        Kind::Text(text) => TopicPattern::parse(text).map_err(at(term)),
        Kind::Tuple(parts) => match &**parts {
            [kind, exact] if word(kind) == Some("eq") => {
                let text = text(exact).ok_or_else(|| wrong(exact, "a topic", TOPIC_FORMS))?;
                TopicPattern::exact(text).map_err(at(exact))
            }
            _ => Err(wrong(term, "a topic", TOPIC_FORMS)),
        },
        _ => Err(wrong(term, "a topic", TOPIC_FORMS)),
    }
}
