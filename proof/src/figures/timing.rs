//! S4: whether time tells who has an account, and how it stands.

mod contrasts;

use std::time::Instant;

use defects::Defect;
use harness::http::{Answer, Client, Request};

use crate::Problem;
use crate::compare::{Chance, Compared};
use crate::figure::{BOTH, Control, Counted, Figure, Measure, Outcome};
use crate::stage::Stage;
use crate::stats::count;
use contrasts::Stand;

pub(crate) const FIGURE: Figure = Figure {
    id: "S4",
    title: "timing of known and unknown accounts",
    goal: "a half within the confidence interval of the area under the curve for every contrast; the area within 0.01 \
           of a half, the medians within 0.5 % of each other",
    about: "Two kinds of requests on one connection, one after the other, in an order that a coin decides: nothing \
            that the machine does meanwhile meets only one of them, and what a request leaves to be done meets both \
            alike. A wrong password of an ordinary account is compared with an unknown name (all four contracts), the \
            right password of a disabled account and of one with a second factor where that cannot be asked for, and \
            a wrong password of an unconfirmed one; being held up, of an account with a hundred sessions elsewhere \
            with being held up of an unknown name; a reset or another confirmation for a known address with one for \
            an unknown, a disabled, an unconfirmed or a confirmed one; an unknown invite code with a used one. \
            Answers of both kinds must be equal too. The area under the curve is how often one of the second kind \
            takes longer than one of the first; its interval, of 99.9 %, is bootstrapped by blocks. A contrast that \
            looks different is measured again up to three times, and judged by all of it together. A full run hashes \
            passwords at the default cost; a small one next to not at all (its controls at 4 MiB), which shows \
            differences in the rest more clearly, and fails only where the area is surely beyond 0.45 to 0.55.",
    trials: "contrasts",
    small: 150,
    full: 10_000,
    engines: BOTH,
    run,
    controls: &[
        Control { defect: Defect::DecoyLeftOut, engines: BOTH, within: 150 },
        Control { defect: Defect::KnownSlower, engines: BOTH, within: 150 },
        Control { defect: Defect::MailBeforeAnswer, engines: BOTH, within: 150 },
    ],
};

/// The most that a small run lets pass, and a full one.
const MARGIN_SMALL: f64 = 0.05;
const AREA: f64 = 0.01;
const MEDIANS: f64 = 0.005;
/// How often a contrast is measured at most.
const AGAIN: usize = 4;

/// Two kinds of requests that must not be told apart.
#[derive(Clone)]
struct Contrast {
    what: &'static str,
    requests: [Request; 2],
    status: u16,
}

/// Times in microseconds of both kinds, and what was not alike.
#[derive(Default)]
struct Times {
    kinds: [Vec<f64>; 2],
    broken: Vec<String>,
    compared: Option<Compared>,
}

fn run(stage: &Stage) -> Result<Outcome, Problem> {
    let judge = Judge { full: stage.trials >= FIGURE.full, control: stage.is_control() };
    let mut chance = Chance::seeded(4);
    let mut counted = Counted::default();
    let (mut area, mut medians) = (Furthest::default(), Furthest::default());
    for stand in Stand::all(stage, judge.full)? {
        let mut measured: Vec<(&Contrast, Times)> =
            stand.contrasts.iter().map(|contrast| (contrast, Times::default())).collect();
        measure(&stand, &mut measured, stage, judge, &mut chance)?;
        for (contrast, times) in measured {
            let Some(compared) = times.compared else { continue };
            area.note(contrast.what, compared.apart());
            medians.note(contrast.what, compared.medians * 100.0);
            let mut broken = times.broken;
            broken.extend(judge.told_apart(compared).then(|| told_apart(contrast, compared)));
            counted.trial(broken);
        }
        if !stage.goes_on(counted.failures) {
            break;
        }
    }
    let pairs = Measure::of("at least", count(stage.trials), "pairs for each");
    let area = area.measure("area furthest from a half", "");
    let medians = medians.measure("medians furthest apart", "%");
    let (area, medians) = match judge.full {
        true => (area.at_most(AREA), medians.at_most(MEDIANS * 100.0)),
        false => (area, medians),
    };
    Ok(Outcome::Counted(counted.measured(pairs).measured(area).measured(medians)))
}

/// Measures everything once, and then again what there are doubts about.
fn measure(
    stand: &Stand,
    measured: &mut [(&Contrast, Times)],
    stage: &Stage,
    judge: Judge,
    chance: &mut Chance,
) -> Result<(), Problem> {
    let mut client = stand.server.client();
    for _ in 0..AGAIN {
        for (contrast, times) in measured.iter_mut() {
            if times.compared.is_some_and(|compared| !judge.doubts(compared)) {
                continue;
            }
            times.more(&mut client, contrast, stage.trials, chance)?;
            let compared = Compared::of(&times.kinds[0], &times.kinds[1], chance);
            times.compared = Some(compared);
            if !stage.goes_on(u64::from(judge.told_apart(compared))) {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn told_apart(contrast: &Contrast, compared: Compared) -> String {
    let Compared { auc, low, high, medians } = compared;
    let apart = medians * 100.0;
    format!("{}: area {auc:.3} ({low:.3} to {high:.3}), medians {apart:.1} % apart", contrast.what)
}

/// The largest of a number of each contrast.
#[derive(Default)]
struct Furthest {
    what: &'static str,
    value: f64,
}

impl Furthest {
    fn note(&mut self, what: &'static str, value: f64) {
        if value > self.value {
            *self = Self { what, value };
        }
    }

    fn measure(&self, name: &str, unit: &str) -> Measure {
        Measure::of(&format!("{name} ({})", self.what), self.value, unit).timed()
    }
}

/// What counts as different.
#[derive(Clone, Copy)]
struct Judge {
    full: bool,
    control: bool,
}

impl Judge {
    fn told_apart(self, compared: Compared) -> bool {
        compared.surely_beyond(if self.full { 0.0 } else { MARGIN_SMALL })
    }

    /// Whether it is worth a closer look. One that looks for a mistake never stops looking.
    fn doubts(self, compared: Compared) -> bool {
        let beyond = compared.apart() > AREA || compared.medians > MEDIANS;
        self.control || self.told_apart(compared) || (self.full && beyond)
    }
}

impl Times {
    /// Measures so many more of each kind.
    fn more(
        &mut self,
        client: &mut Client,
        contrast: &Contrast,
        pairs: usize,
        chance: &mut Chance,
    ) -> Result<(), Problem> {
        let host = client.address().to_string();
        let bytes = contrast.requests.each_ref().map(|request| request.to_bytes(&host));
        if bytes[0].len() != bytes[1].len() {
            return Err(format!("{}: the requests differ in length", contrast.what).into());
        }
        let enough = self.kinds[0].len() + pairs;
        let mut newest: [Option<Answer>; 2] = [None, None];
        while let Some(kind) = self.next(enough, chance) {
            let began = Instant::now();
            let answer = client.send_bytes(&bytes[kind], &contrast.requests[kind].method)?;
            self.kinds[kind].push(began.elapsed().as_secs_f64() * 1e6);
            newest[kind] = Some(answer);
        }
        let [first, second] =
            newest.map(|answer| answer.map(|answer| (answer.status, answer.body.len())).unwrap_or_default());
        if first != second || first.0 != contrast.status {
            self.broken.push(format!("{}: answers are not alike: {first:?}, {second:?}", contrast.what));
        }
        Ok(())
    }

    /// Which kind is next, by the toss of a coin while there is a choice; none when there is enough of both.
    fn next(&self, enough: usize, chance: &mut Chance) -> Option<usize> {
        let wanted = |kind: &usize| self.kinds[*kind].len() < enough;
        let wanted: Vec<usize> = (0..2).filter(wanted).collect();
        wanted.get(chance.below(wanted.len())).copied()
    }
}
