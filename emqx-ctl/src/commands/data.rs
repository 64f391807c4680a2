//! `data export|import`. The archive is made and read here; the daemon sends and takes rows.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use emqx_shared::request::{DataRequest, IMPORT_BYTES_MAX, IMPORT_ROWS_MAX, SecretRow};
use emqx_shared::{ExitCode, Request, View};

use super::Outcome;
use crate::app::{App, now_ms};
use crate::archive::{self, ArchiveError, Table};
use crate::cli::DataCommand;
use crate::compat::Compat;
use crate::connect::{Connection, unexpected};
use crate::failure::{CliFailure, Stop};
use crate::time::Civil;

pub fn run(command: DataCommand, app: &mut App) -> Outcome {
    match command {
        DataCommand::Export { dir } => export(dir, app),
        DataCommand::Import { file } => import(&file, app),
    }
}

fn export(dir: Option<PathBuf>, app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    let dir = dir.unwrap_or_else(|| PathBuf::from("."));
    let now = now_ms();
    let moment = Civil::new(now / 1000, app.printer.look.utc_offset).date_time();
    let moment = moment.replace([' ', ':'], "-");
    let stem = format!("emqx-export-{moment}.{:03}", now % 1000);
    let path = dir.join(format!("{stem}.tar.gz"));
    let compat = app.printer.look.compat;
    let result = write(&mut connection, &path, &stem, app);
    if let Err(Stop::Failure(failure)) = result {
        let reason = failure.why.as_ref().unwrap_or(&failure.message);
        let text = match compat {
            Compat::V5 => format!("[error] Data export failed, reason: {reason}.\n"),
            Compat::V4 => format!("The emqx data export failed due to {reason}.\n"),
        };
        return Err((*failure).classic(text).into());
    }
    result?;
    let shown = path.display();
    match compat {
        Compat::V5 => say(app, &format!("Data has been successfully exported to {shown}.")),
        Compat::V4 => say(
            app,
            &format!("The emqx data has been successfully exported to {shown}."),
        ),
    }?;
    Ok(ExitCode::Done)
}

fn write(connection: &mut Connection, path: &Path, stem: &str, app: &mut App) -> Result<(), Stop> {
    note(app, &format!("Exporting data to \"{}\"...", path.display()))?;
    note(app, "Exporting built-in database...")?;
    let mut tables: Vec<Table> = archive::TABLES.iter().map(|name| Table::new(name)).collect();
    connection.stream(&Request::Data(DataRequest::Export), &mut |view| {
        let View::DataRows(rows) = view else {
            return Err(unexpected(&view).into());
        };
        for row in rows {
            match tables.iter_mut().find(|table| table.name == row.table) {
                Some(table) => table.rows.push(row.row.0),
                None => return Err(unknown_table(&row.table).into()),
            }
        }
        Ok(())
    })?;
    for table in &tables {
        note(app, &format!("Exporting {} database table...", table.name))?;
    }
    archive::write(path, stem, &tables).map_err(|error| {
        CliFailure::new("cannot_create", ExitCode::CannotCreate, "the export cannot be written")
            .why(format!("{}: {error}", path.display()))
            .next("name a folder that you may write to: --dir DIR")
    })?;
    Ok(())
}

fn unknown_table(name: &str) -> CliFailure {
    CliFailure::new(
        "protocol",
        ExitCode::Protocol,
        format!("emqxd exports a table {name} that this emqx-ctl does not know"),
    )
    .next("install emqx-ctl and emqxd of the same version")
}

fn import(path: &Path, app: &mut App) -> Outcome {
    let tables = read(path).map_err(|failure| as_emqx(failure, app.printer.look.compat))?;
    let mut connection = app.connect()?;
    note(app, &format!("Importing data from \"{}\"...", path.display()))?;
    note(app, "Importing built-in database...")?;
    let mut imported = 0_u64;
    let mut refused = Vec::new();
    for table in tables {
        for rows in pieces(table.rows) {
            let request = Request::Data(DataRequest::Import {
                table: table.name.to_owned(),
                rows,
            });
            match connection.ask(&request) {
                Ok(View::RowsChanged(count)) => imported += count,
                Ok(other) => return Err(unexpected(&other).into()),
                // A row that is refused; anything else, such as a full disk, would meet the next piece, too.
                Err(failure) if failure.handled && failure.exit != ExitCode::Io => refused.push(failure),
                Err(failure) => return Err(as_emqx(failure, app.printer.look.compat).into()),
            }
        }
    }
    for failure in &refused {
        let mut text = Vec::new();
        failure.write_text(&mut text, false)?;
        eprint!("{}", String::from_utf8_lossy(&text));
    }
    match (refused.first(), imported, app.printer.look.compat) {
        (None, _, Compat::V5) => say(app, "Data has been imported successfully.")?,
        (None, _, Compat::V4) => say(app, "The emqx data has been imported successfully.")?,
        (Some(failure), 0, compat) => return Err(as_emqx(failure.clone(), compat).into()),
        (Some(_), _, _) => {
            say(
                app,
                "Data has been imported, but some errors occurred, see the log above.",
            )?;
            return Ok(ExitCode::PartialSuccess);
        }
    }
    Ok(ExitCode::Done)
}

fn as_emqx(failure: CliFailure, compat: Compat) -> CliFailure {
    let text = match compat {
        Compat::V5 => {
            let reason = failure.why.as_ref().unwrap_or(&failure.message);
            format!("[error] Data import failed, reason: {reason}.\n")
        }
        Compat::V4 => "The emqx data import failed.\n".to_owned(),
    };
    failure.classic(text)
}

fn read(path: &Path) -> Result<Vec<Table>, CliFailure> {
    let failed = |error: ArchiveError| {
        let (code, exit) = match &error {
            ArchiveError::Io(error) if error.kind() == io::ErrorKind::NotFound => ("no_input", ExitCode::NoInput),
            // It can be read, and is no archive or half of one.
            ArchiveError::Io(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
                ) =>
            {
                ("bad_data", ExitCode::BadData)
            }
            ArchiveError::Io(_) => ("io_error", ExitCode::Io),
            _ => ("bad_data", ExitCode::BadData),
        };
        CliFailure::new(code, exit, format!("{} was not imported", path.display())).why(error.to_string())
    };
    let file = File::open(path).map_err(|error| failed(error.into()))?;
    archive::read(file).map_err(failed)
}

/// Rows in pieces that fit into a request. One that fits into none goes alone, and is refused.
fn pieces(rows: Vec<String>) -> Vec<Vec<SecretRow>> {
    let mut pieces: Vec<Vec<SecretRow>> = Vec::new();
    let mut bytes = 0;
    for row in rows {
        let full = |piece: &Vec<SecretRow>| piece.len() >= IMPORT_ROWS_MAX || bytes + row.len() > IMPORT_BYTES_MAX;
        if pieces.last().is_none_or(full) {
            pieces.push(Vec::new());
            bytes = 0;
        }
        bytes += row.len();
        if let Some(piece) = pieces.last_mut() {
            piece.push(SecretRow(row));
        }
    }
    pieces
}

/// What happened: the data of this verb.
fn say(app: &mut App, line: &str) -> io::Result<()> {
    if app.is_text() {
        app.printer.raw(&format!("{line}\n"))
    } else {
        Ok(())
    }
}

/// How far it has come: EMQX prints it with the rest.
fn note(app: &mut App, line: &str) -> io::Result<()> {
    if app.printer.look.compat == Compat::V5 && !app.printer.look.quiet {
        say(app, line)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_go_in_pieces_that_the_daemon_takes() {
        let rows: Vec<String> = (0..1200).map(|_| "x".repeat(100)).collect();
        let sizes: Vec<usize> = pieces(rows).iter().map(Vec::len).collect();
        assert_eq!(sizes, [491, 491, 218]);
        assert_eq!(pieces(vec!["x".repeat(IMPORT_BYTES_MAX + 1), "y".to_owned()]).len(), 2);
        assert!(pieces(Vec::new()).is_empty());
    }
}
