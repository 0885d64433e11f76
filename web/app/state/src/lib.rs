//! The page's logic without the page.
