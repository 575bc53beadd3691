//! Parts of a page that are rendered by themselves while it is open.

/// A part, rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// The `id` of its element.
    pub(crate) id: &'static str,
    /// The whole element.
    pub(crate) html: String,
}

/// A template over the page's view that stands for one element.
macro_rules! part {
    ($name:ident, $path:literal, $id:literal) => {
        #[derive(askama::Template)]
        #[template(path = $path)]
        pub(crate) struct $name<'a> {
            pub(crate) view: &'a View,
        }

        impl $name<'_> {
            pub(crate) fn part(&self) -> $crate::web::part::Part {
                let html = askama::Template::render(self).unwrap_or_default();
                $crate::web::part::Part { id: $id, html }
            }
        }
    };
}

pub(crate) use part;
