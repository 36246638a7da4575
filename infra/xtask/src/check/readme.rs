//! Reads `README.md`'s table of endpoints: rows that begin `| family | METHOD | /path |`.

use std::collections::BTreeSet;

use super::Route;

pub(super) fn read(text: &str) -> BTreeSet<Route> {
    text.lines().filter_map(row).collect()
}

fn row(line: &str) -> Option<Route> {
    let mut cells = line
        .trim()
        .strip_prefix('|')?
        .split('|')
        .map(|cell| cell.trim().trim_matches('`'));
    let (family, method, path) = (cells.next()?, cells.next()?, cells.next()?);
    let is_method = !method.is_empty() && method.chars().all(|letter| letter.is_ascii_uppercase());
    let path = path.split_once('?').map_or(path, |(path, _query)| path);
    (is_method && path.starts_with('/')).then(|| Route {
        family: family.to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_rows_of_the_table_and_nothing_else() {
        let routes = read(
            "# Title\n\
             \n\
             | function | method | path | what |\n\
             |---|---|---|---|\n\
             | signup | POST | `/api/v1/desktop/signup` | starts a registration |\n\
             | cloud-accounts | DELETE | /api/v1/desktop/delete?id=UUID | forgets an account |\n\
             | TABLE_NAME | the table | /not/a/route |\n",
        );
        let routes: Vec<String> = routes.iter().map(Route::to_string).collect();
        assert_eq!(
            routes,
            [
                "DELETE /api/v1/desktop/delete (cloud-accounts)",
                "POST /api/v1/desktop/signup (signup)",
            ]
        );
    }
}
