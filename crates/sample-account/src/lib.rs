//! A simulated AWS account behind the real AWS wire protocols.
