//! Records of one direction, kept for somebody who joins them: `beholden.schema.traffic.FLOW`, column by column.

use std::collections::HashMap;

use crate::address::MAPPED;

/// Networks are few; a hostile log could invent many. `beholden.scan.traffic.rows` has the same bound.
const MAX_INTERFACES: usize = 200_000;

/// What a contact amounts to: `beholden.schema.traffic.Verdict`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named and explained in `beholden.schema.traffic`")]
pub enum Verdict {
    Sent = 0,
    LikelySent = 1,
    Attempted = 2,
    Answered = 3,
    LikelyAnswered = 4,
}

/// The columns of FLOW, in its order.
#[derive(Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "named and explained in `beholden.schema.traffic`")]
pub struct Flows {
    pub line: Vec<i64>,
    pub source: Vec<u128>,
    pub target: Vec<u128>,
    pub source_side: Vec<u8>,
    pub target_side: Vec<u8>,
    pub source_port: Vec<i32>,
    pub target_port: Vec<i32>,
    pub protocol: Vec<i32>,
    pub packets: Vec<i64>,
    pub bytes: Vec<i64>,
    pub start: Vec<i64>,
    pub end: Vec<i64>,
    pub is_accepted: Vec<Option<bool>>,
    pub flags: Vec<u8>,
    pub outwards: Vec<i8>,
    pub is_between: Vec<bool>,
    pub interface: Texts,
    pub account: Texts,
    pub at_interface: Vec<Option<(u128, u128)>>,
}

/// Short texts one after the other; nothing where the record has none.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Texts {
    bytes: Vec<u8>,
    ends: Vec<Option<(usize, usize)>>,
}

impl Texts {
    /// Add one; `-` is none.
    pub fn push(&mut self, text: &[u8]) {
        if text.is_empty() || text == b"-" {
            self.ends.push(None);
        } else {
            let start = self.bytes.len();
            self.bytes.extend_from_slice(text);
            self.ends.push(Some((start, self.bytes.len())));
        }
    }

    /// The texts; bytes that are no UTF-8 become U+FFFD, as the reader of lines has it.
    pub fn iter(&self) -> impl Iterator<Item = Option<std::borrow::Cow<'_, str>>> {
        self.ends
            .iter()
            .map(|ends| ends.map(|(start, end)| String::from_utf8_lossy(&self.bytes[start..end])))
    }
}

/// What all records of an interface have in common.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Interfaces {
    of: HashMap<(Option<Vec<u8>>, bool), Vec<u128>>,
    all: Option<Vec<u128>>,
}

impl Interfaces {
    /// Take the two addresses of a record as the interface printed them.
    pub fn learn(&mut self, interface: &[u8], source: u128, target: u128) {
        let pair = [source.min(target), source.max(target)];
        match &mut self.all {
            Some(known) => known.retain(|address| pair.contains(address)),
            None => self.all = Some(distinct(pair)),
        }
        let name = (interface != b"-" && !interface.is_empty()).then(|| interface.to_vec());
        let key = (name, source >> 32 != MAPPED >> 32);
        if let Some(known) = self.of.get_mut(&key) {
            known.retain(|address| pair.contains(address));
        } else if self.of.len() < MAX_INTERFACES {
            self.of.insert(key, distinct(pair));
        }
    }

    /// Interface, whether IPv6 (nothing: all records together), and the addresses that its records have in common.
    pub fn iter(&self) -> impl Iterator<Item = (Option<&[u8]>, Option<bool>, &[u128])> {
        let each = self
            .of
            .iter()
            .map(|((name, is_v6), found)| (name.as_deref(), Some(*is_v6), found.as_slice()));
        each.chain(self.all.iter().map(|found| (None, None, found.as_slice())))
    }
}

fn distinct(pair: [u128; 2]) -> Vec<u128> {
    if pair[0] == pair[1] {
        vec![pair[0]]
    } else {
        pair.to_vec()
    }
}
