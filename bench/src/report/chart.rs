//! A bar for each comparison: how many times its floor it is, with its goal.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::Problem;
use crate::results::{Comparison, Goal, Outcome, Verdict};

const WIDTH: i32 = 860;
/// The place of a bar, its caption above it.
const ROW: i32 = 46;
const BAR: i32 = 16;
const MARGIN: i32 = 16;
/// Where bars begin and end.
const LEFT: i32 = MARGIN;
const RIGHT: i32 = WIDTH - 80;
/// On dark pages too.
const GREY: RGBColor = RGBColor(128, 128, 128);
const GOOD: RGBColor = RGBColor(46, 125, 90);
const BAD: RGBColor = RGBColor(190, 70, 60);
const NEUTRAL: RGBColor = RGBColor(70, 110, 170);

/// The comparisons that a picture shows.
pub(super) fn shown(outcome: &Outcome) -> impl Iterator<Item = (&Comparison, f64)> {
    outcome.comparisons.iter().filter_map(|one| Some((one, one.times().filter(|times| times.is_finite())?)))
}

/// The picture, if there is anything to compare.
pub(super) fn of(outcome: &Outcome) -> Result<Option<String>, Problem> {
    let bars: Vec<_> = shown(outcome).collect();
    let longest = bars.iter().map(|(one, times)| times.max(goal(one).unwrap_or(0.0))).fold(1.0, f64::max);
    if bars.is_empty() {
        return Ok(None);
    }
    let height = i32::try_from(bars.len())? * ROW + 2 * MARGIN;
    let mut svg = String::new();
    {
        let size = (u32::try_from(WIDTH)?, u32::try_from(height)?);
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let place = |times: f64| LEFT + pixels(f64::from(RIGHT - LEFT) * times / longest);
        let style = |size: i32| ("sans-serif", size).into_font().color(&GREY);
        let middle = Pos::new(HPos::Left, VPos::Center);
        for (number, (one, times)) in (0..).zip(&bars) {
            let top = MARGIN + number * ROW;
            let (bar, end) = (top + 20, top + 20 + BAR);
            let color = match one.verdict(outcome.others) {
                Verdict::Reached => GOOD,
                Verdict::Missed => BAD,
                Verdict::Disturbed | Verdict::Implausible | Verdict::None => NEUTRAL,
            };
            let floor = one.floor.as_ref().map_or("", |floor| floor.name.as_str());
            let caption = format!("{}, beside {floor}", one.name);
            area.draw(&Text::new(caption, (LEFT, top + 8), style(14).pos(middle)))?;
            area.draw(&Rectangle::new([(LEFT, bar), (place(*times), end)], color.filled()))?;
            let value = format!("{times:.2}");
            area.draw(&Text::new(value, (place(*times) + 6, bar + BAR / 2), style(13).pos(middle)))?;
            if let Some(goal) = goal(one) {
                let line = vec![(place(goal), bar - 3), (place(goal), end + 3)];
                area.draw(&PathElement::new(line, GREY.stroke_width(2)))?;
            }
        }
        let unit = vec![(place(1.0), MARGIN), (place(1.0), height - MARGIN)];
        area.draw(&PathElement::new(unit, GREY.mix(0.4).stroke_width(1)))?;
        area.present()?;
    }
    Ok(Some(svg))
}

/// The goal as a ratio, where it is one.
fn goal(comparison: &Comparison) -> Option<f64> {
    let floor = comparison.floor_median()?;
    Some(match comparison.goal? {
        Goal::TimesAtLeast(times) | Goal::TimesAtMost(times) => times,
        Goal::MoreAtMost(more) => (floor + more) / floor,
        Goal::AtMost(most) => most / floor,
    })
}

#[expect(clippy::cast_possible_truncation, clippy::as_conversions, reason = "a place in a picture is small")]
fn pixels(length: f64) -> i32 {
    length.round() as i32
}
