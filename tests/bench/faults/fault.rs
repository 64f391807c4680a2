//! What breaks: each fault begins, lasts, and ends.

use std::fmt;
use std::io;
use std::time::Duration;

use emqx_tests::Random;

use crate::network::{Loss, Network};
use crate::node::Node;

/// A kind of fault, by its row in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `kill -9` of one node, started again.
    Kill,
    /// `kill -9` of all but one.
    KillMajority,
    /// `kill -9` of all.
    KillAll,
    /// SIGSTOP of one node, then SIGCONT.
    Pause,
    /// SIGSTOP of all but one.
    PauseMajority,
    /// One node reaches no other.
    Isolate,
    /// Two nodes do not reach each other; a third reaches both.
    Bridge,
    /// No node reaches any other.
    Shatter,
    /// One hears another that does not hear it.
    OneWay,
    /// Connections between one node and the others are reset.
    Reset,
    /// A third of the packets between nodes is lost.
    Lossy,
    /// One node is cut off and reached again, several times a second.
    Flap,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Kill,
        Self::KillMajority,
        Self::KillAll,
        Self::Pause,
        Self::PauseMajority,
        Self::Isolate,
        Self::Bridge,
        Self::Shatter,
        Self::OneWay,
        Self::Reset,
        Self::Lossy,
        Self::Flap,
    ];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Kill => "kill one",
            Self::KillMajority => "kill all but one",
            Self::KillAll => "kill all",
            Self::Pause => "stop one",
            Self::PauseMajority => "stop all but one",
            Self::Isolate => "isolate one",
            Self::Bridge => "cut one pair",
            Self::Shatter => "cut all pairs",
            Self::OneWay => "cut one way",
            Self::Reset => "reset links",
            Self::Lossy => "lose 30 %",
            Self::Flap => "flap",
        })
    }
}

/// One fault to come.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    pub kind: Kind,
    /// The node it is about.
    pub victim: usize,
    /// Another one.
    pub other: usize,
    pub lasts: Duration,
}

impl Fault {
    /// Any of these kinds.
    pub fn random(kinds: &[Kind], nodes: usize, random: &mut Random) -> Self {
        let victim = random.below(nodes);
        Self {
            kind: kinds[random.below(kinds.len())],
            victim,
            other: (victim + 1 + random.below(nodes - 1)) % nodes,
            // Shorter and longer than what makes a node believed dead.
            lasts: Duration::from_millis(500 + random.below(11_500) as u64),
        }
    }

    /// Breaks it, lets it last, and mends it.
    pub fn happen(&self, network: &Network, nodes: &mut [Node]) -> io::Result<()> {
        let others: Vec<usize> = (0..nodes.len()).filter(|node| *node != self.victim).collect();
        match self.kind {
            Kind::Kill => self.kill(&[self.victim], network, nodes),
            Kind::KillMajority => self.kill(&others, network, nodes),
            Kind::KillAll => self.kill(&(0..nodes.len()).collect::<Vec<_>>(), network, nodes),
            Kind::Pause => self.pause(&[self.victim], nodes),
            Kind::PauseMajority => self.pause(&others, nodes),
            Kind::Isolate => self.cut(&pairs_of(self.victim, nodes.len()), Loss::All, network),
            Kind::Bridge => self.cut(&both_ways(self.victim, self.other), Loss::All, network),
            Kind::Shatter => self.cut(&all_pairs(nodes.len()), Loss::All, network),
            Kind::OneWay => self.cut(&[(self.victim, self.other)], Loss::All, network),
            Kind::Reset => self.cut(&pairs_of(self.victim, nodes.len()), Loss::Reset, network),
            Kind::Lossy => self.cut(&all_pairs(nodes.len()), Loss::Percent(30), network),
            Kind::Flap => {
                let began = std::time::Instant::now();
                while began.elapsed() < self.lasts {
                    for (from, to) in pairs_of(self.victim, nodes.len()) {
                        network.cut(from, to, Loss::All)?;
                    }
                    std::thread::sleep(Duration::from_millis(100));
                    network.heal()?;
                    std::thread::sleep(Duration::from_millis(100));
                }
                Ok(())
            }
        }
    }

    fn kill(&self, which: &[usize], network: &Network, nodes: &mut [Node]) -> io::Result<()> {
        for node in which {
            nodes[*node].kill()?;
        }
        std::thread::sleep(self.lasts);
        for node in which {
            nodes[*node].start(network)?;
        }
        Ok(())
    }

    fn pause(&self, which: &[usize], nodes: &mut [Node]) -> io::Result<()> {
        for node in which {
            nodes[*node].set_stopped(true)?;
        }
        std::thread::sleep(self.lasts);
        for node in which {
            nodes[*node].set_stopped(false)?;
        }
        Ok(())
    }

    fn cut(&self, pairs: &[(usize, usize)], loss: Loss, network: &Network) -> io::Result<()> {
        for (from, to) in pairs {
            network.cut(*from, *to, loss)?;
        }
        std::thread::sleep(self.lasts);
        network.heal()
    }
}

fn both_ways(one: usize, other: usize) -> Vec<(usize, usize)> {
    vec![(one, other), (other, one)]
}

fn pairs_of(one: usize, nodes: usize) -> Vec<(usize, usize)> {
    let others = (0..nodes).filter(|other| *other != one);
    others.flat_map(|other| both_ways(one, other)).collect()
}

fn all_pairs(nodes: usize) -> Vec<(usize, usize)> {
    let pairs = (0..nodes).flat_map(|from| (0..nodes).map(move |to| (from, to)));
    pairs.filter(|(from, to)| from != to).collect()
}
