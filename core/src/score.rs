//! From findings to grades. The sum is exact: every point that is missing names the finding that took it.

use crate::rules::Category;

/// A target's score.
#[derive(Clone, Debug, Default)]
pub struct Score {
    /// 0 to 100.
    pub total: u8,
    /// A to F.
    pub grade: char,
    /// By category, only those in which something could be checked.
    pub categories: Vec<CategoryScore>,
}

/// The score of one category.
#[derive(Clone, Debug)]
pub struct CategoryScore {
    /// The category.
    pub category: Category,
    /// 0 to 100.
    pub score: u8,
    /// Its share of the total, in percent; the shares of all categories sum to 100.
    pub weight: u8,
    /// What took points, worst first: rule name, how many findings, points taken from this category (rounded to tenths, times ten).
    pub deductions: Vec<Deduction>,
}

/// Points taken by the findings of one rule.
#[derive(Clone, Debug)]
pub struct Deduction {
    /// The rule.
    pub rule: &'static str,
    /// How many of its findings count.
    pub findings: u32,
    /// Tenths of a point of the category's 100.
    pub tenths: u32,
}
