//! The bounds of a session's length.

/// Shortest session that SageMaker grants, in seconds.
pub const SHORTEST_SESSION: u32 = 1800;

/// Longest session that SageMaker grants, in seconds.
pub const LONGEST_SESSION: u32 = 43_200;
