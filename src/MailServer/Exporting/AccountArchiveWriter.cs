using System.IO.Compression;
using MailServer.Domain.Accounts;
using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;
using MailServer.Web.Admin;

namespace MailServer.Exporting;

/// <summary>
/// Writes the mail, calendars and contacts of an account as a zip archive: <c>mail/</c> (mbox files, or a Maildir++), <c>calendars/</c> and <c>contacts/</c>. It reads one message at a time, so the
/// size of the mailbox does not matter.
/// </summary>
internal sealed class AccountArchiveWriter(string mailbox, DavAdministration dav, Account account, bool isMbox, TimeProvider time)
{
    private const string Mail = "mail/";

    private static readonly DateTime First = new(1980, 1, 2, 0, 0, 0, DateTimeKind.Utc);
    private static readonly DateTime Last = new(2107, 12, 30, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>Writes the archive. The stream is written synchronously; call this on a thread that may wait.</summary>
    public async Task WriteAsync(Stream output, CancellationToken cancel)
    {
        using var archive = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true);
        var names = new ExportNames(isMbox);
        foreach (var folder in new MaildirReader(mailbox).Folders)
        {
            if (isMbox) WriteMbox(archive, Mail + names.Of(folder.Name), folder, cancel);
            else WriteMaildir(archive, Mail + names.Of(folder.Name), folder, cancel);
        }

        foreach (var collection in await dav.ListAsync(account, cancel))
        {
            if (collection.SharedBy.Length > 0) continue;
            var isCalendar = collection.Kind == "calendar";
            await using var entry = Create(archive, isCalendar ? $"calendars/{collection.Name}.ics" : $"contacts/{collection.Name}.vcf");
            await dav.ExportAsync(account, (isCalendar ? "calendars/" : "addressbooks/") + collection.Name, entry, cancel);
        }
    }

    private void WriteMbox(ZipArchive archive, string name, MaildirFolder folder, CancellationToken cancel)
    {
        using var entry = Create(archive, name);
        foreach (var file in folder.Files)
        {
            cancel.ThrowIfCancellationRequested();
            if (file.Find() is { } path) MboxWriter.Append(entry, path, file.Flags);
        }
    }

    private void WriteMaildir(ZipArchive archive, string name, MaildirFolder folder, CancellationToken cancel)
    {
        var directory = name.EndsWith('/') ? name : name + "/";
        if (folder.Keywords.Count > 0)
        {
            using var keywords = new StreamWriter(Create(archive, directory + "dovecot-keywords"));
            foreach (var (number, keyword) in folder.Keywords.Index()) keywords.Write(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{number} {keyword}\n"));
        }

        // Programs take a directory for a folder if it has these.
        archive.CreateEntry(directory + "cur/");
        foreach (var file in folder.Files)
        {
            cancel.ThrowIfCancellationRequested();
            if (file.Find() is not { } path) continue;
            using var message = SafeFileReader.Stream(SafeFileReader.Open(path));
            var made = archive.CreateEntry(directory + "cur/" + file.ExportName);
            made.LastWriteTime = ZipTime(File.GetLastWriteTimeUtc(message.SafeFileHandle));
            using var entry = made.Open();
            message.CopyTo(entry);
        }
    }

    private Stream Create(ZipArchive archive, string name)
    {
        var entry = archive.CreateEntry(name);
        entry.LastWriteTime = ZipTime(time.GetUtcNow().UtcDateTime);
        return entry.Open();
    }

    /// <summary>Zip archives have times without a zone, here UTC, and know the years from 1980 to 2107 only.</summary>
    private static DateTimeOffset ZipTime(DateTime utc) => new(utc < First ? First : utc > Last ? Last : utc);
}
