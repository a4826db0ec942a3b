//! Rows that grow in number without being moved: what is moved is touched twice, and what is new the system zeroes first.

use std::ops::{Index, IndexMut};

const ROWS: usize = 1024;

/// Rows in pages of equal length.
#[derive(Debug, Clone)]
pub struct Pages<T> {
    pages: Vec<Vec<T>>,
}

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Self { pages: Vec::new() }
    }
}

impl<T> Pages<T> {
    /// Add a row; its number.
    pub fn push(&mut self, row: T) -> usize {
        let before = self.len();
        match self.pages.last_mut() {
            Some(page) if page.len() < ROWS => page.push(row),
            _ => {
                let mut page = Vec::with_capacity(ROWS);
                page.push(row);
                self.pages.push(page);
            }
        }
        before
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self.pages.split_last() {
            Some((last, full)) => full.len() * ROWS + last.len(),
            None => 0,
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// A row by its number.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&T> {
        self.pages.get(row / ROWS)?.get(row % ROWS)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, row: usize) -> Option<&mut T> {
        self.pages.get_mut(row / ROWS)?.get_mut(row % ROWS)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> + Clone {
        self.pages.iter().flatten()
    }

    /// The same, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.pages.iter_mut().flatten()
    }
}

impl<T> Index<usize> for Pages<T> {
    type Output = T;

    fn index(&self, row: usize) -> &T {
        &self.pages[row / ROWS][row % ROWS]
    }
}

impl<T> IndexMut<usize> for Pages<T> {
    fn index_mut(&mut self, row: usize) -> &mut T {
        &mut self.pages[row / ROWS][row % ROWS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_their_numbers_and_order() {
        let mut pages = Pages::default();
        assert!(pages.is_empty() && pages.get(0).is_none());
        for row in 0..3 * ROWS + 1 {
            assert_eq!((pages.len(), pages.push(row)), (row, row));
        }
        pages[ROWS] += 5;
        assert_eq!(pages.get(ROWS), Some(&(ROWS + 5)));
        assert!(pages.get(3 * ROWS + 1).is_none());
        for row in pages.iter_mut() {
            *row += 1;
        }
        let sum: usize = pages.iter().sum();
        assert_eq!(sum, (0..3 * ROWS + 1).map(|row| row + 1).sum::<usize>() + 5);
    }
}
