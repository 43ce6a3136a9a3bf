//! The report: every figure with its spread, every ratio with its target.

use crate::{numbers::Spread, tally::Totals};

/// The target of a figure.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    AtMost {
        target: f64,
        stretch: f64,
    },
    AtLeast {
        target: f64,
        stretch: f64,
    },
    /// No target.
    None,
}

impl Target {
    fn says(self, value: f64) -> String {
        // NaN fails all comparisons, and so meets no target.
        let (meets, stretches, sign, target, stretch) = match self {
            Self::AtMost { target, stretch } => (value <= target, value <= stretch, "≤", target, stretch),
            Self::AtLeast { target, stretch } => (value >= target, value >= stretch, "≥", target, stretch),
            Self::None => return String::new(),
        };
        let verdict = if stretches {
            "meets stretch"
        } else if meets {
            "meets"
        } else {
            "MISSES"
        };
        let stretch =
            if (stretch - target).abs() < f64::EPSILON { String::new() } else { format!(" (stretch {stretch})") };
        format!("{sign} {target}{stretch} | {verdict}")
    }
}

/// One line of figures: a label, and one value for each run.
#[derive(Clone, Debug)]
pub struct Row {
    pub what: String,
    pub unit: &'static str,
    pub values: Vec<f64>,
    pub target: Target,
}

/// All measurements so far.
#[derive(Debug, Default)]
pub struct Report {
    rows: Vec<Row>,
    pub totals: Totals,
}

impl Report {
    /// Prints a heading at once.
    pub fn heading(text: &str) {
        println!("\n== {text}");
        println!("   {:<58} {:>10}  {:<21} target", "", "median", "min – max");
    }

    /// Prints a figure, and keeps it for the end if it has a target.
    pub fn row(&mut self, what: impl Into<String>, unit: &'static str, values: &[f64], target: Target) {
        let row = Row { what: what.into(), unit, values: values.to_vec(), target };
        println!("   {}", line(&row));
        if !matches!(target, Target::None) {
            self.rows.push(row);
        }
    }

    /// Prints the ratio of two figures of the same run.
    pub fn ratio(&mut self, what: impl Into<String>, above: &[f64], below: &[f64], target: Target) {
        let values: Vec<_> = above.iter().zip(below).map(|(above, below)| above / below).collect();
        self.row(what, "×", &values, target);
    }

    /// Prints the table of targets, if something was measured.
    pub fn print(&self) {
        if self.rows.is_empty() && self.totals == Totals::default() {
            return;
        }
        println!("\n== Targets (medians of the runs; each ratio is computed within a run)");
        for row in &self.rows {
            println!("   {}", line(row));
        }
        let Totals { deliveries, pongs, missing, duplicate, late, foreign, stale, unanswered, broken, why } =
            &self.totals;
        let verdict = match (deliveries + pongs, self.totals.faults()) {
            (0, 0) => "nothing was checked",
            (_, 0) => "meets stretch",
            _ => "MISSES",
        };
        println!(
            "   of {deliveries} deliveries and {pongs} pongs checked: {missing} missing, {duplicate} duplicate, {late} late, \
             {foreign} foreign, {stale} stale at the end, {unanswered} pings unanswered, {broken} broken | 0 | {verdict}"
        );
        if let Some(why) = why {
            println!("   the first broken delivery: {why}");
        }
    }
}

fn line(row: &Row) -> String {
    let Some(Spread { median, min, max }) = Spread::of(&row.values) else {
        return format!("{:<58} no figure", row.what);
    };
    let spread = format!("{} – {}", figure(min), figure(max));
    let what = format!("{} [{}]", row.what, row.unit);
    format!("{what:<58} {:>10}  {spread:<21} {}", figure(median), row.target.says(median)).trim_end().to_owned()
}

/// Three significant digits.
fn figure(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_met_from_the_right_side() {
        let most = Target::AtMost { target: 1.25, stretch: 1.1 };
        let least = Target::AtLeast { target: 0.8, stretch: 0.95 };
        assert!(most.says(1.1).ends_with("meets stretch"));
        assert!(most.says(1.25).ends_with("| meets"));
        assert!(most.says(1.26).ends_with("MISSES"));
        assert!(most.says(f64::NAN).ends_with("MISSES"));
        assert!(least.says(0.96).ends_with("meets stretch"));
        assert!(least.says(0.8).ends_with("| meets"));
        assert!(least.says(0.79).ends_with("MISSES"));
        assert!(least.says(f64::NAN).ends_with("MISSES"));
    }
}
