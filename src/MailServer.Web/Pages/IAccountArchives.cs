using MailServer.Domain.Accounts;

namespace MailServer.Web.Pages;

/// <summary>Export and import of a user's own mail, calendars and contacts, as zip archives.</summary>
public interface IAccountArchives
{
    /// <summary>Writes an archive piece by piece.</summary>
    /// <param name="account">The account.</param>
    /// <param name="isMbox">True for mbox files, false for a Maildir.</param>
    /// <param name="output">Receives the archive.</param>
    /// <param name="cancel">Ends the export.</param>
    Task ExportAsync(Account account, bool isMbox, Stream output, CancellationToken cancel);

    /// <summary>Imports the mail (mbox files or a Maildir), calendars and contacts of an archive. What is there already is not imported twice.</summary>
    /// <exception cref="PageException">It is not an archive that can be imported.</exception>
    Task<ArchiveImport> ImportAsync(Account account, byte[] archive, CancellationToken cancel);
}

/// <summary>The result of an import.</summary>
/// <param name="Filed">Imported messages.</param>
/// <param name="Present">Messages that were there already.</param>
/// <param name="Entries">Imported events, tasks and contacts.</param>
/// <param name="Refused">What was refused, with the reasons; only the first ones if there are many.</param>
public sealed record ArchiveImport(long Filed, long Present, int Entries, IReadOnlyList<string> Refused);
