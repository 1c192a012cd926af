//! How fast each kernel is, beside other implementations, with every processor busy.
//!
//! `cargo run --release -p argon2id --example compare [SECONDS [ROUNDS [THREADS]]]`: hashes of 19 MiB and two
//! passes, as many as fit into SECONDS (default 1), by each contestant in turn, ROUNDS times (default 5), on
//! THREADS at once (default 2). Printed are medians, and their ratios to RustCrypto 0.5 with fresh memory.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "an example")]

use std::{
    env, thread,
    time::{Duration, Instant},
};

use argon2id::{Input, Kernel, Memory, Pages, Parameters, hash_by};

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const SALT: &[u8; 16] = b"sixteen byte slt";

/// Makes what one thread calls again and again.
type Contestant = Box<dyn Fn() -> Box<dyn FnMut(&mut [u8; 32])> + Sync>;

fn ours(kernel: Kernel, pages: Pages) -> Contestant {
    Box::new(move || {
        let parameters = Parameters::new(MEMORY_KIB, PASSES, 1).unwrap();
        let mut memory = Memory::in_pages(parameters.blocks(), pages).unwrap();
        Box::new(move |tag| {
            hash_by(kernel, &parameters, &Input::new(b"password", SALT), &mut memory, tag).unwrap();
        })
    })
}

/// The cost of resting between any two hashes.
fn rested() -> Contestant {
    Box::new(|| {
        let parameters = Parameters::new(MEMORY_KIB, PASSES, 1).unwrap();
        let mut memory = Memory::new(parameters.blocks()).unwrap();
        Box::new(move |tag| {
            argon2id::hash(&parameters, &Input::new(b"password", SALT), &mut memory, tag).unwrap();
            memory.rest();
        })
    })
}

fn rustcrypto_06_reused() -> Contestant {
    Box::new(|| {
        use argon2::{Algorithm, Argon2, Block, Params, Version};
        let parameters = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap();
        let mut memory = vec![Block::new(); parameters.block_count()];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
        Box::new(move |tag| {
            argon2.hash_password_into_with_memory(b"password", SALT, tag, &mut memory).unwrap();
        })
    })
}

fn rustcrypto_05_fresh() -> Contestant {
    Box::new(|| {
        use argon2_05::{Algorithm, Argon2, Params, Version};
        let parameters = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
        Box::new(move |tag| argon2.hash_password_into(b"password", SALT, tag).unwrap())
    })
}

/// Hashes a second on all threads together. Each has computed one before the clock starts.
fn rate(contestant: &Contestant, threads: usize, time: Duration) -> f64 {
    let rates = thread::scope(|scope| {
        let one = || {
            let (mut hash, mut tag) = (contestant(), [0; 32]);
            hash(&mut tag);
            let (started, mut count) = (Instant::now(), 0u32);
            while started.elapsed() < time {
                hash(&mut tag);
                count += 1;
            }
            f64::from(count) / started.elapsed().as_secs_f64()
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    rates.iter().sum()
}

fn main() {
    let mut arguments = env::args().skip(1);
    let mut number = |default: f64| arguments.next().map_or(default, |text| text.parse().unwrap());
    let (seconds, rounds, threads) = (number(1.0), number(5.0) as usize, number(2.0) as usize);
    let mut contestants: Vec<(String, Contestant)> = vec![
        ("RustCrypto 0.5, fresh memory".to_owned(), rustcrypto_05_fresh()),
        ("RustCrypto 0.6, memory reused".to_owned(), rustcrypto_06_reused()),
    ];
    for kernel in Kernel::available() {
        for pages in [Pages::Huge, Pages::Ordinary] {
            contestants.push((format!("{kernel:?}, {pages:?}"), ours(kernel, pages)));
        }
    }
    contestants.push(("fastest, rested after each".to_owned(), rested()));
    let mut rates = vec![Vec::new(); contestants.len()];
    for _ in 0..rounds {
        for ((_, contestant), rates) in contestants.iter().zip(&mut rates) {
            rates.push(rate(contestant, threads, Duration::from_secs_f64(seconds)));
        }
    }
    let median = |rates: &mut Vec<f64>| {
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    };
    let first = median(&mut rates[0]);
    for ((name, _), rates) in contestants.iter().zip(&mut rates) {
        let (least, most) =
            (rates.iter().fold(f64::MAX, |a, b| a.min(*b)), rates.iter().fold(0f64, |a, b| a.max(*b)));
        let median = median(rates);
        println!("{name:40} {median:7.1} hashes/s ({least:.1} to {most:.1})  {:5.2}", median / first);
    }
}
