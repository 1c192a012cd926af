//! Toy contracts through the composed service, as a caller sees it.

mod bounds;
mod descriptions;
mod exclusive;
mod hostile;
mod misses;
mod sharing;
mod socket;
mod spelling;
mod toys;
mod traffic;
mod wire;
