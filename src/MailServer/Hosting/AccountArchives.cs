using System.IO.Pipelines;
using MailServer.Actors.Maintenance;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Exporting;
using MailServer.Importing;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Import;
using MailServer.Storage.Directory;
using MailServer.Storage.Spool;
using MailServer.Web.Admin;
using MailServer.Web.Pages;

namespace MailServer.Hosting;

/// <summary>Export and import of a user's own data, for the web page.</summary>
internal sealed class AccountArchives(MailServerOptions options, MaintenanceService maintenance, MessageSpool spool, DavAdministration dav, TimeProvider time) : IAccountArchives
{
    private const int MostFiles = 100_000;
    private const int MostMessages = 50_000;
    private const long MostOctets = 512L * 1024 * 1024;
    private const int MostReasons = 20;
    private const string Mail = "mail/";
    private const string MboxEnd = ".mbox";

    public async Task ExportAsync(Account account, bool isMbox, Stream output, CancellationToken cancel)
    {
        var mailbox = AccountFolder.PathOf(options.Storage.MaildirPath, account.Id);
        FolderOwner.Verify(mailbox, account);
        // Archives are written synchronously, which responses do not allow. The pipe holds a small part of it.
        var pipe = new Pipe();
        var writing = Task.Run(() => FillAsync(new AccountArchiveWriter(mailbox, dav, account, isMbox, time), pipe.Writer, cancel), CancellationToken.None);
        try
        {
            await pipe.Reader.CopyToAsync(output, cancel);
        }
        finally
        {
            // If the client is gone, the writer fails with its next write.
            await pipe.Reader.CompleteAsync();
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async Task<ArchiveImport> ImportAsync(Account account, byte[] archive, CancellationToken cancel)
    {
        var refused = new List<string>();
        try
        {
            using var folder = ArchiveFolder.Unpack(archive, spool.CreateWorkDirectory(), MostFiles, MostOctets, cancel);
            var mail = await ImportMailAsync(account, folder, refused, cancel);
            var entries = await ImportEntriesAsync(account, folder, refused, cancel);
            return new ArchiveImport(mail.Filed, mail.AlreadyThere, entries, refused);
        }
        catch (InvalidDataException e)
        {
            throw PageException.Invalid($"{char.ToUpperInvariant(e.Message[0])}{e.Message[1..]}{(e.Message[^1] == '.' ? "" : ".")}", "file");
        }
        catch (IOException e)
        {
            throw new PageException(503, $"The import stopped: {e.Message}. Import the archive again later; messages that are there already are not imported twice.");
        }
    }

    private static async Task FillAsync(AccountArchiveWriter writer, PipeWriter pipe, CancellationToken cancel)
    {
        try
        {
            await using (var stream = pipe.AsStream(leaveOpen: true)) await writer.WriteAsync(stream, cancel);
            await pipe.CompleteAsync();
        }
        catch (Exception e)
        {
            // The reader gets it, and the response is cut off, so that an incomplete archive does not look complete.
            await pipe.CompleteAsync(e);
        }
    }

    private async Task<ImportSummary> ImportMailAsync(Account account, ArchiveFolder folder, List<string> refused, CancellationToken cancel)
    {
        void Refuse(string line)
        {
            if (refused.Count < MostReasons) refused.Add(line.Replace(folder.Path + "/", "", StringComparison.Ordinal));
        }

        using var report = new ImportReport(null, Refuse);
        using var target = new LiveTarget(maintenance.Import, account.Id);
        var sum = new ImportSummary(0, 0, 0, 0, 0);
        foreach (var source in SourcesIn(folder, Refuse))
        {
            var done = await new MailImporter(target, options.Security.MaxMessageSize, report, static _ => { }, time) { MostMessages = MostMessages - sum.Found }.RunAsync(source, cancel);
            sum = new ImportSummary(sum.Found + done.Found, sum.Filed + done.Filed, sum.AlreadyThere + done.AlreadyThere, sum.Refused + done.Refused, sum.Octets + done.Octets);
        }

        return sum;
    }

    private List<IMailSource> SourcesIn(ArchiveFolder folder, Action<string> refuse)
    {
        var sources = new List<IMailSource>();
        var maildirs = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in folder.Files())
        {
            if (file.Split('/') is [.., "cur" or "new", _] parts) maildirs.Add(parts[0] + "/" == Mail ? Mail : "");
            else if (file.EndsWith(MboxEnd, StringComparison.OrdinalIgnoreCase)) AddMbox(folder, file, sources, refuse);
        }

        foreach (var root in maildirs)
        {
            try
            {
                sources.Add(new MaildirSource(Path.Combine(folder.Path, root).TrimEnd('/'), options.Security.MaxMessageSize));
            }
            catch (DirectoryNotFoundException e)
            {
                refuse(e.Message);
            }
        }

        return sources;
    }

    private void AddMbox(ArchiveFolder folder, string file, List<IMailSource> sources, Action<string> refuse)
    {
        var name = (file.StartsWith(Mail, StringComparison.Ordinal) ? file[Mail.Length..] : file)[..^MboxEnd.Length];
        try
        {
            if (FolderName.TryParse(name, out var parsed)) sources.Add(new MboxSource(Path.Combine(folder.Path, file), parsed, options.Security.MaxMessageSize));
            else refuse($"{file}: its name is not a valid folder name here");
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            refuse(e.Message);
        }
    }

    /// <summary>Imports calendars and contacts, each into the collection with the name of the file, or into the first one.</summary>
    private async Task<int> ImportEntriesAsync(Account account, ArchiveFolder folder, List<string> refused, CancellationToken cancel)
    {
        var collections = await dav.ListAsync(account, cancel);
        var stored = 0;
        foreach (var file in folder.Files())
        {
            var kind = Path.GetExtension(file).ToLowerInvariant() switch { ".ics" => "calendar", ".vcf" => "addressbook", _ => null };
            if (kind is null) continue;
            var own = collections.Where(c => c.Kind == kind && c.SharedBy.Length == 0).ToList();
            if ((own.Find(c => c.Name == Path.GetFileNameWithoutExtension(file)) ?? own.FirstOrDefault()) is not { } collection)
            {
                refused.Add($"{file}: the account has no collection for it");
                continue;
            }

            try
            {
                var done = await dav.ImportAsync(account, (kind == "calendar" ? "calendars/" : "addressbooks/") + collection.Name, ImportFile.Read(NamedFile.ReadAll(Path.Combine(folder.Path, file), MostOctets)), cancel);
                stored += done.Stored;
                refused.AddRange(done.Refused.Take(MostReasons - Math.Min(MostReasons, refused.Count)).Select(r => $"{file}: {r}"));
            }
            catch (DavException e)
            {
                refused.Add($"{file}: {e.Message}");
            }
        }

        return stored;
    }
}
